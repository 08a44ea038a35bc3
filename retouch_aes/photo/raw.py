"""Camera RAW, developed by LibRaw through rawpy: the camera's white balance, sRGB, 16 bit, upright.

Brightness is LibRaw's automatic one (it lets one pixel in a thousand clip), since RAW numbers have no
brightness of their own; the retouching starts from there.
"""

import contextlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import MissingExtraError
from retouch_aes.photo.guard import check_size, complaint, hearing
from retouch_aes.photo.metadata import Metadata
from retouch_aes.photo.metadata.reading import of_raw

_SRGB_CURVE = (2.4, 12.92)


def read_raw(
    path: Path, file: IO[bytes], max_pixels: int
) -> tuple[NDArray[np.uint16], Metadata, tuple[str, ...]]:
    """Developed pixels `(H, W, 3)`, grey ones `(H, W)`, upright; the metadata, which are not; complaints."""
    try:
        import rawpy
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading camera RAW", "photo") from error
    file.seek(0)
    with hearing() as lines, rawpy.imread(file) as raw:
        check_size(path, raw.sizes.width, raw.sizes.height, max_pixels)
        pixels: NDArray[np.uint16] = raw.postprocess(
            use_camera_wb=True,
            output_color=rawpy.ColorSpace.sRGB,
            gamma=_SRGB_CURVE,
            output_bps=16,
            auto_bright_thr=0.001,
        )
        preview = _preview(raw)
    pixels = pixels[..., 0] if pixels.shape[2] == 1 else pixels  # of a camera without colours
    return pixels, of_raw(path, file, preview), complaint(lines, "LibRaw")


def metadata_of_raw(path: Path, file: IO[bytes]) -> Metadata:
    """The metadata alone; pixels are not developed, and LibRaw is asked only where the file does not tell."""
    found = of_raw(path, file, b"")
    if found.exif:
        return found
    try:
        import rawpy
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading camera RAW", "photo") from error
    file.seek(0)
    with hearing(), rawpy.imread(file) as raw:
        preview = _preview(raw)
    return of_raw(path, file, preview)


def _preview(raw: Any) -> bytes:
    with contextlib.suppress(Exception):  # no preview, or one that is no JPEG: the photo stands without it
        data = raw.extract_thumb().data
        return data if isinstance(data, bytes) and data.startswith(b"\xff\xd8") else b""
    return b""

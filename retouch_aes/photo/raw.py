"""Camera RAW, developed by LibRaw through rawpy: the camera's white balance, sRGB, 16 bit, upright.

Brightness is LibRaw's automatic one (it lets one pixel in a thousand clip), since RAW numbers have no
brightness of their own; the retouching starts from there.
"""

import contextlib
import io
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import JpegImagePlugin

from retouch_aes.errors import MissingExtraError
from retouch_aes.photo import exif, tiff
from retouch_aes.photo.guard import check_size, complaint, hearing

_SRGB_CURVE = (2.4, 12.92)


def read_raw(
    path: Path, file: IO[bytes], max_pixels: int
) -> tuple[NDArray[np.uint16], bytes, tuple[str, ...]]:
    """Developed pixels `(H, W, 3)`, the EXIF block, upright, and what LibRaw complained about."""
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
        block = tiff.exif_of(file) or _preview_exif(raw)
    return pixels, exif.upright(block), complaint(lines, "LibRaw")


def preview_exif(path: Path, file: IO[bytes]) -> bytes:
    """The EXIF block of the preview in a camera RAW; its pixels are not developed."""
    try:
        import rawpy
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading camera RAW", "photo") from error
    file.seek(0)
    with hearing(), rawpy.imread(file) as raw:
        return _preview_exif(raw)


def _preview_exif(raw: Any) -> bytes:
    with contextlib.suppress(Exception):  # no preview, or one that is no JPEG: the photo stands without EXIF
        preview = JpegImagePlugin.JpegImageFile(io.BytesIO(raw.extract_thumb().data), "")
        return exif.normal(preview.info.get("exif"))
    return b""

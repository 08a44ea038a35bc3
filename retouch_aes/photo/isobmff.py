"""HEIC through pillow-heif, and the colour box that HEIC and AVIF share (ISO/IEC 14496-12, "colr")."""

import struct
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.errors import MissingExtraError

_HEAD = 1 << 16


def color_codes(file: IO[bytes]) -> tuple[int, int] | None:
    """Colour primaries and transfer characteristics of the first nclx colour box, or None."""
    file.seek(0)
    head = file.read(_HEAD)
    at = head.find(b"colrnclx")
    if at < 0 or at + 12 > len(head):
        return None
    primaries, transfer = struct.unpack_from(">HH", head, at + 8)
    return primaries, transfer


def pillow_heif(path: Path, doing: str) -> Any:
    """The optional package, or the line that installs it."""
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingExtraError(f"{path}: {doing} HEIC", "photo") from error
    return pillow_heif


def open_heif(path: Path, file: IO[bytes]) -> Any:
    """pillow-heif's lazy file; more than 8 bits come as 16. Its pixels are upright already."""
    library = pillow_heif(path, "reading")
    file.seek(0)
    return library.open_heif(file, convert_hdr_to_8bit=False)


def heif_pixels(opened: Any) -> Image.Image | NDArray[np.uint16]:
    """The primary picture: a Pillow image for 8 bits, else uint16 `(H, W)` or `(H, W, C)`."""
    if ";16" not in opened.mode:
        image: Image.Image = opened.to_pillow()
        return image
    array: NDArray[np.uint16] = np.asarray(opened)
    return array[:, : opened.size[0]]

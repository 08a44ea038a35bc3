"""`preview`: a photo as a small 8 bit picture for the screen, as `read` would show it but sooner.

Upright and in sRGB like `read`. A JPEG is decoded at a half, a quarter or an eighth of its size where that is
still large enough, and nothing becomes a float tensor. Transparency is laid on the grey that reflects 18 % of
the light.
"""

from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.errors import PhotoError
from retouch_aes.photo import jpeg, raster, reading
from retouch_aes.photo.guard import check_size, decoding, opened
from retouch_aes.photo.kinds import kind_of
from retouch_aes.photo.metadata.reading import metadata_of
from retouch_aes.photo.orientation import upright_array, upright_image
from retouch_aes.photo.raster import Decoded
from retouch_aes.photo.source import Pixels

_GROUND = (119, 119, 119)
_HEAD = 4096
_SIDEWAYS = (5, 6, 7, 8)


class Preview(NamedTuple):
    """An RGB picture, and the size in pixels of the upright photo that it shows."""

    image: Image.Image
    width: int
    height: int


def preview(path: str | Path, long_side: int, *, max_pixels: int = reading.MAX_PIXELS) -> Preview:
    """The photo at `path` with its long side at most `long_side` pixels; never enlarged.

    Raises `PhotoError`, naming the file, for whatever `read` refuses.
    """
    path = Path(path)
    try:
        with opened(path) as file:
            head = file.read(_HEAD)
            kind = kind_of(path, head)
            with decoding(path, kind):
                if kind == "JPEG":
                    return _jpeg(path, file, long_side, max_pixels)
                return _shown(reading.decode(path, file, head, kind, max_pixels), long_side)
    except OSError as error:
        raise PhotoError(f"{path}: this file cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise PhotoError(f"{path!s}: this is not a usable file name ({error})") from error


def _jpeg(path: Path, file: IO[bytes], long_side: int, max_pixels: int) -> Preview:
    image = raster.open_raster(file, "JPEG")
    width, height = image.size
    check_size(path, width, height, max_pixels)
    scale = long_side / max(width, height)
    if scale < 1:
        image.draft(image.mode, (max(1, round(width * scale)), max(1, round(height * scale))))
    try:
        image.load()
    except OSError:  # cut short, or nothing but its end marker is missing
        whole, _ = jpeg.sound(file)
        if whole is file:
            raise
        image = raster.open_raster(whole, "JPEG")
        image.load()
    profile = raster.source_profile(path, file, "JPEG", image.info)
    decoded = raster.decode(path, image, profile, metadata_of("JPEG", file, image.info))
    shown = _shown(decoded, long_side).image
    return Preview(shown, *((height, width) if decoded.orientation in _SIDEWAYS else (width, height)))


def _shown(decoded: Decoded, long_side: int) -> Preview:
    whole = _upright(decoded.colour, decoded.orientation)
    colour = _shrunk(whole, long_side).convert("RGB")
    if decoded.alpha is not None:
        alpha = _shrunk(_upright(decoded.alpha, decoded.orientation), long_side)
        colour = Image.composite(colour, Image.new("RGB", colour.size, _GROUND), alpha)
    return Preview(colour, *whole.size)


def _upright(pixels: Pixels, orientation: int) -> Image.Image:
    if isinstance(pixels, Image.Image):
        return upright_image(pixels, orientation)
    levels: NDArray[np.uint8] = ((pixels + np.uint32(128)) // 257).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(upright_array(levels, orientation)))


def _shrunk(image: Image.Image, long_side: int) -> Image.Image:
    scale = long_side / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)

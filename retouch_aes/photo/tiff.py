"""TIFF: what the first directory says, and 16 bit pixels through tifffile (TIFF 6.0)."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from retouch_aes.errors import MissingExtraError, PhotoError
from retouch_aes.photo import exif
from retouch_aes.photo.photo import Metadata

XMP, IPTC, ICC, EXIF_IFD, GPS_IFD = 700, 33723, 34675, 34665, 34853
# Description, make, model, orientation, unit, software, date, artist, ratings, copyright.
KEPT = (270, 271, 272, 274, 296, 305, 306, 315, 18246, 18249, 33432)
"""Tags of the first directory that describe the photo rather than its storage."""
_PHOTOMETRIC = {0: "white is zero", 1: "grey", 2: "RGB", 5: "CMYK"}


@dataclass(frozen=True)
class TiffHeader:
    """The first picture of a TIFF, before its pixels are read."""

    width: int
    height: int
    bits: int
    metadata: Metadata
    profile: bytes


def header(path: Path, file: IO[bytes]) -> TiffHeader:
    """Read the first directory; refuse floating point and bit depths that are neither 8 nor 16."""
    file.seek(0)
    start = file.read(8)
    if start[2:4] in (b"\x2b\x00", b"\x00\x2b"):
        start += file.read(8)
    tags = TiffImagePlugin.ImageFileDirectory_v2(start)
    file.seek(tags.next)
    tags.load(file)
    bits = _numbers(tags.get(258, (1,)))
    kinds = _numbers(tags.get(339, (1,)))
    width, height = int(tags[256]), int(tags[257])
    if any(kind == 3 for kind in kinds):
        raise PhotoError(
            f"{path}: floating point TIFF ({max(bits)} bit) is not supported (where is its white?); "
            "export it as 16 bit integer TIFF"
        )
    if len(set(bits)) > 1 or bits[0] not in (1, 4, 8, 16) or any(kind in (2, 5, 6) for kind in kinds):
        raise PhotoError(
            f"{path}: TIFF with {bits} bits a channel is not supported; export it as 8 or 16 bit"
        )
    metadata = Metadata(exif_of(file), _data(tags, XMP), _data(tags, IPTC), _dpi(tags))
    return TiffHeader(width, height, bits[0], metadata, _data(tags, ICC))


def exif_of(file: IO[bytes]) -> bytes:
    """The EXIF block of a TIFF or a TIFF-like RAW: its descriptive tags and its Exif and GPS directories."""
    with contextlib.suppress(Exception):  # metadata must not stop a photo; the pixels are checked elsewhere
        file.seek(0)
        source, kept = Image.Exif(), Image.Exif()
        source.load_from_fp(file)
        for tag in KEPT:
            if tag in source:
                kept[tag] = source[tag]
        for directory in (EXIF_IFD, GPS_IFD):
            if entries := source.get_ifd(directory):
                kept[directory] = dict(entries)
        return exif.normal(kept.tobytes()) if len(kept) else b""
    return b""


def read_deep(path: Path, file: IO[bytes]) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None]:
    """16 bit pixels `(H, W)`, `(H, W, 3)` or CMYK `(H, W, 4)` as stored, and alpha `(H, W)` or None."""
    try:
        import imagecodecs  # noqa: F401  (tifffile decompresses with it)
        import tifffile
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading a 16 bit TIFF without loss", "photo") from error
    file.seek(0)
    with tifffile.TiffFile(file) as container:
        page = container.pages.first
        photometric, extras = int(page.photometric), tuple(int(extra) for extra in page.extrasamples)
        if photometric not in _PHOTOMETRIC:
            raise PhotoError(
                f"{path}: 16 bit TIFF of colour space {photometric} is not supported; export it as RGB"
            )
        if len(page.dataoffsets) == 0 or 0 in page.dataoffsets or 0 in page.databytecounts:
            raise ValueError("parts of the pixels are missing")
        array: NDArray[np.uint16] = page.asarray()
        if page.axes.startswith("S"):
            array = np.moveaxis(array, 0, -1)
    count = {0: 1, 1: 1, 2: 3, 5: 4}[photometric]
    array = array.reshape(array.shape[0], array.shape[1], -1)
    if array.dtype != np.uint16 or array.shape[2] < count:
        raise ValueError(f"unexpected pixels: {array.dtype} {array.shape}")
    colour, alpha = array[..., :count], None
    for index, extra in enumerate(extras):
        if extra in (1, 2) and count + index < array.shape[2]:
            alpha = array[..., count + index]
            colour = _divided(colour, alpha) if extra == 1 else colour
            break
    if photometric == 0:
        colour = 65535 - colour
    return (colour[..., 0] if count == 1 else colour), alpha


def _divided(colour: NDArray[np.uint16], alpha: NDArray[np.uint16]) -> NDArray[np.uint16]:
    whole = np.maximum(alpha, 1).astype(np.float32)[..., None]
    return np.minimum(colour * (65535 / whole) + 0.5, 65535).astype(np.uint16)


def _numbers(value: Any) -> tuple[int, ...]:
    return tuple(int(number) for number in (value if isinstance(value, tuple) else (value,)))


def _data(tags: TiffImagePlugin.ImageFileDirectory_v2, tag: int) -> bytes:
    value = tags.get(tag, b"")
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return value.encode("utf-8")
    if isinstance(value, tuple):  # IPTC is often stored as 32 bit words, in the order of the file
        letter = "<" if tags.prefix == b"II" else ">"
        return (
            np.array(value, f"{letter}u4").tobytes() if all(isinstance(item, int) for item in value) else b""
        )
    return bytes(value) if isinstance(value, bytes) else b""


def _dpi(tags: TiffImagePlugin.ImageFileDirectory_v2) -> tuple[float, float] | None:
    with contextlib.suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        factor = {2: 1.0, 3: 2.54}[int(tags.get(296, 2))]
        across, down = float(tags[282]) * factor, float(tags[283]) * factor
        return (across, down) if 0 < across < 1e6 and 0 < down < 1e6 else None
    return None

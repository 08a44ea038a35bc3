"""TIFF: what the directory of the first picture says, and 16 bit pixels through tifffile (TIFF 6.0).

The first picture is the first directory that is neither a thumbnail (bit 0 of NewSubfileType, or the old
SubfileType 2) nor a mask (bit 2).
"""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin

from retouch_aes.errors import MissingExtraError, PhotoError
from retouch_aes.photo.metadata import Metadata
from retouch_aes.photo.metadata.reading import of_tiff

_ICC = 34675
_SUBFILE, _OLD_SUBFILE = 254, 255
_PAGES = 10_000
_PHOTOMETRIC = {0: "white is zero", 1: "grey", 2: "RGB", 5: "CMYK"}


@dataclass(frozen=True)
class TiffHeader:
    """The first picture of a TIFF, before its pixels are read.

    `page` counts directories from 0; `pages` is how many pictures there are, thumbnails and masks left aside.
    """

    width: int
    height: int
    bits: int
    metadata: Metadata
    profile: bytes
    page: int = 0
    pages: int = 1


def header(path: Path, file: IO[bytes]) -> TiffHeader:
    """Read the first picture's directory; refuse floating point and depths that are neither 8 nor 16."""
    start = _start(file)
    directories, pictures = _pictures(file, start)
    page, at = pictures[0], directories[pictures[0]]
    tags = TiffImagePlugin.ImageFileDirectory_v2(start)
    file.seek(at)
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
    metadata = replace(of_tiff(file, at), dpi=_dpi(tags))
    return TiffHeader(width, height, bits[0], metadata, _data(tags, _ICC), page, len(pictures))


def first_picture(file: IO[bytes]) -> int:
    """The place of the directory of the first picture."""
    directories, pictures = _pictures(file, _start(file))
    return directories[pictures[0]]


def _pictures(file: IO[bytes], start: bytes) -> tuple[list[int], list[int]]:
    """The places of all directories, and the numbers of those that are pictures in their own right."""
    directories = list(_directories(file, start))
    pictures = [number for number, (_, picture) in enumerate(directories) if picture]
    return [at for at, _ in directories], pictures or [0]


def _start(file: IO[bytes]) -> bytes:
    file.seek(0)
    start = file.read(8)
    return start + file.read(8) if start[2:4] in (b"\x2b\x00", b"\x00\x2b") else start


def _directories(file: IO[bytes], start: bytes) -> Iterator[tuple[int, bool]]:
    """The place of each directory in the chain, and whether it is a picture in its own right."""
    endian, big = ("<" if start[:2] == b"II" else ">"), len(start) == 16
    count, entry, link = ("Q", "HHQQ", "Q") if big else ("H", "HHII", "I")
    (at,) = struct.unpack(endian + link, start[8:16] if big else start[4:8])
    seen: set[int] = set()
    while at and at not in seen and len(seen) < _PAGES:
        seen.add(at)
        file.seek(at)
        try:
            (number,) = struct.unpack(endian + count, file.read(struct.calcsize(endian + count)))
            width = struct.calcsize(endian + entry)
            body = file.read(width * number)
            (after,) = struct.unpack(endian + link, file.read(struct.calcsize(endian + link)))
        except (struct.error, OverflowError):
            if len(seen) > 1:
                return  # a chain that leads nowhere: what came before stands
            raise ValueError("its first directory is cut short") from None
        kinds = dict(_short_values(body, endian, width))
        yield at, not (kinds.get(_SUBFILE, 0) & 5 or kinds.get(_OLD_SUBFILE) == 2)
        at = after


def _short_values(body: bytes, endian: str, width: int) -> Iterator[tuple[int, int]]:
    """Tag and value of the entries that hold one short or long number."""
    place = width // 2 + 2 if width == 20 else 8
    for start in range(0, len(body) - width + 1, width):
        tag, kind = struct.unpack_from(endian + "HH", body, start)
        if kind in (3, 4):
            yield tag, struct.unpack_from(endian + ("H" if kind == 3 else "I"), body, start + place)[0]


def read_deep(
    path: Path, file: IO[bytes], number: int = 0
) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None]:
    """16 bit pixels `(H, W)`, `(H, W, 3)` or CMYK `(H, W, 4)` as stored, and alpha `(H, W)` or None.

    `number` is that of the page, counted from 0.
    """
    try:
        import imagecodecs  # noqa: F401  (tifffile decompresses with it)
        import tifffile
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading a 16 bit TIFF without loss", "photo") from error
    file.seek(0)
    with tifffile.TiffFile(file) as container:
        page = container.pages[number]
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
    return bytes(value) if isinstance(value, bytes) else b""


def _dpi(tags: TiffImagePlugin.ImageFileDirectory_v2) -> tuple[float, float] | None:
    with contextlib.suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        factor = {2: 1.0, 3: 2.54}[int(tags.get(296, 2))]
        across, down = float(tags[282]) * factor, float(tags[283]) * factor
        return (across, down) if 1 < across < 1e6 and 1 < down < 1e6 else None  # 1 stands for unknown
    return None

"""TIFF: what the directory of the first picture says, and 16 bit pixels through tifffile (TIFF 6.0).

The first picture is the first directory that is neither a thumbnail (bit 0 of NewSubfileType, the old
SubfileType 2, or small beside a much larger one of its shape) nor a mask (bit 2). Where the chain holds
thumbnails alone, it is the first such directory below them (SubIFDs, as in DNG and TIFF/EP).
"""

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import MissingExtraError, PhotoError
from retouch_aes.photo.metadata import Metadata
from retouch_aes.photo.metadata.reading import of_tiff
from retouch_aes.photo.metadata.tiff_directory import MAX_VALUE, RATIONAL, Entry, Tiff

_ICC, _BITS, _SAMPLE_FORMAT, _SUB_DIRECTORIES = 34675, 258, 339, 330
_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT = 254, 255, 256, 257
_PAGES, _BELOW = 10_000, 100
_THUMBNAIL = 512
"""Pixels that the long side of an unmarked thumbnail has at most."""
_SAME_SHAPE = 0.05
_CUT = "the file is damaged, and a part of the picture may be wrong (values of {} tags are not there)"
_PHOTOMETRIC = {0: "white is zero", 1: "grey", 2: "RGB", 5: "CMYK"}


@dataclass(frozen=True)
class TiffHeader:
    """The first picture of a TIFF, before its pixels are read.

    `page` counts directories of `file` from 0; `pages` is how many pictures there are, thumbnails and masks
    left aside. `file` is a copy where the picture hangs below another directory, which decoders do not
    follow. `warnings` are sentences about what is damaged.
    """

    width: int
    height: int
    bits: int
    metadata: Metadata
    profile: bytes
    file: IO[bytes]
    page: int = 0
    pages: int = 1
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Directory:
    """A directory: its place, its number in the chain (None below another), its size."""

    at: int
    page: int | None
    width: int
    height: int
    marked: bool  # as a thumbnail or a mask


def header(path: Path, file: IO[bytes]) -> TiffHeader:
    """Read the first picture's directory; refuse floating point and depths that are neither 8 nor 16."""
    tiff = Tiff.of_file(file)
    pictures = _pictures(tiff)
    first = pictures[0]
    if not first.width or not first.height:
        raise ValueError("its first directory is cut short")
    tags = {entry.tag: entry for entry in reversed(list(tiff.entries(first.at)))}
    bits, kinds = (_numbers(tiff, tags, tag) for tag in (_BITS, _SAMPLE_FORMAT))
    if 3 in kinds:
        raise PhotoError(
            f"{path}: floating point TIFF ({max(bits)} bit) is not supported (where is its white?); "
            "export it as 16 bit integer TIFF"
        )
    if len(set(bits)) > 1 or bits[0] not in (1, 4, 8, 16) or {2, 5, 6} & set(kinds):
        raise PhotoError(
            f"{path}: TIFF with {bits} bits a channel is not supported; export it as 8 or 16 bit"
        )
    if tiff.big and tiff.endian == ">" and bits[0] != 16:
        raise PhotoError(f"{path}: a BigTIFF of big-endian byte order is not supported; export it as TIFF")
    cut = [entry.tag for entry in tags.values() if not tiff.data(entry) and 0 < entry.size <= MAX_VALUE]
    return TiffHeader(
        first.width,
        first.height,
        bits[0],
        replace(of_tiff(file, first.at), dpi=_dpi(tiff, tags)),
        tiff.data(tags[_ICC]) if _ICC in tags else b"",
        file if first.page is not None else _beginning_with(file, tiff, first.at),
        first.page or 0,
        len(pictures),
        (_CUT.format(len(cut)),) if cut else (),
    )


def first_picture(file: IO[bytes]) -> int:
    """The place of the directory of the first picture."""
    return _pictures(Tiff.of_file(file))[0].at


def _pictures(tiff: Tiff) -> list[_Directory]:
    """The pictures in their own right: those of the chain, or where there are none, those below it.

    A small one beside which a much larger one of its shape stands is its thumbnail, marked or not.
    """
    every = list(_directories(tiff))
    chain = [one for one in every if one.page is not None]
    own = [one for one in every if not one.marked and not any(_is_thumbnail(one, other) for other in every)]
    return [one for one in own if one.page is not None] or own or chain[:1]


def _is_thumbnail(one: _Directory, other: _Directory) -> bool:
    if not 0 < max(one.width, one.height) <= _THUMBNAIL or other.marked or not one.height or not other.height:
        return False
    alike = abs(one.width / one.height * other.height / max(1, other.width) - 1) < _SAME_SHAPE
    return alike and other.width >= 2 * one.width


def _directories(tiff: Tiff) -> Iterator[_Directory]:
    """The directories of the chain, each before those that hang below it."""
    at, page, seen = tiff.first, 0, set[int]()
    while at and at not in seen and len(seen) < _PAGES:
        seen.add(at)
        first = _directory(tiff, at, page)
        if page and not first.width:
            return  # a chain that leads nowhere: what came before stands
        yield first
        below = tiff.find(at, _SUB_DIRECTORIES)
        for place in tiff.numbers(below)[:_BELOW] if below is not None else ():
            if place not in seen and 8 <= place < tiff.length:
                seen.add(place)
                yield _directory(tiff, place, None)
        at, page = tiff.following(at), page + 1


def _directory(tiff: Tiff, at: int, page: int | None) -> _Directory:
    wanted = (_WIDTH, _HEIGHT, _SUBFILE, _OLD_SUBFILE)
    tags = {entry.tag: entry for entry in reversed(list(tiff.entries(at))) if entry.tag in wanted}
    width, height, subfile, old = (next(iter(_numbers(tiff, tags, tag, 0)), 0) for tag in wanted)
    return _Directory(at, page, width, height, bool(subfile & 5) or old == 2)


def _beginning_with(file: IO[bytes], tiff: Tiff, at: int) -> IO[bytes]:
    """A copy of `file` whose chain begins with the directory at that place."""
    file.seek(0)
    data = bytearray(file.read())
    struct.pack_into(tiff.endian + ("Q" if tiff.big else "I"), data, tiff.pointer_at, at)
    return io.BytesIO(data)


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


def _numbers(tiff: Tiff, tags: Mapping[int, Entry], tag: int, default: int = 1) -> tuple[int, ...]:
    return (tiff.numbers(tags[tag]) if tag in tags else ()) or (default,)


def _dpi(tiff: Tiff, tags: Mapping[int, Entry]) -> tuple[float, float] | None:
    factor = {2: 1.0, 3: 2.54}.get(_numbers(tiff, tags, 296, 2)[0])
    found = [tiff.data(tags[tag]) for tag in (282, 283) if tag in tags and tags[tag].kind == RATIONAL]
    if factor is None or [len(data) for data in found] != [8, 8]:
        return None
    parts = [struct.unpack(tiff.endian + "II", data) for data in found]
    across, down = (above / max(below, 1) * factor for above, below in parts)
    return (across, down) if 1 < across < 1e6 and 1 < down < 1e6 else None  # 1 stands for unknown

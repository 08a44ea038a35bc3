"""EXIF blocks changed in place: what is not changed keeps its bytes and its offset, maker notes above all.

A block is a small TIFF file without the "Exif" prefix that JPEG puts before it (CIPA DC-008, section 4.5).
Changed are orientation, size, colour space and subject area; the thumbnail is cut off or blanked, since it
shows the photo before its edit. A block may be damaged: what can be read is kept, and nothing raises.
"""

import struct
from collections.abc import Sequence

from retouch_aes.photo.metadata.tiff_directory import (
    EXIF_IFD,
    GPS_IFD,
    INTEROP_IFD,
    LONG,
    SHORT,
    Entry,
    Tiff,
)
from retouch_aes.photo.metadata.turning import Move, Turn

PREFIX = b"Exif\x00\x00"
_WIDTH, _HEIGHT, _ORIENTATION, _COLOR_SPACE, _EXIF_WIDTH, _EXIF_HEIGHT = 256, 257, 274, 0xA001, 0xA002, 0xA003
_INTEROP_INDEX, _SUBJECT_AREA, _SUBJECT_LOCATION = 1, 0x9214, 0xA214
_SOURCE_COLOR = (301, 318, 319, 0xA500)  # transfer function, white point, primaries, gamma
_SRGB = 1
_HEADER = 8  # bytes, before which nothing is written
_MOST_STRIPS = 1000
_THUMBNAIL = ((513, 514), (273, 279))  # offset and length, as JPEG and as strips


def normal(exif: bytes | None) -> bytes:
    """The TIFF block of `exif`, without the prefix some formats put before it; b"" for what is not one."""
    data = bytes(exif or b"").removeprefix(PREFIX)
    try:
        tiff = Tiff.of(data)
    except ValueError:
        return b""
    return (
        data
        if tiff.first >= _HEADER and not tiff.big and next(tiff.entries(tiff.first), None) is not None
        else b""
    )


def orientation(exif: bytes) -> int | None:
    """The orientation 1..8 that `exif` states, the first of several; None where it states none."""
    if not exif:
        return None
    tiff = Tiff.of(exif)
    entry = tiff.find(tiff.first, _ORIENTATION)
    numbers = tiff.numbers(entry) if entry is not None else ()
    return numbers[0] if numbers and 1 <= numbers[0] <= 8 else None


def missing(exif: bytes) -> int:
    """How many values of the main, Exif and GPS directories are said to lie where the block has no bytes."""
    if not exif:
        return 0
    tiff, count = Tiff.of(exif), 0
    for tag in (0, EXIF_IFD, GPS_IFD):
        directory = tiff.pointer(tiff.first, tag) if tag else tiff.first
        entries = list(tiff.entries(directory)) if directory else []
        count += sum(entry.size > 0 and not tiff.data(entry) for entry in entries)
        count += tag != 0 and not directory and tiff.find(tiff.first, tag) is not None
    return count


def value(exif: bytes, where: str, tag: int) -> bytes:
    """The bytes of one entry, in the directory "main", "exif" or "gps"; b"" where there is none."""
    if not exif:
        return b""
    tiff = Tiff.of(exif)
    inner = {"main": 0, "exif": EXIF_IFD, "gps": GPS_IFD}[where]
    directory = tiff.pointer(tiff.first, inner) if inner else tiff.first
    entry = tiff.find(directory, tag) if directory else None
    return tiff.data(entry) if entry is not None else b""


def says_adobe_rgb(exif: bytes) -> bool:
    """Whether `exif` marks the photo as Adobe RGB the camera's way: interoperability index "R03" (DCF)."""
    if not normal(exif):
        return False
    block = _Block(exif)
    return any(entry.tag == _INTEROP_INDEX and block.text(entry) == b"R03" for entry in block.interop)


def upright(exif: bytes, width: int, height: int, turn: int) -> bytes:
    """`exif` with orientation 1 and its subject area turned; the stored photo has this size and turn."""
    if not exif:
        return b""
    block = _Block(exif)
    for entry in block.main:
        if entry.tag == _ORIENTATION:
            block.set(entry, SHORT, 1)
    for entry in block.inner:
        if entry.tag in (_SUBJECT_AREA, _SUBJECT_LOCATION) and turn != 1:
            block.set_shorts(entry, _moved(block.tiff.numbers(entry), Turn(width, height, turn)))
    return bytes(block.data)


def moved(exif: bytes, to: Move) -> bytes:
    """`exif` of a picture whose places have moved; a subject that is no longer in it is taken out."""
    if not exif:
        return b""
    block = _Block(exif)
    gone = []
    for entry in block.inner:
        if entry.tag in (_SUBJECT_AREA, _SUBJECT_LOCATION):
            numbers = block.tiff.numbers(entry)
            if len(numbers) >= 2 and not to.holds(numbers[0], numbers[1]):
                gone.append(entry.tag)
            else:
                block.set_shorts(entry, _moved(numbers, to))
    block.drop(gone)
    return bytes(block.data)


def for_srgb(exif: bytes, width: int, height: int, scale: tuple[float, float] | None = (1.0, 1.0)) -> bytes:
    """`exif` for an upright sRGB photo of this size: dimensions, colour space, orientation; no thumbnail.

    `scale` is how many times larger the photo has become since it was read, across and down; None where its
    shape has changed, and then the subject area is taken out.
    """
    if not exif:
        return b""
    block = _Block(exif)
    block.drop_thumbnail()
    stated = next((block.tiff.numbers(entry) for entry in block.inner if entry.tag == _COLOR_SPACE), ())
    sizes = {_WIDTH: width, _HEIGHT: height, _EXIF_WIDTH: width, _EXIF_HEIGHT: height}
    for entry in [*block.main, *block.inner]:
        if entry.tag in sizes:
            long = entry.kind == LONG or sizes[entry.tag] > 65535
            block.set(entry, LONG if long else SHORT, sizes[entry.tag])
        elif entry.tag == _COLOR_SPACE:
            block.set(entry, SHORT, _SRGB)
        elif entry.tag == _ORIENTATION:
            block.set(entry, SHORT, 1)
        elif entry.tag in (_SUBJECT_AREA, _SUBJECT_LOCATION) and scale and scale != (1.0, 1.0):
            numbers = block.tiff.numbers(entry)
            block.set_shorts(entry, [round(n * scale[at % 2]) for at, n in enumerate(numbers)])
    for entry in block.interop:
        if entry.tag == _INTEROP_INDEX and entry.at >= _HEADER and block.text(entry) == b"R03":
            block.data[entry.at : entry.at + 3] = b"R98"
    if stated != (_SRGB,):
        block.drop(_SOURCE_COLOR)
    if scale is None:
        block.drop((_SUBJECT_AREA, _SUBJECT_LOCATION))
    return bytes(block.data)


def without_orientation(exif: bytes) -> bytes:
    """`exif` without its orientation entry, for encoders that would write the whole block anew."""
    if not exif:
        return b""
    block = _Block(exif)
    block.drop((_ORIENTATION,))
    return bytes(block.data)


def _moved(numbers: tuple[int, ...], to: Move) -> list[int]:
    """A subject area (centre; centre and diameter; centre, width and height) in the new picture."""
    if not 2 <= len(numbers) <= 4:
        return list(numbers)
    x, y = to.point(numbers[0], numbers[1])
    rest = to.size(numbers[2], numbers[3]) if len(numbers) == 4 else numbers[2:]
    return [round(x), round(y), *(round(n) for n in rest)]


class _Block:
    """An EXIF block that is being changed."""

    def __init__(self, exif: bytes) -> None:
        self.data = bytearray(exif)
        self.tiff = Tiff.of(self.data)
        inner = self.tiff.pointer(self.tiff.first, EXIF_IFD)
        interop = self.tiff.pointer(inner, INTEROP_IFD) if inner else 0
        self._places = (self.tiff.first, inner, interop)

    @property
    def main(self) -> list[Entry]:
        return self._entries(self._places[0])

    @property
    def inner(self) -> list[Entry]:
        return self._entries(self._places[1])

    @property
    def interop(self) -> list[Entry]:
        return self._entries(self._places[2])

    def _entries(self, directory: int) -> list[Entry]:
        return list(self.tiff.entries(directory)) if directory else []

    def text(self, entry: Entry) -> bytes:
        return self.tiff.data(entry).rstrip(b"\x00 ")

    def set(self, entry: Entry, kind: int, number: int) -> None:
        """Make it one number of that type."""
        form, numbers = ("HH", (number, 0)) if kind == SHORT else ("I", (number,))
        data = struct.pack(self.tiff.endian + "HHI" + form, entry.tag, kind, 1, *numbers)
        self.data[entry.place : entry.place + 12] = data

    def set_shorts(self, entry: Entry, numbers: Sequence[int]) -> None:
        """Other numbers in the place of as many."""
        if (
            entry.kind == SHORT
            and entry.at >= _HEADER
            and len(numbers) == entry.count
            and self.tiff.data(entry)
        ):
            values = [min(max(number, 0), 65535) for number in numbers]
            struct.pack_into(f"{self.tiff.endian}{len(values)}H", self.data, entry.at, *values)

    def drop(self, tags: Sequence[int]) -> None:
        """Take entries out of the main and Exif directories; the ones behind them move up."""
        for at in self._places[:2]:
            entries = self._entries(at)
            kept = [bytes(self.data[e.place : e.place + 12]) for e in entries if e.tag not in tags]
            if len(kept) == len(entries):
                continue
            body = b"".join(kept) + struct.pack(self.tiff.endian + "I", self.tiff.following(at))
            end = at + 2 + 12 * len(entries)
            struct.pack_into(self.tiff.endian + "H", self.data, at, len(kept))
            self.data[at + 2 : end] = body.ljust(end - at - 2, b"\x00")

    def drop_thumbnail(self) -> None:
        """Cut off or blank what the second directory shows, and forget the directory."""
        tiff = self.tiff
        link, second = tiff.link(tiff.first), tiff.following(tiff.first)
        if second < 8 or link + 4 > len(self.data):
            return
        struct.pack_into(tiff.endian + "I", self.data, link, 0)
        entries = {entry.tag: entry for entry in tiff.entries(second)}
        for start, length in _THUMBNAIL:
            if start in entries and length in entries:
                parts = zip(tiff.numbers(entries[start]), tiff.numbers(entries[length]), strict=False)
                for begin, size in list(parts)[:_MOST_STRIPS]:
                    self._blank(begin, begin + size, link + 4)

    def _blank(self, begin: int, end: int, lowest: int) -> None:
        if lowest <= begin < end == len(self.data):
            del self.data[begin:]
        elif lowest <= begin < end < len(self.data):
            self.data[begin:end] = bytes(end - begin)

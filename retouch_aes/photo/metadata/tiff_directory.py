"""TIFF directories, read from bytes or a file that may say anything (TIFF 6.0, BigTIFF, CIPA DC-008).

The one walk over them: of TIFF and RAW files, EXIF blocks, maker notes and the index of several pictures.

A directory is a list of entries (tag, type, count, value or its offset). Nothing is decoded: an entry's value
is its bytes. Every size is bounded by the length of the file and by `MAX_VALUE`; a directory that is cut off
ends where the bytes end; chains and sub-directories are followed by the caller, a fixed number of steps.
"""

import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import IO

EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, IFD = 1, 2, 3, 4, 5, 7, 13

SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
"""Bytes of one value, by type."""

WORDS = {3: 2, 4: 4, 5: 4, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one number that has a byte order, by type."""

MAX_VALUE = 1 << 26
"""The largest value that is read: 64 MB."""

_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MAGIC = (42, 0x4F52, 0x5352)  # TIFF, and the RAW of Olympus
PANASONIC = 0x55
"""What stands in the place of 42 in RW2, whose first directory tells mostly of the sensor."""


@dataclass(frozen=True)
class Entry:
    """One entry of a directory: what it says, where it stands, and where the bytes of its value lie."""

    tag: int
    kind: int
    count: int
    place: int
    at: int

    @property
    def size(self) -> int:
        """Bytes of the value; 0 for a type that nobody knows."""
        return SIZES.get(self.kind, 0) * self.count


@dataclass(frozen=True)
class Value:
    """An entry by itself: tag, type, count and the bytes of its value."""

    tag: int
    kind: int
    count: int
    data: bytes


class Tiff:
    """A TIFF header and what hangs from it, read by `read(at, length) -> bytes` (short at the end).

    `also` are magic numbers that are taken beside those of TIFF. Raises `ValueError` where the first bytes
    are not those of a TIFF.
    """

    def __init__(self, read: Callable[[int, int], bytes], length: int, also: Collection[int] = ()) -> None:
        self._read, self.length = read, length
        head = read(0, 16)
        self.endian = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        if not self.endian or len(head) < 8:
            raise ValueError("not a TIFF header")
        (magic,) = struct.unpack_from(self.endian + "H", head, 2)
        self.big = magic == 43 and len(head) == 16
        if not self.big and magic not in (*_MAGIC, *also):
            raise ValueError("not a TIFF header")
        (self.first,) = self._numbers("Q" if self.big else "I", self.pointer_at)

    @classmethod
    def of(cls, data: bytes | bytearray, also: Collection[int] = ()) -> "Tiff":
        """The TIFF in `data`; a bytearray may change under it."""
        return cls(lambda at, length: bytes(data[at : at + length]), len(data), also)

    @classmethod
    def bare(cls, data: bytes, endian: str) -> "Tiff":
        """Directories in `data` without a header, in that byte order, as maker notes have them."""
        tiff = cls.__new__(cls)
        tiff._read, tiff.length = lambda at, length: data[at : at + length], len(data)
        tiff.endian, tiff.big, tiff.first = endian, False, 0
        return tiff

    @classmethod
    def of_file(cls, file: IO[bytes]) -> "Tiff":
        """The TIFF in an open `file`, of which no more is read than is asked for."""

        def read(at: int, length: int) -> bytes:
            file.seek(at)
            return file.read(length)

        return cls(read, file.seek(0, 2))

    @property
    def pointer_at(self) -> int:
        """Where the header names the first directory."""
        return 8 if self.big else 4

    def count(self, directory: int) -> int:
        """How many entries the directory at that offset says it has; 0 outside of the file."""
        (count,) = self._numbers("Q" if self.big else "H", directory)
        return count

    def link(self, directory: int) -> int:
        """Where the directory at that offset names the one after it: right behind its entries."""
        count = self.count(directory)
        return directory + (8 + 20 * count if self.big else 2 + 12 * count)

    def entries(self, directory: int) -> Iterator[Entry]:
        """The entries of the directory at that offset, as far as there are bytes."""
        head, size, fits = (8, 20, 8) if self.big else (2, 12, 4)
        data = self._read(directory + head, size * min(self.count(directory), 65535))
        for index in range(len(data) // size):
            tag, kind, number = struct.unpack_from(
                self.endian + ("HHQ" if self.big else "HHI"), data, index * size
            )
            place = directory + head + index * size
            at = place + size - fits
            if SIZES.get(kind, 0) * number > fits:
                at = struct.unpack_from(
                    self.endian + ("Q" if self.big else "I"), data, (index + 1) * size - fits
                )[0]
            yield Entry(tag, kind, number, place, at)

    def following(self, directory: int) -> int:
        """The offset of the directory after the one at that offset; 0 where there is none."""
        (offset,) = self._numbers("Q" if self.big else "I", self.link(directory))
        return offset

    def data(self, entry: Entry) -> bytes:
        """The bytes of an entry's value; b"" where they are not all there, or more than `MAX_VALUE`."""
        if not 0 < entry.size <= min(MAX_VALUE, self.length - entry.at):
            return b""
        found = self._read(entry.at, entry.size)
        return found if len(found) == entry.size else b""

    def numbers(self, entry: Entry) -> tuple[int, ...]:
        """An entry's value as whole numbers; () where it is none, or not there."""
        letter = _NUMBERS.get(entry.kind)
        data = self.data(entry) if letter else b""
        return struct.unpack(f"{self.endian}{entry.count}{letter}", data) if data else ()

    def find(self, directory: int, tag: int) -> Entry | None:
        """The first entry of that tag."""
        return next((entry for entry in self.entries(directory) if entry.tag == tag), None)

    def pointer(self, directory: int, tag: int) -> int:
        """Where the sub-directory of that tag is; 0 where there is none inside the file."""
        entry = self.find(directory, tag)
        numbers = self.numbers(entry) if entry is not None and entry.count == 1 else ()
        return numbers[0] if numbers and 8 <= numbers[0] < self.length else 0

    def _numbers(self, letter: str, at: int) -> tuple[int, ...]:
        size = struct.calcsize("<" + letter)
        data = self._read(at, size) if 0 <= at < self.length else b""
        return struct.unpack(self.endian + letter, data) if len(data) == size else (0,)

"""The first directory of a TIFF, classic or big: its entries, its XMP packet, and how to change that alone.

Strips and tiles are found by absolute offsets, so nothing may move. A packet that fits takes the place of the
old one, padded; another goes to the end of the file, and where there was none, so does a copy of the
directory with one entry more, which the header is then pointed at (TIFF 6.0, section 2; BigTIFF likewise).
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from retouch_aes.errors import PhotoError
from retouch_aes.export.splices import Splice
from retouch_aes.export.xmp_packet import fitted
from retouch_aes.photo.metadata.tiff_directory import SIZES

XMP, RATING, RATING_PERCENT = 700, 0x4746, 0x4749
_BYTE = 1
_MANY = 4096


@dataclass(frozen=True)
class TiffEntry:
    """One entry: its type, how many values, where it stands, and where its values stand."""

    kind: int
    count: int
    at: int
    offset: int


@dataclass(frozen=True)
class TiffPlaces:
    """The first directory. `big` is BigTIFF, `pointer` where the header names the directory."""

    endian: str
    big: bool
    pointer: int
    directory: int
    entries: Mapping[int, TiffEntry]

    @staticmethod
    def of(data: bytes) -> "TiffPlaces | None":
        """The first directory of a TIFF; None where it is damaged or none."""
        endian = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
        if endian is None:
            return None
        try:
            return _read(data, endian)
        except struct.error:
            return None

    def packet(self, data: bytes) -> bytes:
        """Its XMP packet; b"" for none."""
        entry = self.entries.get(XMP)
        return b"" if entry is None else bytes(data[entry.offset : entry.offset + entry.count])

    def number(self, data: bytes, tag: int) -> int | None:
        """The first value of a short or long; None where there is none."""
        entry = self.entries.get(tag)
        code = None if entry is None else {1: "B", 3: "H", 4: "I"}.get(entry.kind)
        if entry is None or code is None or entry.offset + SIZES[entry.kind] > len(data):
            return None
        value: int = struct.unpack_from(self.endian + code, data, entry.offset)[0]
        return value

    def change(self, data: bytes, change: Callable[[bytes], bytes]) -> tuple[Splice, ...]:
        """The splices that give it the packet that `change` makes of its own."""
        entry = self.entries.get(XMP)
        if entry is not None and entry.count > 8:
            before = self.packet(data)
            packet = change(before)
            same = fitted(packet, len(before))
            if same is not None:
                return (Splice(entry.offset, before, same),)
        else:
            packet = change(b"")
        gap = b"\x00" * (len(data) % 2)
        place = len(data) + len(gap)
        if not self.big and place + len(packet) + 12 * len(self.entries) + 64 > 0xFFFFFFFF:
            raise PhotoError("a TIFF of four gigabytes has no room for an XMP packet")
        added = self._entry(XMP, len(packet), place)
        if entry is not None:
            old = bytes(data[entry.at : entry.at + len(added)])
            return Splice(entry.at, old, added), Splice(len(data), b"", gap + packet)
        packet += b"\x00" * (len(packet) % 2)
        directory = self._with(data, added)
        word = "Q" if self.big else "I"
        pointed = struct.pack(self.endian + word, place + len(packet))
        old = bytes(data[self.pointer : self.pointer + len(pointed)])
        return Splice(self.pointer, old, pointed), Splice(len(data), b"", gap + packet + directory)

    def _entry(self, tag: int, count: int, offset: int) -> bytes:
        return struct.pack(self.endian + ("HHQQ" if self.big else "HHII"), tag, _BYTE, count, offset)

    def _with(self, data: bytes, added: bytes) -> bytes:
        """The directory with one entry more, which must stand in order."""
        head, width = ("Q", 20) if self.big else ("H", 12)
        size = struct.calcsize(head)
        (count,) = struct.unpack_from(self.endian + head, data, self.directory)
        start = self.directory + size
        rows = [bytes(data[at : at + width]) for at in range(start, start + width * count, width)]
        rows = sorted([*rows, added], key=lambda row: int(struct.unpack_from(self.endian + "H", row)[0]))
        after = start + width * count
        following = bytes(data[after : after + (8 if self.big else 4)])
        return struct.pack(self.endian + head, count + 1) + b"".join(rows) + following


def _read(data: bytes, endian: str) -> TiffPlaces | None:
    magic = struct.unpack_from(endian + "H", data, 2)[0]
    if magic not in (42, 43, 0x4F52, 0x5352, 0x55):  # TIFF, BigTIFF; ORF and RW2 are laid out as TIFF
        return None
    big = magic == 43
    pointer, head, row = (8, "Q", "HHQ") if big else (4, "H", "HHI")
    (directory,) = struct.unpack_from(endian + ("Q" if big else "I"), data, pointer)
    (count,) = struct.unpack_from(endian + head, data, directory)
    if count > _MANY:
        return None
    width, start = (20 if big else 12), directory + struct.calcsize(head)
    entries: dict[int, TiffEntry] = {}
    for at in range(start, start + width * count, width):
        tag, kind, number = struct.unpack_from(endian + row, data, at)
        value, room = at + struct.calcsize("=" + row), 8 if big else 4
        offset = value
        if SIZES.get(kind, 1) * number > room:
            (offset,) = struct.unpack_from(endian + ("Q" if big else "I"), data, value)
        entries.setdefault(tag, TiffEntry(kind, number, at, offset))
    return TiffPlaces(endian, big, pointer, directory, entries)

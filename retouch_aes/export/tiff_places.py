"""The XMP packet in the first directory of a TIFF, classic or big, and how to change that alone.

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
from retouch_aes.photo.metadata.tiff_directory import BYTE, PANASONIC, Entry, Tiff

XMP, RATING, RATING_PERCENT = 700, 0x4746, 0x4749
_MANY = 4096
_NO_PACKET = 8  # bytes


@dataclass(frozen=True)
class TiffPlaces:
    """The first directory of a TIFF, or of a RAW that is laid out as one: the first entry of each tag."""

    tiff: Tiff
    entries: Mapping[int, Entry]

    @staticmethod
    def of(data: bytes) -> "TiffPlaces | None":
        """The first directory of a TIFF; None where it is damaged or none."""
        try:
            tiff = Tiff.of(data, also=(PANASONIC,))
        except ValueError:
            return None
        entries = list(tiff.entries(tiff.first))
        if not 0 < len(entries) == tiff.count(tiff.first) <= _MANY:
            return None
        return TiffPlaces(tiff, {entry.tag: entry for entry in reversed(entries)})

    def packet(self) -> bytes:
        """Its XMP packet; b"" for none."""
        entry = self.entries.get(XMP)
        return b"" if entry is None else self.tiff.data(entry)

    def number(self, tag: int) -> int | None:
        """The first of some whole numbers; None where there is none."""
        entry = self.entries.get(tag)
        return None if entry is None else next(iter(self.tiff.numbers(entry)), None)

    def change(self, data: bytes, change: Callable[[bytes], bytes]) -> tuple[Splice, ...]:
        """The splices that give the file `data` the packet that `change` makes of its own."""
        entry, tiff = self.entries.get(XMP), self.tiff
        before = self.packet() if entry is not None and entry.size > _NO_PACKET else b""
        if entry is not None and entry.size > _NO_PACKET and not before:
            raise PhotoError("its XMP packet is cut off")
        packet = change(before)
        same = fitted(packet, len(before)) if before else None
        if entry is not None and same is not None:
            return (Splice(entry.at, before, same),)
        gap = b"\x00" * (len(data) % 2)
        place = len(data) + len(gap)
        if not tiff.big and place + len(packet) + 12 * len(self.entries) + 64 > 0xFFFFFFFF:
            raise PhotoError("a TIFF of four gigabytes has no room for an XMP packet")
        added = struct.pack(tiff.endian + ("HHQQ" if tiff.big else "HHII"), XMP, BYTE, len(packet), place)
        if entry is not None:
            old = bytes(data[entry.place : entry.place + len(added)])
            return Splice(entry.place, old, added), Splice(len(data), b"", gap + packet)
        packet += b"\x00" * (len(packet) % 2)
        pointed = struct.pack(tiff.endian + ("Q" if tiff.big else "I"), place + len(packet))
        old = bytes(data[tiff.pointer_at : tiff.pointer_at + len(pointed)])
        end = gap + packet + self._with(data, added)
        return Splice(tiff.pointer_at, old, pointed), Splice(len(data), b"", end)

    def _with(self, data: bytes, added: bytes) -> bytes:
        """The directory with one entry more, which must stand in order."""
        tiff = self.tiff
        rows = [bytes(data[e.place : e.place + len(added)]) for e in tiff.entries(tiff.first)]
        count = struct.pack(tiff.endian + ("Q" if tiff.big else "H"), len(rows) + 1)
        rows = sorted([*rows, added], key=lambda row: int(struct.unpack_from(tiff.endian + "H", row)[0]))
        following = tiff.following(tiff.first)
        return count + b"".join(rows) + struct.pack(tiff.endian + ("Q" if tiff.big else "I"), following)

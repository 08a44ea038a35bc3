"""Maker notes that are moved: the offsets inside them go along.

A maker note is a camera maker's private value. Most hold a TIFF directory after a short name. Where its
offsets count from the note's own start (Nikon, Olympus and Fujifilm today, Apple), the bytes may lie
anywhere; where they count from the start of the file (Canon, Sony, Panasonic, older Olympus and Nikon,
Casio), they must follow when the note moves, as exiftool does. Which of the two is read from the numbers:
counted from the file, all offsets fall into the place where the note lay, and the first value comes right
after the directory. A note that is understood neither way is left as it is.
"""

import struct

from retouch_aes.photo.metadata.tiff_directory import SIZES, Tiff

_STARTS = (0, 4, 6, 8, 10, 12, 14, 16, 18)
_MOST = 1024  # entries
_FITS = 4  # bytes of a value that need no offset


def moved(note: bytes, old: int, new: int, endian: str) -> bytes:
    """`note`, which lay at offset `old` of its file, as it must read at offset `new` of another."""
    if old == new or old <= 0:
        return note
    other = "<" if endian == ">" else ">"
    for start in _STARTS:
        for order in (endian, other):
            places = _offsets(note, start, order)
            if places is None:
                continue
            offsets = [struct.unpack_from(order + "I", note, at)[0] for at in places]
            end = max(places)  # near enough the end of the directory
            if not old <= min(offsets) <= max(offsets) < old + len(note) or (
                abs(min(offsets) - end) < abs(min(offsets) - old - end)
            ):
                continue
            changed = bytearray(note)
            for at, offset in zip(places, offsets, strict=True):
                struct.pack_into(order + "I", changed, at, offset - old + new)
            if note[-8:-4] in (b"II*\x00", b"MM\x00*"):  # Canon states at the end where the note lies
                struct.pack_into(order + "I", changed, len(note) - 4, new)
            return bytes(changed)
    return note


def _offsets(note: bytes, start: int, order: str) -> list[int] | None:
    """Where offsets stand in the directory at `start`; None where there is no directory with offsets."""
    tiff = Tiff.bare(note, order)
    if not 0 < tiff.count(start) <= _MOST or tiff.link(start) > len(note):
        return None
    places = []
    for entry in tiff.entries(start):
        if entry.kind not in SIZES:
            return None
        if entry.size > _FITS:
            places.append(entry.place + 8)
    return places or None

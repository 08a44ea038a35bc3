"""Photoshop's image resources, the "8BIM" blocks in JPEG, TIFF and PNG (Adobe's file format specification).

IPTC is one of them (0404). Those that show or describe the photo before its edit are not carried: thumbnails,
the ICC profile, copies of EXIF and XMP. Those in pixels of the stored picture are not carried when it is
turned: paths, guides, slices.
"""

import struct
from dataclasses import dataclass

from retouch_aes.photo.metadata import iptc

IPTC = 0x0404
_STALE = frozenset({0x0409, 0x040C, 0x040F, 0x0411, 0x0422, 0x0423, 0x0424})
_PLACED = frozenset({0x0408, 0x041A, *range(0x07D0, 0x0BB8)})
_SIGNATURES = (b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT")


@dataclass(frozen=True)
class Resource:
    """One block: its number, its bytes as they stood in the file, and its value."""

    number: int
    whole: bytes
    value: bytes


def resources(data: bytes) -> list[Resource]:
    """The blocks in `data`, up to the first that is damaged."""
    found, at = [], 0
    while data[at : at + 4] in _SIGNATURES and at + 12 <= len(data):
        (number,) = struct.unpack_from(">H", data, at + 4)
        start = at + 6 + (data[at + 6] | 1) + 1  # the name and its length take an even number of bytes
        if start + 4 > len(data):
            break
        (length,) = struct.unpack_from(">I", data, start)
        end = start + 4 + length
        if end > len(data):
            break
        found.append(Resource(number, data[at:end] + bytes(length % 2), data[start + 4 : end]))
        at = end + length % 2
    return found


def split(data: bytes) -> tuple[bytes, bytes]:
    """The IPTC record among the blocks of `data`, and the other blocks that are worth carrying."""
    record, others = b"", []
    for resource in resources(data):
        if resource.number == IPTC and not record:
            record = iptc.record(resource.value)
        elif resource.number not in _STALE:
            others.append(resource.whole)
    return record, b"".join(others)


def upright(data: bytes) -> bytes:
    """The blocks of `data` that say the same of a photo that was turned."""
    return b"".join(resource.whole for resource in resources(data) if resource.number not in _PLACED)


def joined(record: bytes, others: bytes) -> bytes:
    """Blocks with the IPTC `record` first; b"" where there is nothing at all."""
    if not record:
        return others
    head = b"8BIM" + struct.pack(">HHI", IPTC, 0, len(record))
    return head + record + bytes(len(record) % 2) + others

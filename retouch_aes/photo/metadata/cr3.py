"""Canon's CR3: EXIF and XMP in boxes of their own, found out by Laurent Clevy (github.com/lclevy/canon_cr3).

Inside `moov`, in a `uuid` box of Canon's, the boxes CMT1 to CMT4 each hold a TIFF whose first directory is
the main, the Exif, the maker note's and the GPS directory. XMP lies in a `uuid` box of Adobe's beside `moov`.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from retouch_aes.photo.metadata import exif_block
from retouch_aes.photo.metadata.containers import Part, boxes
from retouch_aes.photo.metadata.exif_block import Branch
from retouch_aes.photo.metadata.tiff_directory import EXIF_IFD, GPS_IFD, UNDEFINED, Tiff, Value

_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_ADOBE = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_MAKER_NOTE = 0x927C
_HEAD = 1 << 22
"""The boxes before the pixels take a few hundred kilobytes: 4 MB are looked at."""


@dataclass(frozen=True)
class Cr3Metadata:
    """An EXIF block, and the XMP packet."""

    exif: bytes
    xmp: bytes


def found(file: IO[bytes]) -> Cr3Metadata | None:
    """What an open CR3 says; None for another file."""
    file.seek(0)
    head = file.read(_HEAD)
    if head[4:12] != b"ftypcrx ":
        return None
    data, parts = io.BytesIO(head), {}  # type: IO[bytes], dict[bytes, bytes]
    for box in _whole(data, 0, len(head)):
        if box.name == b"uuid" and head.startswith(_ADOBE, box.body):
            parts[b"xmp"] = head[box.body + 16 : box.end]
        elif box.name == b"moov":
            for inner in _whole(data, box.body, box.end):
                if inner.name == b"uuid" and head.startswith(_CANON, inner.body):
                    own = _whole(data, inner.body + 16, inner.end)
                    parts.update((one.name, head[one.body : one.end]) for one in own)
    return Cr3Metadata(_block(parts), parts.get(b"xmp", b""))


def _whole(file: IO[bytes], at: int, end: int) -> Iterator[Part]:
    return (box for box in boxes(file, at, end) if box.end <= end)


def _block(parts: dict[bytes, bytes]) -> bytes:
    try:
        main = Tiff.of(parts[b"CMT1"])
    except (KeyError, ValueError):
        return b""
    root = exif_block.described(main, main.first)
    children: dict[int, Branch] = {}
    for tag, name in ((EXIF_IFD, b"CMT2"), (GPS_IFD, b"CMT4")):
        try:
            tiff = Tiff.of(parts[name])
        except (KeyError, ValueError):
            continue
        if tiff.endian == main.endian:
            children[tag] = exif_block.branch(tiff, tiff.first)
    note = parts.get(b"CMT3", b"")[8:]
    if note and EXIF_IFD in children and parts[b"CMT3"][:4] == parts[b"CMT1"][:4]:
        value = Value(_MAKER_NOTE, UNDEFINED, len(note), note)
        children[EXIF_IFD] = exif_block.joined(children[EXIF_IFD], Branch((value,), {_MAKER_NOTE: 8}))
    kept = {tag: one for tag, one in children.items() if not one.empty}
    return exif_block.block(replace(root, children=kept), main.endian)

"""EXIF blocks patched in place, so that maker notes, whose offsets must not move, survive.

A block is a small TIFF file: a header, then directories of 12-byte entries (tag, type, count, value or
offset). Reference: CIPA DC-008 (Exif 2.32), section 4.5. Only fixed-size numbers are changed here; the
thumbnail is cut off or blanked, since it would show the photo before its edit.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_PREFIX = b"Exif\x00\x00"
_WIDTH, _HEIGHT, _ORIENTATION, _EXIF_IFD = 0x0100, 0x0101, 0x0112, 0x8769
_COLOR_SPACE, _EXIF_WIDTH, _EXIF_HEIGHT, _INTEROP_IFD = 0xA001, 0xA002, 0xA003, 0xA005
_THUMBNAIL, _THUMBNAIL_LENGTH, _INTEROP_INDEX = 0x0201, 0x0202, 0x0001
_NUMBERS = {3: "H", 4: "I"}


@dataclass(frozen=True)
class _Entry:
    tag: int
    kind: int
    count: int
    at: int


class _Block:
    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.endian = {b"II": "<", b"MM": ">"}[data[:2]]
        magic, self.first = struct.unpack_from(self.endian + "HI", data, 2)
        if magic != 42:
            raise ValueError(magic)

    def entries(self, directory: int) -> Iterator[_Entry]:
        (count,) = struct.unpack_from(self.endian + "H", self.data, directory)
        for index in range(count):
            start = directory + 2 + 12 * index
            tag, kind, number = struct.unpack_from(self.endian + "HHI", self.data, start)
            yield _Entry(tag, kind, number, start + 8)

    def number(self, entry: _Entry) -> int:
        value: int = struct.unpack_from(self.endian + _NUMBERS[entry.kind], self.data, entry.at)[0]
        return value

    def set_number(self, entry: _Entry, value: int) -> None:
        if entry.kind in _NUMBERS and entry.count == 1:
            struct.pack_into(self.endian + _NUMBERS[entry.kind], self.data, entry.at, value)

    def find(self, directory: int, tag: int) -> _Entry | None:
        found = (entry for entry in self.entries(directory) if entry.tag == tag)
        return next((entry for entry in found if entry.kind in _NUMBERS and entry.count == 1), None)

    def drop_thumbnail(self) -> None:
        (count,) = struct.unpack_from(self.endian + "H", self.data, self.first)
        link = self.first + 2 + 12 * count
        (second,) = struct.unpack_from(self.endian + "I", self.data, link)
        struct.pack_into(self.endian + "I", self.data, link, 0)
        if not second:
            return
        start, length = self.find(second, _THUMBNAIL), self.find(second, _THUMBNAIL_LENGTH)
        if start is None or length is None:
            return
        begin, end = self.number(start), self.number(start) + self.number(length)
        if link + 4 <= begin < end == len(self.data):
            del self.data[begin:]
        elif link + 4 <= begin < end < len(self.data):
            self.data[begin:end] = bytes(end - begin)


def normal(exif: bytes | None) -> bytes:
    """The TIFF block of `exif`, without the prefix some formats put before it; b"" for what is not one."""
    data = (exif or b"").removeprefix(_PREFIX)
    try:
        _Block(data).find(_Block(data).first, _ORIENTATION)
    except (KeyError, ValueError, struct.error):
        return b""
    return bytes(data)


def orientation(exif: bytes) -> int:
    """The orientation 1..8 that `exif` states, 1 where it states none."""
    if not exif:
        return 1
    block = _Block(exif)
    entry = block.find(block.first, _ORIENTATION)
    value = 1 if entry is None else block.number(entry)
    return value if 1 <= value <= 8 else 1


def says_adobe_rgb(exif: bytes) -> bool:
    """Whether `exif` marks the photo as Adobe RGB the camera's way: interoperability index "R03" (DCF)."""
    try:
        block = _Block(exif)
        inner = block.find(block.first, _EXIF_IFD)
        interop = inner and block.find(block.number(inner), _INTEROP_IFD)
        if not interop:
            return False
        found = (e for e in block.entries(block.number(interop)) if e.tag == _INTEROP_INDEX)
        return any(bytes(block.data[entry.at : entry.at + 3]) == b"R03" for entry in found)
    except (KeyError, ValueError, struct.error):
        return False


def upright(exif: bytes) -> bytes:
    """`exif` with orientation 1; b"" where it is too broken to say so (it would turn the photo twice)."""
    if not exif:
        return b""
    try:
        block = _Block(exif)
        entry = block.find(block.first, _ORIENTATION)
        if entry is not None:
            block.set_number(entry, 1)
    except (KeyError, ValueError, struct.error):
        return b""
    return bytes(block.data)


def for_srgb(exif: bytes, height: int, width: int) -> bytes:
    """`exif` for an upright sRGB photo of this size: dimensions, colour space, orientation; no thumbnail."""
    exif = upright(exif)
    if not exif:
        return b""
    sizes = {_WIDTH: width, _HEIGHT: height, _EXIF_WIDTH: width, _EXIF_HEIGHT: height, _COLOR_SPACE: 1}
    block = _Block(exif)
    try:
        inner = block.find(block.first, _EXIF_IFD)
        directories = [block.first] if inner is None else [block.first, block.number(inner)]
        for directory in directories:
            for entry in list(block.entries(directory)):
                if entry.tag in sizes:
                    block.set_number(entry, sizes[entry.tag])
                elif entry.tag == _INTEROP_IFD and entry.kind == 4:
                    for mark in block.entries(block.number(entry)):
                        if mark.tag == _INTEROP_INDEX and block.data[mark.at : mark.at + 3] == b"R03":
                            block.data[mark.at : mark.at + 3] = b"R98"
        block.drop_thumbnail()
    except (KeyError, ValueError, struct.error):
        return upright(exif)
    return bytes(block.data)


def upright_xmp(xmp: bytes) -> bytes:
    """An XMP packet with tiff:Orientation 1, as attribute or element, its length unchanged."""
    return re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|\s*>\s*))[1-8]", rb"\g<1>1", xmp)

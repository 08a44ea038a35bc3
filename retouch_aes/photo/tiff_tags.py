"""Metadata into a TIFF that is already written: new directories at its end, the header pointed at them.

The entries of the first directory hold absolute offsets, so they are copied as they are; EXIF, GPS, XMP,
IPTC and the descriptive tags join them. One way for 8 and 16 bit files, whoever wrote the pixels.
"""

import struct
from pathlib import Path
from typing import IO

from PIL import Image, TiffImagePlugin

from retouch_aes.photo.photo import Metadata
from retouch_aes.photo.tiff import EXIF_IFD, GPS_IFD, IPTC, KEPT, XMP

_BYTE, _ASCII, _LONG, _UNDEFINED = 1, 2, 4, 7
_INTEROP = 0xA005


def add_metadata(path: Path, metadata: Metadata) -> None:
    """Give the classic TIFF at `path` the EXIF, GPS, XMP and IPTC of `metadata`."""
    source = Image.Exif()
    if metadata.exif:
        source.load(metadata.exif)
    values: dict[int, tuple[int, int, bytes]] = {}
    for tag in KEPT:
        value = source.get(tag)
        if isinstance(value, str):
            data = value.encode("utf-8") + b"\x00"
            values[tag] = (_ASCII, len(data), data)
    for tag, kind, data in ((XMP, _BYTE, metadata.xmp), (IPTC, _UNDEFINED, metadata.iptc)):
        if data:
            values[tag] = (kind, len(data), data)
    directories = {tag: dict(source.get_ifd(tag)) for tag in (EXIF_IFD, GPS_IFD)}
    with path.open("r+b") as file:
        start = file.read(8)
        endian = {b"II*\x00": "<", b"MM\x00*": ">"}.get(start[:4])
        if endian is None:  # a BigTIFF, above 4 GB: its pixels stand without metadata
            return
        for tag, entries in directories.items():
            entries.pop(_INTEROP, None)
            if entries:
                values[tag] = (
                    _LONG,
                    1,
                    struct.pack(endian + "I", _append_directory(file, start, tag, entries)),
                )
        if values:
            _extend_first_directory(file, endian, values)


def _end(file: IO[bytes]) -> int:
    if file.seek(0, 2) % 2:
        file.write(b"\x00")
    return file.tell()


def _append_directory(file: IO[bytes], start: bytes, tag: int, entries: dict[int, object]) -> int:
    directory = TiffImagePlugin.ImageFileDirectory_v2(start, group=tag)
    for key, value in entries.items():
        directory[key] = value
    offset = _end(file)
    file.write(directory.tobytes(offset))
    return offset


def _extend_first_directory(file: IO[bytes], endian: str, values: dict[int, tuple[int, int, bytes]]) -> None:
    file.seek(4)
    (first,) = struct.unpack(endian + "I", file.read(4))
    file.seek(first)
    (count,) = struct.unpack(endian + "H", file.read(2))
    raw = file.read(12 * count)
    following = file.read(4)
    entries = {
        struct.unpack_from(endian + "H", raw, at)[0]: raw[at : at + 12] for at in range(0, 12 * count, 12)
    }
    for tag, (kind, number, data) in values.items():
        if len(data) > 4:
            offset = _end(file)
            file.write(data)
            data = struct.pack(endian + "I", offset)
        entries[tag] = struct.pack(endian + "HHI", tag, kind, number) + data.ljust(4, b"\x00")
    offset = _end(file)
    file.write(
        struct.pack(endian + "H", len(entries))
        + b"".join(entries[tag] for tag in sorted(entries))
        + following
    )
    file.seek(4)
    file.write(struct.pack(endian + "I", offset))

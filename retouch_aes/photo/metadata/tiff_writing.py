"""Metadata into a TIFF that is already written: new directories at its end, the header pointed at them.

Entries are copied with type and bytes, in the byte order of the EXIF block, since some values hide numbers
whose order only their writer knows. A file of 8 bit pixels is turned to that order, which concerns nothing
but its directory; pixels of 16 bits have to be written in it.
"""

import struct
import warnings
from dataclasses import replace
from pathlib import Path

from retouch_aes.errors import PhotoWarning
from retouch_aes.photo.metadata import exif_block
from retouch_aes.photo.metadata.exif_block import Branch, laid_out
from retouch_aes.photo.metadata.metadata import Metadata
from retouch_aes.photo.metadata.tiff_directory import BYTE, UNDEFINED, WORDS, Tiff, Value

_XMP, _IPTC, _PHOTOSHOP, _BITS = 700, 33723, 34377, 258
_RESOLUTION = (282, 283, 296)


def byte_order(metadata: Metadata) -> str:
    """The byte order of the EXIF block, "<" or ">"; "<" where there is none."""
    return ">" if metadata.exif.startswith(b"MM") else "<"


def add_metadata(path: Path, metadata: Metadata) -> None:
    """Give the TIFF at `path` the EXIF, XMP, IPTC and Photoshop blocks of `metadata`.

    A BigTIFF, above 4 GB, has no room for them: a `PhotoWarning` says that it stands without.
    """
    source = Branch()
    if metadata.exif:
        block = Tiff.of(metadata.exif)
        source = exif_block.described(block, block.first)
    extra = [
        Value(tag, kind, len(data), data)
        for tag, kind, data in (
            (_XMP, BYTE, metadata.xmp),
            (_IPTC, UNDEFINED, metadata.iptc),
            (_PHOTOSHOP, BYTE, metadata.photoshop),
        )
        if data
    ]
    if source.empty and not extra:
        return
    with path.open("r+b") as file:
        tiff = Tiff.of_file(file)
        if tiff.big:
            warnings.warn(PhotoWarning("a TIFF above 4 GB is written without its metadata"), stacklevel=2)
            return
        own = {e.tag: Value(e.tag, e.kind, e.count, tiff.data(e)) for e in tiff.entries(tiff.first)}
        shallow = max(own[_BITS].data, default=8) <= 8 if _BITS in own else True
        order = byte_order(metadata) if shallow else tiff.endian
        described = {
            value.tag: value
            for value in source.values
            if value.tag not in own or value.tag not in _RESOLUTION
        }
        if order != byte_order(metadata):
            source = _turned(source)
            described = {tag: swapped(value) for tag, value in described.items()}
        if order != tiff.endian:
            own = {tag: swapped(value) for tag, value in own.items()}
        values = {**own, **described, **{value.tag: value for value in extra}}
        at = file.seek(0, 2)
        file.write(bytes(at % 2))
        at += at % 2
        file.write(laid_out(replace(source, values=tuple(values.values())), order, at))
        file.seek(0)
        file.write((b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", at))


def swapped(value: Value) -> Value:
    """The same numbers in the other byte order."""
    size = WORDS.get(value.kind, 1)
    words = (value.data[at : at + size][::-1] for at in range(0, len(value.data), size))
    return value if size == 1 else replace(value, data=b"".join(words))


def _turned(one: Branch) -> Branch:
    return replace(
        one,
        values=tuple(swapped(value) for value in one.values),
        children={tag: _turned(child) for tag, child in one.children.items()},
    )

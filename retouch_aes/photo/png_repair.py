"""PNG whose pixels are whole and which Pillow or libpng refuse all the same: a copy that they read.

Ancillary chunks with a wrong check sum or of a wrong length (libpng, browsers and ImageMagick leave such a
chunk out, and so do we), a missing end marker, and compressed text and profiles that unfold to more than
Pillow's 1 MB. Pixels are not touched; that their check sum is wrong is told: Pillow does not look at it.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from retouch_aes.photo.metadata import png_chunks
from retouch_aes.photo.metadata.containers import png_parts

_TEXT = 1 << 20
"""What Pillow unfolds at most."""
_LARGEST = 32 << 20
"""What is unfolded here at most."""
_END = b"IEND"
_PIXELS = (b"IDAT", b"fdAT")
_LENGTHS = {b"gAMA": 4, b"pHYs": 9, b"sRGB": 1, b"cHRM": 32, b"tIME": 7, b"cICP": 4, b"acTL": 8, b"fcTL": 26}
"""Bytes of the ancillary chunks whose length is fixed."""
_LAST = png_chunks.chunk(_END, b"")

_ROTTEN = "the file is damaged, and a part of the picture may be wrong (the check sum of its pixels is)"


@dataclass(frozen=True)
class SoundPng:
    """`file` as it is, or a sound copy; `profile` is an ICC profile too large for Pillow."""

    file: IO[bytes]
    warnings: tuple[str, ...] = ()
    profile: bytes = b""


@dataclass(frozen=True)
class _Chunk:
    name: bytes
    at: int
    end: int
    data: bytes | None  # of ancillary chunks that are whole
    right: bool  # is the check sum
    length: int


def sound(file: IO[bytes]) -> SoundPng:
    """What Pillow and libpng can read of `file`, and what was wrong with it, as sentences."""
    size = file.seek(0, 2)
    drop: dict[int, bytes] = {}
    warnings: list[str] = []
    ends: dict[int, int] = {}
    profile, last = b"", b""
    for chunk in _chunks(file, size):
        ends[chunk.at], last = chunk.end, chunk.name
        name = chunk.name.decode("ascii", "replace")
        if chunk.name in _PIXELS:
            if not chunk.right and _ROTTEN not in warnings:
                warnings.append(_ROTTEN)
        elif not chunk.right:
            drop[chunk.at] = b""
            warnings.append(f"its chunk {name} is damaged (wrong check sum) and was left out")
        elif chunk.length != _LENGTHS.get(chunk.name, chunk.length):
            drop[chunk.at] = b""
            warnings.append(f"its chunk {name} is damaged (wrong length) and was left out")
        elif chunk.data is None:
            continue
        elif chunk.name == b"iCCP" and len(found := _unfolded(chunk.data.partition(b"\0")[2][1:])) > _TEXT:
            drop[chunk.at] = b""
            profile = found
        elif (unfolded := _plain_text(chunk.name, chunk.data)) is not None:
            drop[chunk.at] = unfolded
            if not unfolded:
                warnings.append(f"a text ({name}) is larger than {_LARGEST >> 20} MB and was left out")
    whole = last == _END
    if not whole:
        warnings.append("its end marker is missing; all pixels are there")
    if not drop and whole:
        return SoundPng(file, tuple(warnings))
    return SoundPng(
        _copy(file, drop, ends, max(ends.values(), default=size), whole), tuple(warnings), profile
    )


def _chunks(file: IO[bytes], size: int) -> Iterator[_Chunk]:
    """The chunks that are whole, until the end marker or the end of the file."""
    for part in png_parts(file):
        name, length = part.name, part.end - part.body - 4
        if part.end > size or not name.isalpha():
            return
        file.seek(part.body)
        known = (name[0] & 0x20 or name == b"IDAT") and length <= _LARGEST
        data = file.read(length) if known else None
        right = data is None or zlib.crc32(data, zlib.crc32(name)) == struct.unpack(">I", file.read(4))[0]
        kept = data if right and name not in _PIXELS else None
        yield _Chunk(name, part.start, part.end, kept, right, length)


def _unfolded(data: bytes) -> bytes:
    """Zlib data unfolded; b"" where it is damaged, or larger than anybody needs."""
    try:
        unfolding = zlib.decompressobj()
        out = unfolding.decompress(data, _LARGEST)
    except zlib.error:
        return b""
    return out if unfolding.eof else b""


def _plain_text(name: bytes, data: bytes) -> bytes | None:
    """A text chunk too large for Pillow as one without compression; b"" if too large for us; None if fine."""
    keyword, _, rest = data.partition(b"\0")
    if name == b"zTXt":
        head, packed = b"", rest[1:]
    elif name == b"iTXt" and rest[:1] == b"\1":
        language, _, after = rest[2:].partition(b"\0")
        translated, _, packed = after.partition(b"\0")
        head = b"\0\0" + language + b"\0" + translated + b"\0"
    else:
        return None
    try:
        unfolding = zlib.decompressobj()
        if len(unfolding.decompress(packed, _TEXT)) < _TEXT:
            return None
    except zlib.error:
        return None  # Pillow passes over it
    text = _unfolded(packed)
    if not text:
        return b""
    return png_chunks.chunk(b"tEXt" if name == b"zTXt" else name, keyword + b"\0" + head + text)


def _copy(
    file: IO[bytes], instead: dict[int, bytes], ends: dict[int, int], end: int, whole: bool
) -> IO[bytes]:
    """`file` up to `end` with some chunks (by their place) replaced, and with an end marker."""
    out, at = io.BytesIO(), 0
    for place in sorted(instead):
        file.seek(at)
        out.write(file.read(place - at))
        out.write(instead[place])
        at = ends[place]
    file.seek(at)
    if whole:
        out.write(file.read())
    else:
        out.write(file.read(max(0, end - at)))
        out.write(_LAST)
    return out

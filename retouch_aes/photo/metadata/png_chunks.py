"""The chunks of a PNG that carry metadata, read and written (PNG 3rd edition; ImageMagick's raw profiles).

EXIF has a chunk of its own, XMP a text with a known keyword. IPTC has none: ImageMagick and exiftool keep it,
and formerly EXIF and XMP too, as hex in a text whose keyword begins with "Raw profile type".
"""

import binascii
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from retouch_aes.photo.metadata.containers import png_parts
from retouch_aes.photo.metadata.exif import PREFIX as EXIF
from retouch_aes.photo.metadata.jpeg_segments import XMP as JPEG_XMP

Text = tuple[bytes, bytes]
"""Name ("tEXt", "zTXt" or "iTXt") and content of a text chunk."""

MAX_TEXT = 1 << 26
"""Bytes of text that are read and unpacked from one file: 64 MB."""

_XMP, _RAW = b"XML:com.adobe.xmp", b"Raw profile type "
_PROFILE = re.compile(rb"\s*[^\n]*\n\s*\d+\s*\n([0-9a-fA-F\s]*)")
_LINE = 72


@dataclass(frozen=True)
class PngMetadata:
    """What the chunks of a PNG say; `texts` are the text chunks that hold nothing else that is here.

    `damaged` are keywords of texts that could not be unpacked; `credentials` says whether there are content
    credentials (C2PA).
    """

    exif: bytes = b""
    xmp: bytes = b""
    photoshop: bytes = b""
    iptc: bytes = b""
    texts: tuple[Text, ...] = ()
    damaged: tuple[bytes, ...] = ()
    credentials: bool = False


def found(file: IO[bytes]) -> PngMetadata:
    """The metadata of an open PNG `file`, before and after the pixels."""
    values: dict[bytes, bytes] = {}
    texts, damaged, left = [], [], MAX_TEXT
    for name, content in _chunks(file):
        if name in (b"eXIf", b"caBX"):
            values[name] = content
            continue
        keyword, text = _text(name, content, left)
        if text is None:
            damaged.append(keyword)
            continue
        if len(text) > left:
            continue  # `png_repair` tells it
        left -= len(text)
        if keyword == _XMP:
            values[b"xmp"] = text
        elif keyword.startswith(_RAW):
            _take_profile(values, keyword[len(_RAW) :].lower(), unpacked_profile(text))
        elif not keyword.startswith(b"Thumb::"):
            texts.append((name, content))
    blocks = values.get(b"8bim", b"") or (
        values.get(b"iptc", b"") if _is_blocks(values.get(b"iptc")) else b""
    )
    return PngMetadata(
        exif=values.get(b"eXIf") or values.get(b"exif", b""),
        xmp=values.get(b"xmp", b""),
        photoshop=blocks,
        iptc=b"" if _is_blocks(values.get(b"iptc")) else values.get(b"iptc", b""),
        texts=tuple(texts),
        damaged=tuple(damaged),
        credentials=b"caBX" in values,
    )


def _is_blocks(data: bytes | None) -> bool:
    return (data or b"").startswith(b"8BIM")


def _take_profile(values: dict[bytes, bytes], kind: bytes, data: bytes) -> None:
    if kind == b"app1":
        kind = b"xmp" if data.startswith(JPEG_XMP) else b"exif"
    data = data.removeprefix(JPEG_XMP).removeprefix(b"Photoshop 3.0\x00").removeprefix(EXIF)
    values.setdefault(kind, data)


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    left = MAX_TEXT
    for part in png_parts(file):
        length = part.end - part.body - 4
        if part.name not in (b"eXIf", b"caBX", b"tEXt", b"zTXt", b"iTXt") or length > left:
            continue
        file.seek(part.body)
        content = file.read(length)
        if len(content) < length:
            return
        left -= length
        if file.read(4) == struct.pack(">I", zlib.crc32(part.name + content)):  # as browsers and libpng do
            yield part.name, content


def _text(name: bytes, content: bytes, room: int) -> tuple[bytes, bytes | None]:
    """Keyword and text, as bytes; None where it cannot be unpacked, more than `room` where it is too long."""
    keyword, _, rest = content.partition(b"\x00")
    if name == b"tEXt":
        return keyword, rest
    if name == b"zTXt":
        return keyword, _inflated(rest[1:], room)
    packed, rest = rest[:1] == b"\x01", rest[2:]
    text = rest.partition(b"\x00")[2].partition(b"\x00")[2]
    return keyword, _inflated(text, room) if packed else text


def _inflated(data: bytes, room: int) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, room + 1)
    except zlib.error:
        return None


def unpacked_profile(text: bytes) -> bytes:
    """The bytes of a raw profile: a line with its name, one with its length, then hex."""
    match = _PROFILE.match(text)
    try:
        return binascii.unhexlify(b"".join(match[1].split())) if match else b""
    except (binascii.Error, ValueError):
        return b""


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk as it stands in a file: length, name, content, check sum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def profile_chunk(kind: str, data: bytes) -> Text:
    """`data` as a raw profile, packed: "iptc" for Photoshop blocks with IPTC among them."""
    digits = binascii.hexlify(data)
    lines = b"\n".join(digits[at : at + _LINE] for at in range(0, len(digits), _LINE))
    body = b"\n%s\n%8d\n%s\n" % (kind.encode("ascii"), len(data), lines)
    return b"zTXt", _RAW + kind.encode("ascii") + b"\x00\x00" + zlib.compress(body)


def xmp_chunk(xmp: bytes) -> Text:
    """XMP under the keyword it has."""
    return b"iTXt", _XMP + b"\x00\x00\x00\x00\x00" + xmp


def comment_chunk(comment: bytes) -> Text:
    """A JPEG comment as PNG's "Comment", in UTF-8 where it is and in Latin-1 where it is not."""
    try:
        if comment.decode("utf-8").isascii():
            return b"tEXt", b"Comment\x00" + comment.replace(b"\x00", b"")
    except UnicodeDecodeError:
        return b"tEXt", b"Comment\x00" + comment.replace(b"\x00", b"")
    return b"iTXt", b"Comment\x00\x00\x00\x00\x00" + comment.replace(b"\x00", b"")


def comments_of(texts: Iterable[Text]) -> list[bytes]:
    """What `texts` say under "Comment"."""
    found = (_text(name, content, MAX_TEXT) for name, content in texts)
    return [text for keyword, text in found if keyword.lower() == b"comment" and text]


def keywords(texts: Iterable[Text]) -> list[str]:
    """What `texts` are called."""
    return [content.partition(b"\x00")[0].decode("latin-1") for _, content in texts]

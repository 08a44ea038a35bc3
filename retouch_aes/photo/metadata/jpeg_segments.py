"""The segments of a JPEG that carry metadata, read and written (ITU-T T.81, CIPA DC-008, XMP part 3).

A segment holds 65,533 bytes. Longer EXIF goes on in further segments with the same prefix, as exiftool writes
and reads it; longer XMP in ExtendedXMP segments; Photoshop blocks in as many as they need.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from retouch_aes.photo.metadata import containers
from retouch_aes.photo.metadata.exif import PREFIX as EXIF

XMP, EXTENDED = b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00"
PHOTOSHOP = b"Photoshop 3.0\x00"
_MOST = 65533
XMP_ROOM = _MOST - len(XMP)
"""Bytes of an XMP packet that one segment holds."""

COMMENT_ROOM = _MOST
"""Bytes of comment that a segment holds."""

MAX_JOINED = 1 << 26
"""Bytes that are put together from several segments: 64 MB."""

_DIGEST = re.compile(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})")
_TIFF = (b"II*\x00", b"MM\x00*")
_COMMENT, _APP1, _APP11, _APP13 = 0xFE, 0xE1, 0xEB, 0xED


@dataclass(frozen=True)
class JpegMetadata:
    """What the segments of a JPEG say; `extended` is the ExtendedXMP the packet names, if it is all there.

    `credentials` says whether there are content credentials (C2PA).
    """

    exif: bytes = b""
    xmp: bytes = b""
    extended: bytes = b""
    photoshop: bytes = b""
    comments: tuple[bytes, ...] = ()
    credentials: bool = False


def segments(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Marker and content of every segment before the pixels; strange bytes between them are passed over."""
    for part in containers.jpeg_parts(file):
        if part.name not in containers.PIXELS:
            file.seek(part.body)
            yield part.name[1], file.read(part.end - part.body)


def extraneous(file: IO[bytes]) -> int:
    """How many strange bytes stand between the segments: decoders pass over them, and complain."""
    return sum(part.strange for part in containers.jpeg_parts(file))


def found(file: IO[bytes]) -> JpegMetadata:
    """The metadata of an open JPEG `file`."""
    exif, photoshop, comments = bytearray(), bytearray(), []  # type: bytearray, bytearray, list[bytes]
    xmp, parts, total, last = b"", {}, 0, 0  # type: bytes, dict[tuple[bytes, int], dict[int, bytes]], int, int
    credentials = False
    for number, (marker, content) in enumerate(segments(file)):
        total += len(content)
        if total > MAX_JOINED:
            break
        if marker == _APP1 and content.startswith(EXIF):
            body = content[len(EXIF) :]
            if not exif or (last == number - 1 and not body.startswith(_TIFF)):
                exif, last = exif + body, number
        elif marker == _APP1 and content.startswith(XMP):
            xmp = xmp or content[len(XMP) :]
        elif marker == _APP1 and content.startswith(EXTENDED) and len(content) >= len(EXTENDED) + 40:
            digest, rest = content[len(EXTENDED) :][:32], content[len(EXTENDED) + 32 :]
            length, offset = struct.unpack_from(">II", rest)
            parts.setdefault((digest, length), {})[offset] = rest[8:]
        elif marker == _APP13 and content.startswith(PHOTOSHOP):
            photoshop += content[len(PHOTOSHOP) :]
        elif marker == _APP11 and b"c2pa" in content[:100]:
            credentials = True
        elif marker == _COMMENT and content:
            comments.append(content)
    return JpegMetadata(
        bytes(exif), xmp, _extended(xmp, parts), bytes(photoshop), tuple(comments), credentials
    )


def _extended(xmp: bytes, parts: dict[tuple[bytes, int], dict[int, bytes]]) -> bytes:
    named = _DIGEST.search(xmp)
    for (digest, length), pieces in parts.items() if named else ():
        if named is None or digest.upper() != named[1].upper():
            continue
        whole = bytearray()
        for offset in sorted(pieces):
            if offset != len(whole):
                break
            whole += pieces[offset]
        if len(whole) == length:
            return bytes(whole)
    return b""


def exif_segments(block: bytes) -> bytes:
    """An EXIF block in as many segments as it needs."""
    made, at = [], 0
    while at < len(block):
        end = at + _MOST - len(EXIF)
        while block[end : end + 4] in _TIFF:  # else it would look like a block of its own
            end -= 1
        made.append(segment(_APP1, EXIF + block[at:end]))
        at = end
    return b"".join(made)


def xmp_segments(xmp: bytes, digest: str, extended: bytes) -> bytes:
    """An XMP packet that fits one segment, and the ExtendedXMP whose `digest` it names."""
    made = [segment(_APP1, XMP + xmp)] if xmp else []
    room = _MOST - len(EXTENDED) - 40
    for at in range(0, len(extended), room):
        head = EXTENDED + digest.encode("ascii") + struct.pack(">II", len(extended), at)
        made.append(segment(_APP1, head + extended[at : at + room]))
    return b"".join(made)


def photoshop_segments(blocks: bytes) -> bytes:
    """Photoshop blocks in as many segments as they need."""
    room = _MOST - len(PHOTOSHOP)
    return b"".join(segment(_APP13, PHOTOSHOP + blocks[at : at + room]) for at in range(0, len(blocks), room))


def comment_segments(comments: Iterable[bytes]) -> bytes:
    """A segment for each comment; what goes beyond one is cut off."""
    return b"".join(segment(_COMMENT, comment[:_MOST]) for comment in comments)


def segment(marker: int, content: bytes) -> bytes:
    """One segment; `content` has 65,533 bytes at most."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

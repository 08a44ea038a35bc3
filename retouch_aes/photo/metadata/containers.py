"""Where the parts of a photo file lie: segments of a JPEG, chunks of a PNG and a WebP, boxes. One walk each.

Nothing but the heads of parts is read, whatever is in them; a part that claims to go on beyond the end of the
file is the last one.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

PIXELS = (b"\xff\xda", b"\xff\xd9")
"""The markers of a JPEG at which its metadata end: start of scan, end of image."""

MOST_BOXES = 10_000

_MOST_STRANGE = 1 << 20


@dataclass(frozen=True)
class Part:
    """A part from `start` to `end`, its content from `body` on; in PNG a check sum of 4 bytes follows that.

    `name` is that of a chunk, or a marker of two bytes; `strange` is how many bytes before it belong to none.
    """

    name: bytes
    start: int
    body: int
    end: int
    strange: int = 0


def jpeg_parts(file: IO[bytes]) -> Iterator[Part]:
    """The segments that are whole, up to the pixels, whose marker is the last part (ITU-T T.81, annex B)."""
    size = file.seek(0, 2)
    at, strange = 2, 0
    while strange < _MOST_STRANGE:
        file.seek(at)
        byte = file.read(1)
        while byte and byte != b"\xff" and strange < _MOST_STRANGE:
            strange += 1
            byte = file.read(1)
        while byte == b"\xff":  # fill bytes, and the marker's own
            byte = file.read(1)
        at = file.tell()
        if byte == b"\0":
            strange += 2
            continue
        if not byte:
            return
        if byte[0] == 0x01 or 0xD0 <= byte[0] <= 0xD8:
            continue
        name = b"\xff" + byte
        if name in PIXELS:
            yield Part(name, at - 2, at, at, strange)
            return
        end = at + max(2, int.from_bytes(file.read(2), "big"))  # as libjpeg takes lengths that cannot be
        if end > size:
            return
        yield Part(name, at - 2, at + 2, end, strange)
        at, strange = end, 0


def png_parts(file: IO[bytes]) -> Iterator[Part]:
    """The chunks, up to the end marker (PNG, third edition, section 5)."""
    size, at = file.seek(0, 2), 8
    while at + 12 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        yield Part(name, at, at + 8, at + 12 + length)
        if name == b"IEND":
            return
        at += 12 + length


def webp_parts(file: IO[bytes], end: int, into: bytes = b"") -> Iterator[Part]:
    """The chunks before `end`, without their padding, and those inside of the chunks `into` (RIFF)."""
    at = 12
    while at + 8 <= end:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        yield Part(name, at, at + 8, at + 8 + length)
        at += 24 if name == into else 8 + length + length % 2


def boxes(file: IO[bytes], at: int, end: int) -> Iterator[Part]:
    """The boxes between `at` and `end`, of HEIC, AVIF, CR3 and films (ISO/IEC 14496-12, 4.2).

    The last one may claim to go on beyond `end`.
    """
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, name = struct.unpack_from(">I4s", head)
        body = at + 8
        if size == 1 and len(head) == 16:
            (size,), body = struct.unpack_from(">Q", head, 8), at + 16
        stop = end if size == 0 else at + size
        if stop < body:
            return
        yield Part(name, at, body, stop)
        at = stop

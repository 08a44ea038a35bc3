"""Zeros where there should be a picture: what an interrupted copy or a failing card leaves.

Decoders of WebP, AVIF and HEIC turn them into something without a word, and so does LibRaw where the pixels
are not compressed. Compressed data never hold so many zeros in a row.
"""

from collections.abc import Iterator
from typing import IO

from retouch_aes.photo.metadata.containers import boxes, webp_parts

_TAIL, _HOLE = 512, 1024
_RAW_TAIL, _RAW_SHARE = 1 << 16, 0.01
_PART = 1 << 20


def complaint(kind: str, file: IO[bytes]) -> tuple[str, ...]:
    """A sentence about zeros in the pixels of an open `file` of format `kind`; () where there are none."""
    size = file.seek(0, 2)
    if kind == "WEBP":
        holes = [_HOLE for at, length in _webp_pixels(file, size) if bytes(_HOLE) in _part(file, at, length)]
        count = max(holes, default=0)
    elif kind in ("AVIF", "HEIF"):
        count = max((_tail(file, end) for end in _media_ends(file, size)), default=0)
        count = count if count >= _TAIL else 0
    elif kind == "RAW":
        count = _tail(file, size)
        count = count if count >= max(_RAW_TAIL, _RAW_SHARE * size) else 0
    else:  # the decoders of the other formats say so themselves
        count = 0
    if not count:
        return ()
    return (f"the file is damaged, and a part of the picture is wrong ({count} bytes of it are zero)",)


def _tail(file: IO[bytes], end: int) -> int:
    """How many zero bytes stand before `end`."""
    at = end
    while at > 0:
        start = max(0, at - _PART)
        left = len(_part(file, start, at - start).rstrip(b"\0"))
        if left:
            return end - start - left
        at = start
    return end


def _part(file: IO[bytes], at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


def _webp_pixels(file: IO[bytes], size: int) -> Iterator[tuple[int, int]]:
    """Place and length of the pixels of the first frame (RIFF, chunks VP8 and VP8L)."""
    for part in webp_parts(file, size, into=b"ANMF"):
        if part.name in (b"VP8 ", b"VP8L"):
            yield part.body, part.end - part.body
            return


def _media_ends(file: IO[bytes], size: int) -> Iterator[int]:
    """Where the boxes that hold the data end."""
    for part in boxes(file, 0, size):
        if part.name == b"mdat":
            yield min(part.end, size)

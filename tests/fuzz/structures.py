"""Where the parts of a file begin and end, and where it says how long they are; and gentle harms by them.

A file that a card reader or a careless program spoils is mostly right: one bit, one length, one part that is
missing, there twice or in the wrong place, or an end that comes between two parts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Part:
    """`data[start:end]`; its length, or a count, stands at `length` in so many bytes, in this order."""

    start: int
    end: int
    length: int = 0
    size: int = 0
    order: str = "big"


def parts(data: bytes) -> list[Part]:
    """The parts on the uppermost level, of whatever format this is; lines where it is none that is known."""
    for start, walk in _WALKS:
        if data[start.at : start.at + len(start.mark)] == start.mark:
            return [part for part in walk(data) if part.start < part.end <= len(data)]
    if len(data) > 8 and data[8:9] == b"{":  # safetensors
        head = 8 + int.from_bytes(data[:8], "little")
        return [
            Part(0, 8, 0, 8, "little"),
            *([Part(8, head)] if head < len(data) else []),
            Part(8, len(data)),
        ]
    return list(_lines(data))


def gently(data: bytes, random: Random) -> bytes:
    """`data` after one gentle harm."""
    found, out = parts(data), bytearray(data)
    turn = random.random()
    if not out:
        return data
    if turn < 0.4 or not found:
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
        return bytes(out)
    part = random.choice(found)
    whole = data[part.start : part.end]
    if turn < 0.6 and part.size:
        number = int.from_bytes(data[part.length : part.length + part.size], part.order)  # type: ignore[arg-type]
        changed = random.choice((number + 1, number - 1, number + 2, number - 4, number * 2, number // 2, 0))
        bounded = max(0, min(changed, 256**part.size - 1))
        out[part.length : part.length + part.size] = bounded.to_bytes(part.size, part.order)  # type: ignore[arg-type]
    elif turn < 0.75:
        del out[random.choice((part.start, part.end)) :]
    elif turn < 0.85:
        del out[part.start : part.end]
    elif turn < 0.92:
        out[part.end : part.end] = whole
    else:
        other = random.choice(found)
        del out[part.start : part.end]
        at = min(other.start, len(out))
        out[at:at] = whole
    return bytes(out)


@dataclass(frozen=True)
class _Start:
    at: int
    mark: bytes


def _jpeg(data: bytes) -> Iterator[Part]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield Part(at, end, at + 2, 2)
        if data[at + 1] == 0xDA:
            following = data.find(b"\xff\xd9", end)
            if following > 0:
                yield Part(end, following)
                yield Part(following, following + 2)
                yield Part(following + 2, len(data))
            return
        at = end


def _png(data: bytes) -> Iterator[Part]:
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield Part(at, end, at, 4)
        at = end


def _riff(data: bytes) -> Iterator[Part]:
    yield Part(0, 12, 4, 4, "little")
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield Part(at, at + 8 + length + length % 2, at + 4, 4, "little")
        at += 8 + length + length % 2


def _boxes(data: bytes, at: int = 0, end: int = 0) -> Iterator[Part]:
    end = end or len(data)
    while at + 8 <= end:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length < 8 or at + length > end:
            return
        yield Part(at, at + length, at, 4)
        inner = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"iinf": 14}.get(kind)
        if inner is not None:
            yield from _boxes(data, at + inner, at + length)
        at += length


def _tiff(data: bytes) -> Iterator[Part]:
    order = "little" if data[:1] == b"I" else "big"
    big = 43 in data[2:4]
    wide, counted, entry_size = (8, 8, 20) if big else (4, 2, 12)

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]

    at, seen = number(8 if big else 4, wide), set[int]()
    while 8 <= at < len(data) - counted and at not in seen:
        seen.add(at)
        yield Part(at, at + counted, at, counted, order)
        end = at + counted + entry_size * min(number(at, counted), 200)
        for entry in range(at + counted, end, entry_size):
            yield Part(entry, entry + entry_size, entry + 4, wide, order)
            count, value = number(entry + 4, wide), number(entry + 4 + wide, wide)
            if count > wide and value < len(data):
                yield Part(value, min(len(data), value + count))
        at = number(end, wide)


def _zip(data: bytes) -> Iterator[Part]:
    starts = [at for at in range(len(data) - 4) if data[at : at + 2] == b"PK" and data[at + 3] < 9]
    for at, end in zip(starts, [*starts[1:], len(data)], strict=True):
        length = {b"\3\4": 18, b"\1\2": 20, b"\5\6": 12}.get(data[at + 2 : at + 4])
        yield Part(at, end) if length is None else Part(at, end, at + length, 4, "little")


def _lines(data: bytes) -> Iterator[Part]:
    at = 0
    for line in data.splitlines(keepends=True):
        yield Part(at, at + len(line))
        at += len(line)


_WALKS = (
    (_Start(0, b"\xff\xd8\xff"), _jpeg),
    (_Start(0, b"\x89PNG"), _png),
    (_Start(0, b"RIFF"), _riff),
    (_Start(4, b"ftyp"), _boxes),
    (_Start(0, b"II*\0"), _tiff),
    (_Start(0, b"MM\0*"), _tiff),
    (_Start(0, b"II+\0"), _tiff),
    (_Start(0, b"PK\3\4"), _zip),
)

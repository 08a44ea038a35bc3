"""The Exif item of HEIC and AVIF: where it is, and how to hide it from a decoder (ISO/IEC 14496-12).

Pillow writes the whole block anew, its texts damaged, where the orientation in it is not that of the file,
and refuses the picture where the block is damaged. So it is read here, and the decoder sees a file whose item
has a type that nobody knows.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 10_000
"""Boxes and items that are looked at."""


@dataclass(frozen=True)
class Item:
    """Where an item's type is written, and its bytes."""

    place: int
    data: bytes


def exif_item(data: bytes) -> Item | None:
    """The first Exif item of the file `data`, or None."""
    try:
        meta = next((box for box in boxes(data, 0, len(data)) if box[0] == b"meta"), None)
        inner = (
            {} if meta is None else {name: (at, end) for name, at, end in boxes(data, meta[1] + 4, meta[2])}
        )
        if b"iinf" not in inner or b"iloc" not in inner:
            return None
        for number, place in _items(data, *inner[b"iinf"]):
            if data[place : place + 4] == b"Exif":
                return Item(place, _content(data, number, inner[b"iloc"], inner.get(b"idat", (0, 0))))
    except (struct.error, IndexError, ValueError):
        pass
    return None


def exif_of(item: Item) -> bytes:
    """The TIFF block of an Exif item, which begins with the offset of that block."""
    (skipped,) = struct.unpack(">I", item.data[:4]) if len(item.data) > 4 else (0,)
    return item.data[4 + skipped :] or item.data[4:]


def hidden(data: bytes, item: Item | None) -> bytes:
    """`data` with `item` under a type that decoders pass by."""
    return data if item is None else data[: item.place] + b"free" + data[item.place + 4 :]


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of every box between `at` and `end`."""
    for _ in range(MOST):
        if at + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        stop = end if size == 0 else at + size
        if stop > end or stop < at + head:
            return
        yield name, at + head, stop
        at = stop


def _items(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Number of every item, and where its type is written."""
    for name, start, _ in boxes(data, at + (6 if data[at] == 0 else 8), end):
        if name == b"infe" and data[start] == 2:
            yield struct.unpack_from(">H", data, start + 4)[0], start + 8
        elif name == b"infe" and data[start] == 3:
            yield struct.unpack_from(">I", data, start + 4)[0], start + 10


def _content(data: bytes, wanted: int, iloc: tuple[int, int], idat: tuple[int, int]) -> bytes:
    at, version = iloc[0] + 4, data[iloc[0]]
    sizes = data[at] >> 4, data[at] & 15, data[at + 1] >> 4, data[at + 1] & 15 if version else 0
    count, at = _number(data, at + 2, 2 if version < 2 else 4)
    for _ in range(min(count, MOST)):
        number, at = _number(data, at, 2 if version < 2 else 4)
        method, at = _number(data, at, 2) if version else (0, at)
        at += 2
        base, at = _number(data, at, sizes[2])
        extents, at = _number(data, at, 2)
        parts = []
        for _ in range(min(extents, MOST)):
            _, at = _number(data, at, sizes[3])
            offset, at = _number(data, at, sizes[0])
            length, at = _number(data, at, sizes[1])
            start = base + offset + (idat[0] if method & 15 == 1 else 0)
            parts.append(data[start : start + length])
        if number == wanted:
            return b"".join(parts)
    return b""


def _number(data: bytes, at: int, size: int) -> tuple[int, int]:
    if at + size > len(data):
        raise ValueError("cut off")
    return int.from_bytes(data[at : at + size], "big"), at + size

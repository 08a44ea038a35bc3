"""The items of a HEIC or AVIF: pictures, EXIF, XMP, and what belongs to what (ISO/IEC 23008-12, 14496-12).

A file is a list of items with a type, their bytes somewhere in it, properties (size, colour, how it is
turned) and references from one to another. All of it stands in one box, "meta"; nothing of it is trusted.
"""

import contextlib
import io
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, TypeVar

from retouch_aes.photo.metadata.containers import Part, boxes

MOST = 10_000
"""Items, references and pieces of items that are looked at."""

T = TypeVar("T")

_FULL = 4  # bytes of version and flags that begin some boxes
_DAMAGE = (struct.error, LookupError, ValueError)


@dataclass(frozen=True)
class Property:
    """A box that describes an item, whole; `essential` where who does not know it must not show the item."""

    name: bytes
    box: bytes
    essential: bool = False

    @property
    def value(self) -> bytes:
        """Its content."""
        return self.box[8:]


@dataclass(frozen=True)
class Item:
    """An item: its type, where that is written, what follows it there, its properties, and its pieces.

    `after` is its name and, of type "mime", the type of its content. `pieces` are `(place, length)` in the
    file.
    """

    number: int
    kind: bytes
    place: int = 0
    after: bytes = b"\0"
    properties: tuple[Property, ...] = ()
    pieces: tuple[tuple[int, int], ...] = ()

    def property(self, name: bytes) -> bytes | None:
        """The content of its first property of that name."""
        return next((one.value for one in self.properties if one.name == name), None)


@dataclass(frozen=True)
class Reference:
    """A reference of this kind from one item to others."""

    kind: bytes
    source: int
    targets: tuple[int, ...]


@dataclass(frozen=True)
class ItemFile:
    """What an open file says of its items; `primary` is the number of the picture that is meant, or 0."""

    file: IO[bytes]
    primary: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()

    @classmethod
    def of(cls, file: IO[bytes]) -> "ItemFile":
        """What can be understood of `file`; without items where it is damaged, or another kind of file."""
        try:
            return _Meta(file).read()
        except _DAMAGE:
            return cls(file)

    @classmethod
    def of_bytes(cls, data: bytes) -> "ItemFile":
        """The same of a file in memory."""
        return cls.of(io.BytesIO(data))

    @property
    def brands(self) -> bytes:
        """What kinds of file it says it is: the content of its first box."""
        first = next(_whole(self.file, 0, self.file.seek(0, 2)), None)
        if first is None or first.name != b"ftyp":
            return b""
        self.file.seek(first.body)
        return self.file.read(min(first.end - first.body, 1 << 12))

    @property
    def picture(self) -> Item | None:
        """The picture that is meant."""
        return self.items.get(self.primary)

    def content(self, item: Item) -> bytes:
        """The bytes of an item, as far as they are in the file."""
        size, parts = self.file.seek(0, 2), []
        for place, length in item.pieces:
            self.file.seek(min(place, size))
            parts.append(self.file.read(max(0, min(length, size - place))))
        return b"".join(parts)

    def first(self, kind: bytes) -> Item | None:
        """The first item of a type."""
        return next((item for item in self.items.values() if item.kind == kind), None)

    def sources(self, kind: bytes, target: int) -> Iterator[Item]:
        """The items with a reference of that kind to `target`."""
        for one in self.references:
            if one.kind == kind and target in one.targets and one.source in self.items:
                yield self.items[one.source]

    def targets(self, kind: bytes, source: int) -> tuple[int, ...]:
        """What an item refers to in that way."""
        return next((one.targets for one in self.references if (one.kind, one.source) == (kind, source)), ())


def exif_of(content: bytes) -> bytes:
    """The TIFF block in the content of an Exif item, which begins with the offset of that block."""
    (skipped,) = struct.unpack(">I", content[:4]) if len(content) > 4 else (0,)
    return content[4 + skipped :] or content[4:]


def hidden(data: bytes, item: Item | None) -> bytes:
    """`data` with `item` under a type that decoders pass by.

    Pillow writes a whole EXIF block anew, its texts damaged, where the orientation in it is not that of the
    file, and refuses the picture where the block is damaged.
    """
    return data if item is None else data[: item.place] + b"free" + data[item.place + 4 :]


class _Meta:
    """The box "meta" of a file, read; a box in it that is damaged says nothing."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._size = file, file.seek(0, 2)
        [meta, *_] = [box for box in _whole(file, 0, self._size) if box.name == b"meta"]
        self._boxes = {box.name: box for box in _whole(file, meta.body + _FULL, meta.end)}

    def read(self) -> ItemFile:
        pieces, properties = _sound(self._pieces), _sound(self._properties)
        items = {
            number: Item(number, kind, place, after, properties.get(number, ()), pieces.get(number, ()))
            for number, (kind, place, after) in _sound(self._entries).items()
        }
        references = tuple(_sound(self._references).values())
        return ItemFile(self._file, _sound(self._primary).get(0, 0), items, references)

    def _box(self, name: bytes) -> "_Numbers":
        box = self._boxes[name]
        self._file.seek(box.body)
        return _Numbers(self._file.read(box.end - box.body))

    def _primary(self) -> Iterator[tuple[int, int]]:
        box = self._box(b"pitm")
        yield 0, box.number(2 if box.version == 0 else 4)

    def _entries(self) -> Iterator[tuple[int, tuple[bytes, int, bytes]]]:
        """The type of every item, where that is written, and what follows."""
        box = self._boxes[b"iinf"]
        at = box.body + (6 if self._box(b"iinf").version == 0 else 8)
        for one in _whole(self._file, at, box.end):
            self._file.seek(one.body)
            entry = _Numbers(self._file.read(min(one.end - one.body, 1 << 16)))
            if one.name == b"infe" and entry.version in (2, 3):
                number = entry.number(2 if entry.version == 2 else 4)
                entry.number(2)  # its protection
                kind = entry.take(4)
                yield number, (kind, one.body + entry.at - 4, entry.rest())

    def _pieces(self) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
        """Where each item lies."""
        box, inner = self._box(b"iloc"), self._boxes.get(b"idat")
        first, second = box.number(1), box.number(1)
        sizes = first >> 4, first & 15, second >> 4, second & 15 if box.version else 0
        wide = 2 if box.version < 2 else 4
        for _ in range(min(box.number(wide), MOST)):
            number = box.number(wide)
            method = box.number(2) & 15 if box.version else 0
            box.number(2)  # in which file
            base, count = box.number(sizes[2]), box.number(2)
            base += inner.body if method == 1 and inner is not None else 0
            pieces, total = [], 0
            for _ in range(min(count, MOST)):
                box.number(sizes[3])
                place, length = base + box.number(sizes[0]), box.number(sizes[1])
                total += length
                pieces.append((place, length or max(0, self._size - place)))
            if total <= self._size and method < 2:
                yield number, tuple(pieces)

    def _properties(self) -> Iterator[tuple[int, tuple[Property, ...]]]:
        """What describes each item, in the order in which it is to be applied."""
        outer = self._boxes[b"iprp"]
        inner = {box.name: box for box in _whole(self._file, outer.body, outer.end)}
        shared = list(self._shared(inner[b"ipco"]))
        self._boxes[b"ipma"] = inner[b"ipma"]
        box = self._box(b"ipma")
        wide, large = (2 if box.version == 0 else 4), bool(box.flags & 1)
        for _ in range(min(box.number(4), MOST)):
            number, own = box.number(wide), []
            for _ in range(box.number(1)):
                word = box.number(2 if large else 1)
                index = word & (0x7FFF if large else 0x7F)
                if 0 < index <= len(shared):
                    essential = bool(word & (0x8000 if large else 0x80))
                    own.append(Property(shared[index - 1].name, shared[index - 1].box, essential))
            yield number, tuple(own)

    def _shared(self, container: Part) -> Iterator[Property]:
        for box in _whole(self._file, container.body, container.end):
            self._file.seek(box.start)
            yield Property(box.name, self._file.read(box.end - box.start))

    def _references(self) -> Iterator[tuple[int, Reference]]:
        outer, wide = self._boxes[b"iref"], 2 if self._box(b"iref").version == 0 else 4
        for one in _whole(self._file, outer.body + _FULL, outer.end):
            self._file.seek(one.body)
            box = _Numbers(self._file.read(one.end - one.body), headed=False)
            source, count = box.number(wide), box.number(2)
            targets = tuple(box.number(wide) for _ in range(min(count, MOST)))
            yield one.start, Reference(one.name, source, targets)


class _Numbers:
    """The numbers in a box, one after the other; raises `ValueError` at its end."""

    def __init__(self, data: bytes, *, headed: bool = True) -> None:
        self._data, self.at = data, 0
        self.version = self.number(1) if headed else 0
        self.flags = self.number(3) if headed else 0

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        found = self._data[self.at : self.at + size]
        if len(found) < size:
            raise ValueError("cut off")
        self.at += size
        return found

    def rest(self) -> bytes:
        return self._data[self.at :]


def _sound(part: Callable[[], Iterable[tuple[int, T]]]) -> dict[int, T]:
    """What `part` yields until it meets damage; the first of a number counts."""
    found: dict[int, T] = {}
    with contextlib.suppress(*_DAMAGE):
        for number, value in part():
            found.setdefault(number, value)
    return found


def _whole(file: IO[bytes], at: int, end: int) -> Iterator[Part]:
    """The boxes that are all there."""
    return (box for box in boxes(file, at, end) if box.end <= end)

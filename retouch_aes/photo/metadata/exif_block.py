"""EXIF blocks built entry by entry: type and bytes as they were, offsets new (CIPA DC-008, section 4.5).

For sources that keep EXIF among the tags of their pixels (TIFF, DNG and other RAW), and for TIFF as a target.
The directories come first and then their values, small ones before large ones, so that of a block that needs
several JPEG segments the first holds what most readers look for.
"""

import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from retouch_aes.photo.metadata import maker_note
from retouch_aes.photo.metadata.tiff_directory import (
    EXIF_IFD,
    GPS_IFD,
    INTEROP_IFD,
    LONG,
    SIZES,
    Tiff,
    Value,
)

MAX_BLOCK = 1 << 24
"""Bytes of values that are taken into one block: 16 MB; what would go beyond is left out."""

_MAKER_NOTE = 0x927C
_KNOWN = {EXIF_IFD: {INTEROP_IFD: {}}, GPS_IFD: {}}  # type: dict[int, dict[int, dict[int, object]]]

# Tags of the first directory that describe how pixels are stored or coloured, or that are carried otherwise:
# TIFF 6.0 and its supplements, TIFF/EP, DNG 1.7.
_STORAGE = frozenset(
    {
        *range(254, 269), 273, *range(277, 282), 284, *range(288, 294), 297, 301, *range(317, 348), 351,
        *range(400, 406), *range(433, 436), *range(512, 522), *range(529, 533), 559, 700, 33421, 33422, 33723,
        34377, 34675, 37398, 37724, *range(50706, 52600),
    }
)  # fmt: skip
# Of DNG's own: the camera's localised name, its serial number, the lens, the RAW file's id and name.
_DESCRIPTIVE = frozenset({50708, 50709, 50735, 50736, 50781, 50827})


@dataclass(frozen=True)
class Branch:
    """A directory: its entries, the offset each value had, and its sub-directories by tag."""

    values: tuple[Value, ...] = ()
    offsets: Mapping[int, int] = field(default_factory=dict)
    children: Mapping[int, "Branch"] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing hangs here."""
        return not self.values and all(child.empty for child in self.children.values())


def branch(tiff: Tiff, directory: int) -> Branch:
    """The directory at that offset with its Exif, GPS and interoperability directories."""
    return _branch(tiff, directory, _KNOWN, [MAX_BLOCK], frozenset())


def described(tiff: Tiff, directory: int) -> Branch:
    """The same without what describes how the file stores its pixels, and without empty directories."""
    root = _branch(tiff, directory, _KNOWN, [MAX_BLOCK], _STORAGE - _DESCRIPTIVE)
    return replace(root, children={tag: child for tag, child in root.children.items() if not child.empty})


def _branch(
    tiff: Tiff, directory: int, pointers: Mapping[int, object], left: list[int], aside: Collection[int]
) -> Branch:
    values, offsets, children = [], {}, {}
    for entry in tiff.entries(directory):
        inner = pointers.get(entry.tag)
        if isinstance(inner, dict):
            at = tiff.pointer(directory, entry.tag)
            if at and entry.tag not in children:
                children[entry.tag] = _branch(tiff, at, inner, left, ())
        elif entry.kind <= 12 and entry.tag not in offsets and entry.tag not in aside:
            data = tiff.data(entry) if 0 < entry.size <= left[0] else b""
            if data:
                left[0] -= len(data)
                offsets[entry.tag] = entry.at
                values.append(Value(entry.tag, entry.kind, entry.count, data))
    return Branch(tuple(values), offsets, children)


def joined(root: Branch, beside: Branch) -> Branch:
    """`root`, and what it does not say from `beside`."""
    tags = {value.tag for value in root.values}
    more = tuple(value for value in beside.values if value.tag not in tags)
    return Branch(
        (*root.values, *more), {**beside.offsets, **root.offsets}, {**beside.children, **root.children}
    )


def without(root: Branch, tags: Collection[int]) -> Branch:
    """`root` without entries of those tags."""
    return replace(root, values=tuple(value for value in root.values if value.tag not in tags))


def block(root: Branch, endian: str) -> bytes:
    """`root` as an EXIF block of that byte order ("<" or ">"); b"" where there is nothing in it."""
    if root.empty:
        return b""
    head = (b"II*\x00" if endian == "<" else b"MM\x00*") + struct.pack(endian + "I", 8)
    return head + laid_out(root, endian, 8)


def laid_out(root: Branch, endian: str, start: int) -> bytes:
    """The directories of `root` and all their values, to stand at offset `start`, an even number."""
    branches = list(_flat(root))
    places, at = {}, start
    for one in branches:
        places[id(one)] = at
        at += 2 + 12 * len(_tags(one)) + 4
    large = [(one, value) for one in branches for value in one.values if len(value.data) > 4]
    bodies, offsets = [], {}
    for one, value in sorted(large, key=lambda pair: len(pair[1].data)):
        offsets[id(one), value.tag] = at
        data = value.data
        if value.tag == _MAKER_NOTE:
            data = maker_note.moved(data, one.offsets.get(value.tag, 0), at, endian)
        bodies.append(data + bytes(len(data) % 2))
        at += len(bodies[-1])
    return b"".join([*(_directory(one, endian, places, offsets) for one in branches), *bodies])


def _flat(root: Branch) -> Iterable[Branch]:
    yield root
    for tag in sorted(root.children):
        yield from _flat(root.children[tag])


def _tags(one: Branch) -> list[int]:
    return sorted({*(value.tag for value in one.values), *one.children})


def _directory(
    one: Branch, endian: str, places: Mapping[int, int], offsets: Mapping[tuple[int, int], int]
) -> bytes:
    values = {value.tag: value for value in one.values}
    entries = []
    for tag in _tags(one):
        if tag in one.children:
            kind, count, data = LONG, 1, struct.pack(endian + "I", places[id(one.children[tag])])
        else:
            value = values[tag]
            kind, count, data = value.kind, value.count, value.data
            if len(data) > 4:
                data = struct.pack(endian + "I", offsets[id(one), tag])
        entries.append(struct.pack(endian + "HHI", tag, kind, count) + data.ljust(4, b"\x00"))
    return struct.pack(endian + "H", len(entries)) + b"".join(entries) + bytes(4)


def with_values(data: bytes, extra: Iterable[Value], endian: str) -> bytes:
    """The block `data` with more entries in its first directory, which moves to the end, and alone."""
    tiff = Tiff.of(data) if data else Tiff.of(_empty(endian))
    body = bytearray(data or _empty(endian))
    entries = {
        e.tag: bytes(body[e.place : e.place + 12]) for e in tiff.entries(tiff.first) if e.kind in SIZES
    }
    following = tiff.following(tiff.first)
    for value in extra:
        content = value.data
        if len(content) > 4:
            body += bytes(len(body) % 2)
            content = struct.pack(tiff.endian + "I", len(body))
            body += value.data
        entries[value.tag] = struct.pack(
            tiff.endian + "HHI", value.tag, value.kind, value.count
        ) + content.ljust(4, b"\x00")
    body += bytes(len(body) % 2)
    struct.pack_into(tiff.endian + "I", body, 4, len(body))
    body += struct.pack(tiff.endian + "H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries))
    return bytes(body + struct.pack(tiff.endian + "I", following))


def _empty(endian: str) -> bytes:
    head = b"II*\x00" if endian == "<" else b"MM\x00*"
    return head + struct.pack(endian + "IHI", 8, 0, 0)

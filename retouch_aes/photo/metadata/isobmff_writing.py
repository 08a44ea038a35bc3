"""A HEIC or AVIF out of items: what `isobmff_items` reads, written (ISO/IEC 23008-12, 14496-12)."""

import struct
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from retouch_aes.photo.metadata.isobmff_items import Item, ItemFile, Property, Reference

_HANDLER = bytes(4) + b"pict" + bytes(12) + b"\0"
_HIDDEN = 1


@dataclass(frozen=True)
class Written:
    """An item and its bytes; one that is `hidden` is no picture in its own right."""

    item: Item
    content: bytes
    hidden: bool = False


def box(name: bytes, content: bytes) -> bytes:
    """A box as it stands in a file."""
    return struct.pack(">I4s", 8 + len(content), name) + content


def prop(name: bytes, content: bytes, *, essential: bool = False) -> Property:
    """A property of that content."""
    return Property(name, box(name, content), essential)


def copied(file: ItemFile, wanted: Collection[int]) -> tuple[dict[int, Written], list[Reference]]:
    """Items of `file` by their number there, and the references among them; numbered anew from 1 on."""
    new = {number: 1 + place for place, number in enumerate(n for n in file.items if n in wanted)}
    items = {
        old: Written(replace(file.items[old], number=number), file.content(file.items[old]))
        for old, number in new.items()
    }
    references = [
        Reference(one.kind, new[one.source], tuple(new[target] for target in one.targets))
        for one in file.references
        if one.source in new and new.keys() >= set(one.targets)
    ]
    return items, references


def packed(
    brands: bytes,
    primary: int,
    items: Sequence[Written],
    references: Iterable[Reference],
    alternatives: Sequence[int] = (),
) -> bytes:
    """The file; `brands` is the content of its first box, of `alternatives` the first is best shown."""
    shared = list(dict.fromkeys((one.name, one.box) for written in items for one in written.item.properties))
    head = box(b"ftyp", brands)
    before = len(head) + len(_meta(primary, items, references, alternatives, shared, 0)) + 8
    meta = _meta(primary, items, references, alternatives, shared, before)
    return head + meta + box(b"mdat", b"".join(written.content for written in items))


def _meta(
    primary: int,
    items: Sequence[Written],
    references: Iterable[Reference],
    alternatives: Sequence[int],
    shared: Sequence[tuple[bytes, bytes]],
    start: int,
) -> bytes:
    """The box "meta", where the bytes of the items begin at `start`."""
    entries, places, owned, at = [], [], [], start
    for written in items:
        item, length = written.item, len(written.content)
        flags = _HIDDEN if written.hidden else 0
        about = struct.pack(">BxxBHH4s", 2, flags, item.number, 0, item.kind) + item.after
        entries.append(box(b"infe", about))
        places.append(struct.pack(">HHHII", item.number, 0, 1, at, length))
        words = [
            shared.index((one.name, one.box)) + 1 | (0x8000 if one.essential else 0)
            for one in item.properties
        ]
        if words:
            owned.append(struct.pack(f">HB{len(words)}H", item.number, len(words), *words))
        at += length
    boxes = [
        box(b"hdlr", bytes(4) + _HANDLER),
        box(b"pitm", struct.pack(">IH", 0, primary)),
        box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(places)) + b"".join(places)),
        box(b"iinf", struct.pack(">IH", 0, len(entries)) + b"".join(entries)),
    ]
    named = [
        box(one.kind, struct.pack(f">HH{len(one.targets)}H", one.source, len(one.targets), *one.targets))
        for one in references
    ]
    if named:
        boxes.append(box(b"iref", bytes(4) + b"".join(named)))
    properties = box(b"ipco", b"".join(one for _, one in shared))
    properties += box(b"ipma", struct.pack(">II", 1, len(owned)) + b"".join(owned))
    boxes.append(box(b"iprp", properties))
    if alternatives:
        count = len(alternatives)
        group = struct.pack(f">III{count}I", 0, len(items) + 1, count, *alternatives)
        boxes.append(box(b"grpl", box(b"altr", group)))
    return box(b"meta", bytes(4) + b"".join(boxes))

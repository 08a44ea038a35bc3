"""HDR gain maps in HEIC and AVIF: out of the file, as the JPEG that would lie behind a picture, and into it.

Apple keeps the map as an auxiliary picture with XMP of its own. ISO 21496-1 has an item "tmap" that is
derived from the picture and the map, its content the numbers by which one is applied to the other; a group
says that it stands for the picture where it can be shown (ISO/IEC 23008-12, third edition). Which of both is
written follows from what the map says of itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from PIL import Image

from retouch_aes.photo.metadata import gain_maps
from retouch_aes.photo.metadata.gain_map_numbers import GainMapNumbers
from retouch_aes.photo.metadata.isobmff_items import Item, ItemFile, Reference
from retouch_aes.photo.metadata.isobmff_orientation import TURNING
from retouch_aes.photo.metadata.isobmff_writing import Written, copied, packed, prop

APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
_XMP_TYPE = b"\0application/rdf+xml\0"
_ALPHA = (b"auxiliary:alpha", b"2015:auxid:1\0")
_BRAND = b"tmap"
_LARGEST = 1 << 26
# Of the other rendition: BT.709 primaries, PQ, full range; and 10 bits a channel.
_COLOUR = b"nclx\0\x01\0\x10\0\x00\x80"
_DEPTH = bytes(4) + b"\x03\x0a\x0a\x0a"

Decode = Callable[[bytes], Image.Image]
Encode = Callable[[Image.Image], bytes]


def kinds(items: ItemFile) -> Iterator[str]:
    """What lies beside the picture but its transparency: the URNs of auxiliary pictures, and "gainmap"."""
    for item in items.sources(b"auxl", items.primary):
        urn = item.property(b"auxC") or b""
        if not any(mark in urn + b"\0" for mark in _ALPHA):
            yield urn[4:].partition(b"\0")[0].decode("latin-1")
    if _tone_mapped(items) is not None:
        yield "gainmap"


def found(items: ItemFile, decode: Decode) -> bytes:
    """The gain map of the picture in `items` as JPEG, not turned; b"" where there is none that can be shown.

    `decode` makes an image of a file with one picture.
    """
    try:
        return _of_iso(items, decode) or _of_apple(items, decode)
    except Exception:  # a decoder on foreign bytes: a map that cannot be shown is none
        return b""


def _tone_mapped(items: ItemFile) -> tuple[Item, Item] | None:
    """The item that stands for the picture with its map, and the map."""
    for item in items.items.values():
        inputs = items.targets(b"dimg", item.number) if item.kind == b"tmap" else ()
        if len(inputs) == 2 and inputs[0] == items.primary and inputs[1] in items.items:
            return item, items.items[inputs[1]]
    return None


def _of_iso(items: ItemFile, decode: Decode) -> bytes:
    pair = _tone_mapped(items)
    block = b"" if pair is None else items.content(pair[0])
    numbers = GainMapNumbers.of_iso(block[1:]) if block[:1] == b"\0" else None
    if pair is None or numbers is None:
        return b""
    return gain_maps.encoded(_picture(items, pair[1], decode), numbers.xmp(), numbers.iso())


def _of_apple(items: ItemFile, decode: Decode) -> bytes:
    for item in items.sources(b"auxl", items.primary):
        if APPLE in (item.property(b"auxC") or b""):
            texts = (one for one in items.sources(b"cdsc", item.number) if one.kind == b"mime")
            packet = next((items.content(one) for one in texts), b"")
            return gain_maps.encoded(_picture(items, item, decode), packet)
    return b""


def _picture(items: ItemFile, item: Item, decode: Decode) -> Image.Image:
    """A picture that is not the one that is meant, as it is stored."""
    stated = (item.property(b"ispe") or b"")[4:12].ljust(8, b"\0")
    if not 0 < int.from_bytes(stated[:4], "big") * int.from_bytes(stated[4:], "big") <= _LARGEST:
        raise ValueError("no size, or too large a one")
    written, references = copied(items, {item.number, *items.targets(b"dimg", item.number)})
    plain = [replace(one, item=_plain(one.item)) for one in written.values()]
    brands = items.brands[:8] + b"".join(_others(items.brands, _BRAND))
    return decode(packed(brands, written[item.number].item.number, plain, references))


def _others(brands: bytes, one: bytes) -> Iterator[bytes]:
    """The brands that a file is compatible with, but for `one`."""
    for at in range(8, len(brands) - 3, 4):
        if brands[at : at + 4] != one:
            yield brands[at : at + 4]


def _plain(item: Item) -> Item:
    """The same without what turns it, and what it is to another."""
    left = tuple(one for one in item.properties if one.name not in (*TURNING, b"auxC"))
    return replace(item, properties=left)


def can_hold(gain_map: bytes) -> bool:
    """Whether a HEIC or AVIF has a place for this map."""
    return gain_maps.numbers(gain_map) is not None or gain_maps.is_apples(gain_map)


def added(picture: bytes, gain_map: bytes, encode: Encode) -> bytes:
    """The HEIC or AVIF `picture` with its map, a JPEG; as it is where the map has no place in it.

    `encode` makes a file of the same format of an image.
    """
    items = ItemFile.of_bytes(picture)
    own = ItemFile.of_bytes(encode(gain_maps.image(gain_map)))
    if items.picture is None or own.picture is None or not can_hold(gain_map):
        return picture
    base, references = copied(items, items.items)
    primary, written = base[items.primary].item, list(base.values())
    pieces = (own.primary, *own.targets(b"dimg", own.primary))
    shift = len(written)
    maps, inner = copied(own, pieces)
    written += [replace(one, item=_moved(one.item, shift), hidden=True) for one in maps.values()]
    references += [Reference(r.kind, r.source + shift, tuple(t + shift for t in r.targets)) for r in inner]
    number = maps[own.primary].item.number + shift
    numbers, after = gain_maps.numbers(gain_map), len(written) + 1
    if numbers is None:
        at = next(place for place, one in enumerate(written) if one.item.number == number)
        aux = prop(b"auxC", bytes(4) + APPLE + b"\0")
        one = written[at].item
        written[at] = replace(written[at], item=replace(one, properties=(*one.properties, aux)))
        written.append(
            Written(Item(after, b"mime", after=_XMP_TYPE), gain_maps.packet(gain_map), hidden=True)
        )
        told = [Reference(b"auxl", number, (primary.number,)), Reference(b"cdsc", after, (number,))]
        return packed(items.brands, primary.number, written, [*references, *told])
    size = prop(b"ispe", primary.property(b"ispe") or bytes(12))
    about = (size, prop(b"pixi", _DEPTH), prop(b"colr", _COLOUR))
    written.append(Written(Item(after, b"tmap", properties=about), b"\0" + numbers.iso()))
    derived = Reference(b"dimg", after, (primary.number, number))
    brands = items.brands + (b"" if _BRAND in items.brands else _BRAND)
    return packed(brands, primary.number, written, [*references, derived], (after, primary.number))


def _moved(item: Item, by: int) -> Item:
    return replace(item, number=item.number + by)

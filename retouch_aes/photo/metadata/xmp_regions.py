"""Places in a picture that XMP tells of: they move when the picture is turned upright, or cut.

Face regions (Metadata Working Group, ACDSee, Microsoft, IPTC) and the subject area. All of them count from
the corner of the stored picture, whatever its orientation (MWG 2010, section 5.9).
"""

import contextlib
from collections.abc import Iterable, Iterator

from retouch_aes.photo.metadata.turning import Move
from retouch_aes.photo.metadata.xmp_packet import RDF, Attribute, Element, Item, Packet

_EXIF = "http://ns.adobe.com/exif/1.0/"
_REGION, _IPTC = "http://ns.microsoft.com/photo/1.2/t/Region#", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


def move(packet: Packet, to: Move) -> None:
    """Every place of `packet` moved; what is no longer in the picture is taken out."""
    for element in packet.elements:
        inside = _move_area(packet, _fields(element, "sType/Area#"), to)
        inside &= _move_iptc(packet, _fields(element, _IPTC), to)
        own: list[Item] = [element, *element.attributes]
        for item in own:
            if item.name == (_REGION, "Rectangle"):
                box = floats(item.text.split(","))
                if len(box) == 4:
                    there = to.rectangle((box[0], box[1], box[2], box[3]), shares=True)
                    packet.set(item, ", ".join(map(text, there)))
                    inside &= to.holds(box[0] + box[2] / 2, box[1] + box[3] / 2, shares=True)
        if element.name == (_EXIF, "SubjectArea"):
            _move_subject(packet, element, to)
        if not inside:
            _remove_entry(packet, element)
    for fields in _dimensions(packet):
        across, down = _values(fields, "wh")
        _set(packet, fields, ("w", "h"), to.dimensions(across, down))


def scale_dimensions(packet: Packet, scale: tuple[float, float]) -> None:
    """The sizes that regions apply to, `scale` times larger, across and down."""
    for fields in _dimensions(packet):
        sides = zip(_values(fields, "wh"), scale, strict=False)
        _set(packet, fields, ("w", "h"), [round(side * by) for side, by in sides])


def _remove_entry(packet: Packet, inner: Element) -> None:
    """Take out the list entry that `inner` lies in, or is."""
    entries = (e for e in packet.elements if e.name == (RDF, "li"))
    holding = [e for e in entries if e.start <= inner.start and inner.end <= e.end]
    packet.remove(holding[-1] if holding else inner)


def _move_area(packet: Packet, fields: dict[str, Item], to: Move) -> bool:
    """An area about its centre, in shares of the picture or in pixels. Whether it is in the new picture."""
    shares = not ("unit" in fields and fields["unit"].text.strip() == "pixel")
    centre, size = _values(fields, "xy"), _values(fields, "wh")
    if len(size) == 2:
        _set(packet, fields, ("w", "h"), to.size(size[0], size[1], shares=shares))
    if len(centre) != 2:
        return True
    _set(packet, fields, ("x", "y"), to.point(centre[0], centre[1], shares=shares))
    return to.holds(centre[0], centre[1], shares=shares)


def _move_iptc(packet: Packet, fields: dict[str, Item], to: Move) -> bool:
    """A rectangle about its top left corner, or the point of a circle or polygon."""
    corner, size = _values(fields, ("rbX", "rbY")), _values(fields, ("rbW", "rbH"))
    shares = max([*corner, *size, 0]) <= 1
    if len(corner) == 2 and len(size) == 2:
        box = to.rectangle((corner[0], corner[1], size[0], size[1]), shares=shares)
        _set(packet, fields, ("rbX", "rbY", "rbW", "rbH"), box)
        return to.holds(corner[0] + size[0] / 2, corner[1] + size[1] / 2, shares=shares)
    if len(corner) == 2:
        _set(packet, fields, ("rbX", "rbY"), to.point(corner[0], corner[1], shares=shares))
    return True


def _move_subject(packet: Packet, element: Element, to: Move) -> None:
    items = [item for list_ in element.children for item in list_.children if item.name == (RDF, "li")]
    numbers = floats([item.text for item in items])
    if len(numbers) != len(items) or not 2 <= len(items) <= 4:
        return
    if not to.holds(numbers[0], numbers[1]):
        packet.remove(element)
        return
    moved = [*to.point(numbers[0], numbers[1]), *numbers[2:]]
    if len(moved) == 4:
        moved[2:] = to.size(moved[2], moved[3])
    for item, number in zip(items, moved, strict=True):
        packet.set(item, text(round(number)))


def _dimensions(packet: Packet) -> Iterator[dict[str, Item]]:
    """The sizes of the picture that regions apply to."""
    for element in packet.elements:
        if element.name[1] == "AppliedToDimensions":
            for one in [element, *element.children]:
                fields = _fields(one, "sType/Dimensions#")
                if len(_values(fields, "wh")) == 2:
                    yield fields


def _fields(element: Element, namespace: str) -> dict[str, Item]:
    return {item.name[1]: item for item in element.items if item.name[0].endswith(namespace)}


def _values(fields: dict[str, Item], names: Iterable[str]) -> tuple[float, ...]:
    return floats([fields[name].text for name in names if name in fields])


def floats(texts: Iterable[str]) -> tuple[float, ...]:
    """The numbers that `texts` are; none where one is not a number, or a huge one."""
    with contextlib.suppress(ValueError):
        numbers = tuple(float(text) for text in texts)
        return numbers if all(abs(number) < 1e9 for number in numbers) else ()
    return ()


def _set(packet: Packet, fields: dict[str, Item], names: Iterable[str], numbers: Iterable[float]) -> None:
    for name, number in zip(names, numbers, strict=False):
        item = fields[name]
        if isinstance(item, Attribute) or not item.children:
            packet.set(item, text(number))


def text(number: float) -> str:
    """A number as XMP has it."""
    return f"{number:.9g}"

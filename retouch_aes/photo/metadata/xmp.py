"""XMP that describes a picture which is changed: what can be corrected is, what is no longer so is taken out.

* turned upright: orientation, face regions (Metadata Working Group, ACDSee, Microsoft, IPTC), subject area.
  All of them count from the corner of the stored picture, whatever its orientation (MWG 2010, section 5.9).
* written in another size or colour space: sizes, `photoshop:ICCProfile`, `exif:ColorSpace`.
* only one picture is kept: a motion photo's film, gain maps and depth maps behind the picture are not, so
  nothing may announce them. Thumbnails and the "original" of a refocused photo show it before its edit.
* develop settings of another program, beside a RAW file: they have not been applied, and must not be twice.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator

from retouch_aes.photo.metadata.payloads import ELSEWHERE, GOOGLE, IN_THE_PACKET, is_film
from retouch_aes.photo.metadata.turning import turned_point, turned_rectangle, turned_size
from retouch_aes.photo.metadata.xmp_packet import RDF, Attribute, Element, Item, Packet, in_utf8

_TIFF, _EXIF = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/"
_PHOTOSHOP, _XMP = "http://ns.adobe.com/photoshop/1.0/", "http://ns.adobe.com/xap/1.0/"
_REGION, _IPTC = "http://ns.microsoft.com/photo/1.2/t/Region#", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_PANORAMA = GOOGLE + "1.0/panorama/"
_SETTINGS = (
    "http://ns.adobe.com/camera-raw-settings/1.0/",
    "http://ns.adobe.com/camera-raw-saved-settings/1.0/",
    "http://darktable.sf.net/",
)
_CREDENTIALS = ("http://purl.org/dc/terms/", "provenance")
_STALE = {(_XMP, "Thumbnails"), (_TIFF, "NativeDigest"), (_EXIF, "NativeDigest")}
_REGION_LISTS = {"Regions", "RegionInfo", "ImageRegion"}
_ORIENTATION = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|\s*>\s*))([1-8])")


def orientation(xmp: bytes) -> int | None:
    """The orientation 1..8 that `xmp` states; None where it states none."""
    if b"Orientation" not in in_utf8(xmp):
        return None
    try:
        packet = Packet(xmp)
    except ValueError:
        match = _ORIENTATION.search(xmp)
        return int(match[2]) if match else None
    texts = [item.text.strip() for item in packet.items() if item.name == (_TIFF, "Orientation")]
    return next((int(text) for text in texts if text in "12345678" and len(text) == 1), None)


def upright(xmp: bytes, width: int, height: int, turn: int) -> bytes:
    """`xmp` for the upright picture alone; the stored one has this size, and the orientation `turn`."""
    try:
        packet = Packet(xmp)
    except ValueError:
        return _ORIENTATION.sub(rb"\g<1>1", xmp)
    items = list(packet.items())
    data = {item.name[0] for item in items if item.name[1] == "Data"}
    gone = [*ELSEWHERE, *(name for name in IN_THE_PACKET if turn != 1 or name not in data)]
    _remove(packet, items, gone)
    for item in items:
        if item.name in _STALE or _announces(item):
            packet.remove(item)
        elif item.name == (_TIFF, "Orientation") and item.text.strip() != "1":
            packet.set(item, "1")
    if turn != 1:
        _turn(packet, width, height, turn)
    return packet.result()


def without_settings(xmp: bytes) -> bytes:
    """`xmp` without the develop settings of raw developers."""
    try:
        packet = Packet(xmp)
    except ValueError:
        return xmp
    _remove(packet, packet.items(), _SETTINGS)
    return packet.result()


def for_srgb(
    xmp: bytes, width: int, height: int, profile: str, scale: tuple[float, float] | None = (1.0, 1.0)
) -> bytes:
    """`xmp` for an upright sRGB photo of this size with a profile of that name ("" for none).

    `scale` is how many times larger the photo has become since it was read, across and down; None where its
    shape has changed, and then regions are taken out.
    """
    try:
        packet = Packet(xmp)
    except ValueError:
        return xmp
    numbers = {
        (_TIFF, "ImageWidth"): width,
        (_TIFF, "ImageLength"): height,
        (_EXIF, "PixelXDimension"): width,
        (_EXIF, "PixelYDimension"): height,
        (_EXIF, "ColorSpace"): 1,
    }
    for item in list(packet.items()):
        if item.name in numbers:
            if item.text.strip() != str(numbers[item.name]):
                packet.set(item, str(numbers[item.name]))
        elif item.name == (_PHOTOSHOP, "ICCProfile") and "sRGB" not in item.text:
            packet.set(item, profile) if profile else packet.remove(item)
        elif scale is None and (item.name[1] in _REGION_LISTS or item.name == (_EXIF, "SubjectArea")):
            packet.remove(item)
    if scale is not None and scale != (1.0, 1.0):
        _scale_panorama(packet, scale)
        for fields in _dimensions(packet):
            _set(
                packet,
                fields,
                ("w", "h"),
                [round(v * s) for v, s in zip(_values(fields, "wh"), scale, strict=False)],
            )
    return packet.result()


def _announces(item: Item) -> bool:
    """Whether it tells of a film behind the picture, or of credentials in the file."""
    if item.name == _CREDENTIALS:
        return item.text.startswith("self#jumbf")
    return is_film(item)


def _scale_panorama(packet: Packet, scale: tuple[float, float]) -> None:
    """Sizes and places in pixels of a picture that is a part of a sphere."""
    for item in packet.items():
        namespace, name = item.name
        if namespace == _PANORAMA and name.endswith("Pixels") and len(found := _floats([item.text])) == 1:
            across = "Width" in name or "Left" in name
            packet.set(item, _text(round(found[0] * scale[0 if across else 1])))


def _remove(packet: Packet, items: Iterable[Item], namespaces: Iterable[str]) -> None:
    starts = tuple(namespaces)
    for item in items:
        if item.name[0].startswith(starts):
            packet.remove(item)


def _turn(packet: Packet, width: int, height: int, turn: int) -> None:
    for element in packet.elements:
        _turn_area(packet, _fields(element, "sType/Area#"), width, height, turn)
        _turn_iptc(packet, _fields(element, _IPTC), width, height, turn)
        own: list[Item] = [element, *element.attributes]
        for item in own:
            if item.name == (_REGION, "Rectangle"):
                box = _floats(item.text.split(","))
                if len(box) == 4:
                    turned = turned_rectangle((box[0], box[1], box[2], box[3]), 1, 1, turn)
                    packet.set(item, ", ".join(map(_text, turned)))
        if element.name == (_EXIF, "SubjectArea"):
            _turn_subject(packet, element, width, height, turn)
    for fields in _dimensions(packet):
        across, down = _values(fields, "wh")
        _set(packet, fields, ("w", "h"), turned_size(across, down, turn))


def _turn_area(packet: Packet, fields: dict[str, Item], width: int, height: int, turn: int) -> None:
    """An area about its centre, in shares of the picture or in pixels."""
    whole = (width, height) if "unit" in fields and fields["unit"].text.strip() == "pixel" else (1, 1)
    centre, size = _values(fields, "xy"), _values(fields, "wh")
    if len(centre) == 2:
        _set(packet, fields, ("x", "y"), turned_point(*centre, *whole, turn))
    if len(size) == 2:
        _set(packet, fields, ("w", "h"), turned_size(*size, turn))


def _turn_iptc(packet: Packet, fields: dict[str, Item], width: int, height: int, turn: int) -> None:
    """A rectangle about its top left corner, or the point of a circle or polygon."""
    corner, size = _values(fields, ("rbX", "rbY")), _values(fields, ("rbW", "rbH"))
    pixels = max([*corner, *size, 0]) > 1
    whole = (width, height) if pixels else (1, 1)
    if len(corner) == 2 and len(size) == 2:
        box = turned_rectangle((*corner, *size), *whole, turn)
        _set(packet, fields, ("rbX", "rbY", "rbW", "rbH"), box)
    elif len(corner) == 2:
        _set(packet, fields, ("rbX", "rbY"), turned_point(*corner, *whole, turn))


def _turn_subject(packet: Packet, element: Element, width: int, height: int, turn: int) -> None:
    items = [item for list_ in element.children for item in list_.children if item.name == (RDF, "li")]
    numbers = _floats([item.text for item in items])
    if len(numbers) != len(items) or not 2 <= len(items) <= 4:
        return
    turned = [*turned_point(numbers[0], numbers[1], width, height, turn), *numbers[2:]]
    if len(turned) == 4:
        turned[2:] = turned_size(turned[2], turned[3], turn)
    for item, number in zip(items, turned, strict=True):
        packet.set(item, _text(round(number)))


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
    return _floats([fields[name].text for name in names if name in fields])


def _floats(texts: Iterable[str]) -> tuple[float, ...]:
    with contextlib.suppress(ValueError):
        numbers = tuple(float(text) for text in texts)
        return numbers if all(abs(number) < 1e9 for number in numbers) else ()
    return ()


def _set(packet: Packet, fields: dict[str, Item], names: Iterable[str], numbers: Iterable[float]) -> None:
    for name, number in zip(names, numbers, strict=False):
        item = fields[name]
        if isinstance(item, Attribute) or not item.children:
            packet.set(item, _text(number))


def _text(number: float) -> str:
    return f"{number:.9g}"

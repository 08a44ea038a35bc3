"""XMP that describes a picture which is changed: what can be corrected is, what is no longer so is taken out.

* turned upright or cut: orientation, and places in the picture (`xmp_regions`).
* written in another size or colour space: sizes, `photoshop:ICCProfile`, `exif:ColorSpace`.
* only one picture is kept: a motion photo's film, gain maps and depth maps behind the picture are not, so
  nothing may announce them. Thumbnails and the "original" of a refocused photo show it before its edit.
* develop settings of another program, beside a RAW file: they have not been applied, and must not be twice.
"""

import re
from collections.abc import Iterable

from retouch_aes.photo.metadata import xmp_regions
from retouch_aes.photo.metadata.payloads import ELSEWHERE, GOOGLE, IN_THE_PACKET, is_film
from retouch_aes.photo.metadata.turning import Move, Turn
from retouch_aes.photo.metadata.xmp_packet import Item, Packet, in_utf8

_TIFF, _EXIF = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/"
_PHOTOSHOP, _XMP = "http://ns.adobe.com/photoshop/1.0/", "http://ns.adobe.com/xap/1.0/"
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


def is_understood(xmp: bytes) -> bool:
    """Whether it is a packet whose properties can be read."""
    try:
        Packet(xmp)
    except ValueError:
        return False
    return True


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
        xmp_regions.move(packet, Turn(width, height, turn))
    return packet.result()


def moved(xmp: bytes, to: Move) -> bytes:
    """`xmp` of a picture whose places have moved; a region that is no longer in it is taken out.

    A part of a sphere that is cut or turned is no panorama that a viewer could place.
    """
    try:
        packet = Packet(xmp)
    except ValueError:
        return xmp
    _remove(packet, packet.items(), (_PANORAMA,))
    xmp_regions.move(packet, to)
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
        return _ORIENTATION.sub(rb"\g<1>1", xmp)
    numbers = {
        (_TIFF, "Orientation"): 1,
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
        xmp_regions.scale_dimensions(packet, scale)
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
        if (
            namespace == _PANORAMA
            and name.endswith("Pixels")
            and len(found := xmp_regions.floats([item.text])) == 1
        ):
            across = "Width" in name or "Left" in name
            packet.set(item, xmp_regions.text(round(found[0] * scale[0 if across else 1])))


def _remove(packet: Packet, items: Iterable[Item], namespaces: Iterable[str]) -> None:
    starts = tuple(namespaces)
    for item in items:
        if item.name[0].startswith(starts):
            packet.remove(item)

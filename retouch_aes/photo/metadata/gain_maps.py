"""HDR gain maps beside the picture of a JPEG: ISO 21496-1, Adobe's specification 1.0, Ultra HDR, Apple.

A gain map is a small JPEG behind the picture (`isobmff_gain_maps` has those of HEIC and AVIF). It says, point
by point, how many times brighter than the picture the scene is shown on a display that can, as a ratio
between the two renditions. So it stays true as long as its points lie on those of the picture: an edit of
tones and colours changes both renditions alike, and a smaller or larger copy needs no other map, for maps are
stretched to the picture. Turned upright, the map is turned with it. Where the picture was cropped or its
shape has changed, the map is left out; so is a coloured map of a picture that has no colour any more, which
it would tint.

The file finds it by an index of pictures (CIPA DC-007, "MPF"), by a list in the XMP of the picture
(GContainer), and by marks in both pictures; they are written anew, for a list with old lengths leads nowhere.
"""

import io
import struct

from PIL import Image, ImageChops, ImageOps

from retouch_aes.photo.metadata import containers, jpeg_segments
from retouch_aes.photo.metadata.gain_map_numbers import GainMapNumbers
from retouch_aes.photo.metadata.xmp_packet import RDF, Packet

ROOM = 1024
"""Bytes of XMP that the announcement takes at most."""

MARKS = (
    *(b"http://ns.adobe.com/hdr-gain-map/", b"hdrgm:", b"HDRGainMap", b"hdrgainmap"),
    b"urn:iso:std:iso:ts:21496",
)
_ADOBE, _ISO, _PROFILE = MARKS[0], b"urn:iso:std:iso:ts:21496:-1\0", b"ICC_PROFILE\0"
_APP1, _APP2, _MPF = 0xE1, 0xE2, b"MPF\0"
_ORIENTATION = 0x0112
_MOST = 1 << 26
_HEAD = 1 << 16
_QUALITY = 95
_SAME = 3  # levels that three channels of one map are apart after JPEG
_APPLES = (b"HDRGainMap", b"hdrgainmap")
_APPLE = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" '
    'xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/" HDRGainMap:HDRGainMapVersion="65536" '
    'xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/" '
    'apdi:AuxiliaryImageType="urn:com:apple:photo:2020:aux:hdrgainmap"/></rdf:RDF></x:xmpmeta>'
).encode("ascii")

_CONTAINER, _ITEM = (
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/container/item/",
)
_DIRECTORY = (
    '<rdf:Description xmlns:rdf="{rdf}" rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" '
    'xmlns:Container="{container}" xmlns:Item="{item}" hdrgm:Version="1.0"><Container:Directory><rdf:Seq>'
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/>'
    '</rdf:li><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" '
    'Item:Mime="image/jpeg" Item:Length="{length}"/></rdf:li></rdf:Seq></Container:Directory>'
    "</rdf:Description>"
)
_PACKET = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}"></rdf:RDF></x:xmpmeta>'


def usable(data: bytes) -> bytes:
    """`data` where it is a JPEG that is marked as a gain map, else b""."""
    if len(data) > _MOST or not any(mark in data[:_HEAD] for mark in MARKS):
        return b""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            image.load()
    except Exception:  # a decoder on foreign bytes: a map that cannot be shown is none
        return b""
    return data


def turned(data: bytes, orientation: int) -> bytes:
    """The map of a picture of that orientation, for the upright one; what it says of itself stays."""
    if not data or orientation == 1:
        return data
    own = b"".join(
        jpeg_segments.segment(marker, content)
        for marker, content in jpeg_segments.segments(io.BytesIO(data))
        if (marker == _APP1 and content.startswith((jpeg_segments.XMP, jpeg_segments.EXTENDED)))
        or (marker == _APP2 and content.startswith((_ISO, _PROFILE)))
    )
    stored = image(data)
    stored.getexif()[_ORIENTATION] = orientation
    return _saved(ImageOps.exif_transpose(stored), own)


def encoded(picture: Image.Image, xmp: bytes, iso: bytes = b"") -> bytes:
    """A map as JPEG; `xmp` and `iso` are what it says of itself, Apple's where that is not to be used."""
    if not any(mark in xmp for mark in MARKS) or len(xmp) > jpeg_segments.XMP_ROOM:
        xmp = _APPLE
    own = jpeg_segments.segment(_APP1, jpeg_segments.XMP + xmp)
    return _saved(narrowed(picture), own + (jpeg_segments.segment(_APP2, _ISO + iso) if iso else b""))


def _saved(picture: Image.Image, own: bytes) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, subsampling="4:4:4", extra=own)
    return buffer.getvalue()


def image(data: bytes) -> Image.Image:
    """The points of a map, of one channel or of three."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as opened:
        return opened.copy() if opened.mode == "L" else opened.convert("RGB")


def narrowed(picture: Image.Image) -> Image.Image:
    """A map of three channels that are the same as one of one channel."""
    if picture.mode == "L":
        return picture
    red, green, blue = picture.convert("RGB").split()
    apart = [ImageChops.difference(green, other).getextrema()[1] for other in (red, blue)]
    return green if max(apart) <= _SAME else picture.convert("RGB")  # type: ignore[operator]


def coloured(data: bytes) -> bool:
    """Whether a map says more of one colour than of another."""
    stated = numbers(data)
    return narrowed(image(data)).mode != "L" or (stated is not None and stated.coloured)


def numbers(data: bytes) -> GainMapNumbers | None:
    """The numbers by which a map is applied; None where there are none, as with Apple's."""
    iso = (
        content.removeprefix(_ISO)
        for marker, content in jpeg_segments.segments(io.BytesIO(data))
        if marker == _APP2 and content.startswith(_ISO)
    )
    return GainMapNumbers.of_iso(next(iso, b"")) or GainMapNumbers.of_xmp(packet(data))


def packet(data: bytes) -> bytes:
    """What a map says of itself in XMP."""
    return jpeg_segments.found(io.BytesIO(data)).xmp


def is_apples(data: bytes) -> bool:
    """Whether Apple's programs have made it: it is applied by numbers in the maker note of the picture."""
    return any(mark in packet(data) for mark in _APPLES)


def announced(xmp: bytes, data: bytes) -> bytes | None:
    """`xmp` with the list that names the map; None where it cannot be understood."""
    if _ADOBE not in data[:_HEAD]:
        return xmp
    names = {"rdf": RDF, "container": _CONTAINER, "item": _ITEM, "length": len(data)}
    try:
        packet = Packet(xmp or _PACKET.format(**names).encode("ascii"))
    except ValueError:
        return None
    root = next((element for element in packet.elements if element.name == (RDF, "RDF")), None)
    if root is None or root.empty:
        return None
    packet.insert(root.closing, _DIRECTORY.format(**names).encode("ascii"))
    return packet.result()


def segments(data: bytes) -> bytes:
    """The segments of a picture that tell of its map: the mark of ISO 21496-1, and an index to be filled."""
    mark = jpeg_segments.segment(_APP2, _ISO + bytes(4)) if _ISO in data[:_HEAD] else b""
    return mark + jpeg_segments.segment(_APP2, _MPF + _index(0, 0, 0))


def appended(picture: bytes, data: bytes) -> bytes:
    """The JPEG `picture`, made with `segments`, and the map behind it; the index says where."""
    whole = bytearray(picture)
    for part in containers.jpeg_parts(io.BytesIO(picture)):
        if picture.startswith(_MPF, part.body):
            at = part.body + len(_MPF)
            index = _index(len(picture), len(data), len(picture) - at)
            whole[at : at + len(index)] = index
            return bytes(whole + data)
    return picture


def _index(picture: int, data: int, offset: int) -> bytes:
    """The TIFF block of an index of two: the picture, and one that is no picture in its own right."""
    entries = struct.pack(">IIIHH", 0x20030000, picture, 0, 0, 0) + struct.pack(
        ">IIIHH", 0, data, offset, 0, 0
    )
    directory = struct.pack(">H", 3)
    directory += struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    directory += struct.pack(">HHII", 0xB001, 4, 1, 2)
    directory += struct.pack(">HHII", 0xB002, 7, len(entries), 8 + 2 + 3 * 12 + 4)
    return b"MM\0*" + struct.pack(">I", 8) + directory + bytes(4) + entries

"""HDR gain maps beside the picture of a JPEG: ISO 21496-1, Adobe's specification 1.0, Ultra HDR, Apple.

A gain map is a small JPEG behind the picture. It says, point by point, how many times brighter than the
picture the scene is shown on a display that can, as a ratio between the two renditions. So it stays true as
long as its points lie on those of the picture: an edit of tones and colours changes both renditions alike,
and a smaller or larger copy needs no other map, for maps are stretched to the picture. Turned upright, the
map is turned with it. Where the picture was cropped or its shape has changed, the map is left out.

The file finds it by an index of pictures (CIPA DC-007, "MPF"), by a list in the XMP of the picture
(GContainer), and by marks in both pictures; they are written anew, for a list with old lengths leads nowhere.
"""

import io
import struct

from PIL import Image, ImageOps

from retouch_aes.photo.metadata import containers, jpeg_segments
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
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.getexif()[_ORIENTATION] = orientation
        upright = ImageOps.exif_transpose(image if image.mode == "L" else image.convert("RGB"))
    own = b"".join(
        jpeg_segments.segment(marker, content)
        for marker, content in jpeg_segments.segments(io.BytesIO(data))
        if (marker == _APP1 and content.startswith((jpeg_segments.XMP, jpeg_segments.EXTENDED)))
        or (marker == _APP2 and content.startswith((_ISO, _PROFILE)))
    )
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=_QUALITY, subsampling="4:4:4", extra=own)
    return buffer.getvalue()


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

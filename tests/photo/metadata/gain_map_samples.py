"""JPEGs with HDR gain maps in the published layouts, made here: Adobe's XMP, ISO 21496-1, Apple's marks."""

import io
import struct

import numpy as np
from PIL import Image

STOPS = 2.0  # the brightest point of the scene is four times as bright as white
ADOBE = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" '
    f'hdrgm:GainMapMin="0" hdrgm:GainMapMax="{STOPS}" hdrgm:Gamma="1" hdrgm:OffsetSDR="0" '
    f'hdrgm:OffsetHDR="0" '
    f'hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="{STOPS}" hdrgm:BaseRenditionIsHDR="False"/>'
    "</rdf:RDF></x:xmpmeta>"
)
APPLE = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/" '
    'HDRGainMap:HDRGainMapVersion="65536"/></rdf:RDF></x:xmpmeta>'
)
CONTAINER = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" '
    'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="the phone"><Container:Directory><rdf:Seq>'
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" '
    'Item:Mime="image/jpeg"/></rdf:li>'
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" '
    'Item:Length="{}"/></rdf:li>'
    "</rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>"
)
URN = b"urn:iso:std:iso:ts:21496:-1\0"


def iso_metadata() -> bytes:
    """ISO 21496-1, annex C: one channel, gain 0 to `STOPS`, gamma 1, no offsets."""

    def fraction(number: float) -> bytes:
        return struct.pack(">II", round(number * 1000), 1000)

    head = struct.pack(">HHB", 0, 0, 0x40)  # versions; one channel, in the colour space of the picture
    numbers = (0, STOPS, 0, STOPS, 1, 0, 0)  # headrooms; least and most gain, gamma, offsets
    return head + b"".join(map(fraction, numbers))


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def encoded(array: np.ndarray, extra: bytes, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "JPEG", quality=95, subsampling="4:4:4", extra=extra, **options)
    return buffer.getvalue()


def gains(height: int = 12, width: int = 18) -> np.ndarray:
    """A map that is bright in one corner, so that turning it shows."""
    y, x = np.mgrid[0:height, 0:width]
    return np.round(255 * (1 - y / (height - 1)) * (1 - x / (width - 1))).astype(np.uint8)


def gain_map(kind: str) -> bytes:
    xmp = {"adobe": ADOBE, "both": ADOBE, "apple": APPLE}.get(kind)
    extra = b"" if xmp is None else segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp.encode())
    if kind in ("iso", "both"):
        extra += segment(0xE2, URN + iso_metadata())
    return encoded(gains(), extra)


def photo_with_gain_map(
    kind: str = "both", *, orientation: int = 1, height: int = 48, width: int = 72
) -> bytes:
    """A grey picture of .5 (as encoded), with its map behind it, index and list."""
    data, exif = gain_map(kind), Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Phone"
    extra = b""
    if kind in ("adobe", "both"):
        extra += segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + CONTAINER.format(len(data)).encode())
    if kind in ("iso", "both"):
        extra += segment(0xE2, URN + bytes(4))
    picture = encoded(
        np.full((height, width, 3), 128, np.uint8), extra + segment(0xE2, b"MPF\0" + bytes(82)), exif=exif
    )
    at = picture.index(b"MPF\0") + 4
    entries = struct.pack("<IIIHH", 0x20030000, len(picture), 0, 0, 0)
    entries += struct.pack("<IIIHH", 0, len(data), len(picture) - at, 0, 0)
    index = b"II*\0" + struct.pack("<IH", 8, 3) + struct.pack("<HHI4s", 0xB000, 7, 4, b"0100")
    index += struct.pack("<HHII", 0xB001, 4, 1, 2) + struct.pack("<HHII", 0xB002, 7, 32, 50) + bytes(4)
    return picture[:at] + index + entries + picture[at + 82 :] + data

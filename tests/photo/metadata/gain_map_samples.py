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


def item_file_with_gain_map(kind: str, suffix: str, *, turn: int = 0, coloured: bool = False) -> bytes:
    """A grey picture as ".avif" or ".heic" with its map: "apple" beside it, "iso" in an item of both.

    `turn` is in quarters anticlockwise, as "irot" has it, of the picture and of the map.
    """
    from retouch_aes.photo.metadata.isobmff_items import Item, ItemFile, Reference
    from retouch_aes.photo.metadata.isobmff_writing import Written, copied, packed, prop

    points = gains() if not coloured else np.stack([gains(), gains()[::-1], gains()], axis=-1)
    files = [
        ItemFile.of_bytes(_one_picture(array, suffix))
        for array in (np.full((48, 72, 3), 128, np.uint8), points)
    ]
    (base, _), (own, _) = (copied(file, {file.primary}) for file in files)
    picture, data = next(iter(base.values())), next(iter(own.values()))
    turning = (prop(b"irot", bytes([turn]), essential=True),) if turn else ()
    mark = (
        (prop(b"auxC", bytes(4) + b"urn:com:apple:photo:2020:aux:hdrgainmap\0"),) if kind == "apple" else ()
    )
    items = [
        Written(Item(1, picture.item.kind, properties=(*picture.item.properties, *turning)), picture.content),
        Written(
            Item(2, data.item.kind, properties=(*data.item.properties, *mark, *turning)), data.content, True
        ),
    ]
    if kind == "apple":
        items.append(Written(Item(3, b"mime", after=b"\0application/rdf+xml\0"), APPLE.encode(), True))
        told = [Reference(b"auxl", 2, (1,)), Reference(b"cdsc", 3, (2,))]
        return packed(files[0].brands, 1, items, told)
    size = prop(b"ispe", bytes(4) + struct.pack(">II", 72, 48))
    items.append(Written(Item(3, b"tmap", properties=(size,)), b"\0" + iso_metadata()))
    return packed(files[0].brands + b"tmap", 1, items, [Reference(b"dimg", 3, (1, 2))], (3, 1))


def _one_picture(array: np.ndarray, suffix: str) -> bytes:
    buffer, image = io.BytesIO(), Image.fromarray(array)
    if suffix == ".avif":
        image.save(buffer, "AVIF", quality=95, subsampling="4:4:4")
    else:
        import pillow_heif

        pillow_heif.from_pillow(image).save(buffer, quality=95, chroma=444)
    return buffer.getvalue()

"""XMP says nothing that is no longer so, and everything else to the byte."""

import contextlib
import hashlib
import io
import re
import struct

import numpy as np
import pytest
import torch
from metadata_samples import EXTENDED_NAME, XMP_NAME, block, jpeg_with, packet
from photo_samples import encoded, picture

from retouch_aes.errors import PhotoWarning
from retouch_aes.photo import Photo, icc, read, write
from retouch_aes.photo.metadata import jpeg_segments, xmp, xmp_extended
from retouch_aes.photo.metadata.metadata import Metadata
from retouch_aes.photo.metadata.xmp_packet import Packet

GOOGLE = "http://ns.google.com/photos/1.0"
NAMES = {
    "GCamera": f"{GOOGLE}/camera/",
    "Container": f"{GOOGLE}/container/",
    "Item": f"{GOOGLE}/container/item/",
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "GDepth": f"{GOOGLE}/depthmap/",
    "GImage": f"{GOOGLE}/image/",
    "Device": "http://ns.google.com/photos/dd/1.0/device/",
    "HDRGainMap": "http://ns.apple.com/HDRGainMap/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
DIRECTORY = (
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="video/mp4" '
    'Item:Semantic="MotionPhoto" Item:Length="6024"/></rdf:li></rdf:Seq></Container:Directory>'
)
GONE = {
    "motion photo": (DIRECTORY, 'GCamera:MotionPhoto="1" GCamera:MotionPhotoPresentationTimestampUs="4"'),
    "motion photo as elements": ("<GCamera:MotionPhoto>1</GCamera:MotionPhoto>", ""),
    "micro video": ("", 'GCamera:MicroVideo="1" GCamera:MicroVideoOffset="6024"'),
    "gain map": (DIRECTORY.replace("MotionPhoto", "GainMap"), 'hdrgm:Version="1.0"'),
    "gain map of Apple": ("<HDRGainMap:HDRGainMapVersion>65536</HDRGainMap:HDRGainMapVersion>", ""),
    "dynamic depth": ("<Device:Profiles><rdf:Seq><rdf:li/></rdf:Seq></Device:Profiles>", ""),
    "depth without its data": ("", 'GDepth:Format="RangeInverse" GDepth:Mime="image/png"'),
    "the original of a portrait": ("", 'GImage:Mime="image/jpeg" GImage:Data="AAAA"'),
    "a thumbnail": ("<xmp:Thumbnails><rdf:Alt><rdf:li>AAAA</rdf:li></rdf:Alt></xmp:Thumbnails>", ""),
}
TOLD = {
    "motion photo": "the film of the motion photo left out",
    "gain map": r"the gain map \(HDR\) left out",
    "dynamic depth": "the depth map left out",
    "a thumbnail": None,
}
STAYS = "<dc:subject><rdf:Bag><rdf:li>br&#228;ut &amp; me</rdf:li></rdf:Bag></dc:subject>"


def photo_with(data: bytes, put, suffix: str = ".jpg") -> Photo:
    return read(put("s" + suffix, jpeg_with(encoded("JPEG"), (0xE1, XMP_NAME + data))))


@pytest.mark.parametrize("name", GONE)
def test_what_is_not_kept_is_not_announced(name, put, tmp_path):
    elements, attributes = GONE[name]
    data = packet(STAYS + elements, f'{DECLARED} xmp:Rating="4" GCamera:BurstID="b" {attributes}')
    words = TOLD.get(name, "left out: untrue of an edited photo")
    for out in ("a.jpg", "a.png"):
        photo = photo_with(data, put)
        with contextlib.nullcontext() if words is None else pytest.warns(PhotoWarning, match=words):
            write(photo, tmp_path / out)
        written = read(tmp_path / out).metadata.xmp
        plain = packet(STAYS, f'{DECLARED} xmp:Rating="4" GCamera:BurstID="b"')
        squeezed = [re.sub(rb"\s+(?=[/>])", b"", text) for text in (written, plain)]
        assert squeezed[0] == squeezed[1]


def test_depth_whose_data_is_in_the_packet_stays_until_the_picture_is_turned(put):
    data = packet("", f'{DECLARED} GDepth:Format="RangeInverse" GDepth:Data="AAAA"')
    assert photo_with(data, put).metadata.xmp == data
    assert b"GDepth:Data" not in xmp.upright(data, 40, 24, 6)


@pytest.mark.parametrize("padding", [b"", b"\n" + b" " * 2000])
def test_a_packet_without_anything_to_correct_keeps_every_byte(padding, put, tmp_path):
    head, tail = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>', b'<?xpacket end="w"?>'
    data = head + packet(STAYS, f"{DECLARED} xmp:Rating='4'") + padding + tail
    assert read(write(photo_with(data, put), tmp_path / "a.jpg")).metadata.xmp == data


def test_sizes_and_colour_space(put, tmp_path):
    stated = 'tiff:ImageWidth="9" exif:PixelXDimension="9" exif:PixelYDimension="9" exif:ColorSpace="65535"'
    data = packet(
        "<photoshop:ICCProfile>Adobe RGB (1998)</photoshop:ICCProfile><tiff:ImageLength>9</tiff:ImageLength>",
        f"{DECLARED} {stated}",
    )
    adobe = icc.matrix_profile("Adobe RGB (1998)", icc.ADOBE_RGB, 563 / 256)
    tagged = jpeg_with(encoded("JPEG", icc_profile=adobe), (0xE1, XMP_NAME + data))
    written = read(write(read(put("s.jpg", tagged)), tmp_path / "a.jpg")).metadata.xmp
    for part in (b'ImageWidth="40"', b"ImageLength>24<", b'PixelXDimension="40"', b'PixelYDimension="24"'):
        assert part in written
    assert b'ColorSpace="1"' in written
    assert b"ICCProfile>sRGB<" in written
    plain = read(write(photo_with(data, put), tmp_path / "b.jpg")).metadata.xmp
    assert b"ICCProfile" not in plain
    named = data.replace(b"Adobe RGB (1998)", b"sRGB IEC61966-2.1")
    assert b">sRGB IEC61966-2.1<" in read(write(photo_with(named, put), tmp_path / "c.jpg")).metadata.xmp


def test_regions_follow_a_photo_that_is_made_larger_and_leave_one_that_is_cropped(put, tmp_path):
    mwg = (
        'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
        'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
    )
    data = packet(
        '<mwg-rs:Regions><mwg-rs:AppliedToDimensions stDim:w="40" stDim:h="24"/></mwg-rs:Regions>', mwg
    )
    inner = {0x9214: (3, struct.pack("<4H", 10, 6, 4, 4))}
    exif_segment = (0xE1, b"Exif\0\0" + block("<", {0x010F: (2, b"Maker X\0")}, inner))
    photo = read(put("s.jpg", jpeg_with(encoded("JPEG"), exif_segment, (0xE1, XMP_NAME + data))))
    larger = read(write(photo.with_image(torch.zeros(1, 3, 48, 80)), tmp_path / "a.jpg")).metadata
    assert b'stDim:w="80" stDim:h="48"' in larger.xmp
    assert struct.pack("<4H", 20, 12, 8, 8) in larger.exif
    cropped = read(write(photo.with_image(torch.zeros(1, 3, 24, 24)), tmp_path / "b.jpg")).metadata
    assert b"Regions" not in cropped.xmp
    assert b"\x14\x92" not in cropped.exif


def extended(packet_: bytes, more: bytes) -> list[tuple[int, bytes]]:
    """The two as segments, as the XMP specification has it."""
    digest = hashlib.md5(more).hexdigest().upper().encode()
    main = packet_.replace(b"DIGEST", digest)
    parts = [
        (0xE1, EXTENDED_NAME + digest + struct.pack(">II", len(more), at) + more[at : at + 40_000])
        for at in range(0, len(more), 40_000)
    ]
    return [(0xE1, XMP_NAME + main), *reversed(parts)]  # in any order, says the specification


def test_extended_xmp_is_read_and_written_anew_with_its_own_digest(put, tmp_path):
    note = 'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="DIGEST"'
    more = packet(f"<dc:description>{'mask ' * 20_000}</dc:description>", DECLARED)
    source = jpeg_with(encoded("JPEG"), *extended(packet(STAYS, f'{DECLARED} xmp:Rating="4" {note}'), more))
    photo = read(put("s.jpg", source))
    assert photo.metadata.xmp.count(b"mask ") == 20_000
    assert b"HasExtendedXMP" not in photo.metadata.xmp
    data = write(photo, tmp_path / "a.jpg").read_bytes()
    found = jpeg_segments.found(io.BytesIO(data))
    (named,) = re.findall(rb'HasExtendedXMP="(\w+)"', found.xmp)
    assert named.decode() == hashlib.md5(found.extended).hexdigest().upper()
    assert len(found.xmp) <= 65502
    assert b'xmp:Rating="4"' in found.xmp
    assert STAYS.encode() in found.xmp
    assert read(tmp_path / "a.jpg").metadata.xmp.count(b"mask ") == 20_000


def test_an_extension_that_is_missing_is_told_and_no_longer_named(put):
    note = 'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="' + "A" * 32 + '"'
    data = packet(STAYS, f'{DECLARED} xmp:Rating="4" {note}')
    with pytest.warns(PhotoWarning, match="extended part of its XMP is missing"):
        photo = photo_with(data, put)
    assert b"HasExtendedXMP" not in photo.metadata.xmp
    assert b'xmp:Rating="4"' in photo.metadata.xmp


@pytest.mark.parametrize("form", ["attribute", "element", "many"])
def test_a_long_packet_is_split_and_put_together_to_the_same_properties(form):
    long = "m" * 70_000
    if form == "many":
        body, attributes = "".join(f"<dc:p{at}>{'n' * 400}</dc:p{at}>" for at in range(500)), ""
    else:
        body = f"<dc:description>{long}</dc:description>" if form == "element" else ""
        attributes = f'dc:rights="{long}"' if form == "attribute" else ""
    data = packet(STAYS + body, f'{DECLARED} xmp:Rating="4" {attributes}')
    main, digest, rest = xmp_extended.split(data, 65_502)
    assert len(main) <= 65_502
    assert digest.encode() in main
    whole = xmp_extended.merged(main, rest)

    def properties(one: bytes) -> dict:
        items = [item for description in Packet(one).descriptions() for item in description.items]
        return {item.name: item.text for item in items if "rdf-syntax" not in item.name[0]}

    assert properties(whole) == properties(data)


def test_xmp_that_cannot_be_split_is_told(put, tmp_path):
    photo = Photo(torch.zeros(1, 3, 24, 40), metadata=Metadata(xmp=b"<not xml " + b"x" * 70_000))
    with pytest.warns(PhotoWarning, match="XMP of 70009 bytes"):
        write(photo, tmp_path / "a.jpg")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_packets_in_other_encodings(encoding, put):
    data = packet("<dc:title>Größe</dc:title>", DECLARED + ' tiff:Orientation="1"').decode().encode(encoding)
    assert "Größe".encode() in photo_with(data, put).metadata.xmp


def test_namespaces_count_and_not_prefixes(put):
    names = 'xmlns:t="http://ns.adobe.com/tiff/1.0/" xmlns:tiff="http://example.com/"'
    data = packet("<tiff:Orientation>8</tiff:Orientation><t:Orientation>3</t:Orientation>", names)
    photo = photo_with(data, put)
    assert b"<t:Orientation>1<" in photo.metadata.xmp
    assert b"<tiff:Orientation>8<" in photo.metadata.xmp
    turned = read(put("p.jpg", encoded("JPEG", quality=100)))
    assert np.abs(photo.image.flip(2, 3).numpy() - turned.image.numpy()).max() < 0.2
    assert picture().shape == (24, 40, 3)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + packet("&a;"),
        b"<a>" * 5000,
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<a b='" + b"\xff" * 100,
        b"",
        b"\x00" * 100,
        packet("").replace(b"rdf:RDF", b"rdf:Rdf"),
    ],
)
def test_packets_that_are_not_understood_are_carried_as_they_are(data):
    assert xmp.upright(data, 40, 24, 6) == data
    assert xmp.for_srgb(data, 40, 24, "sRGB") == data
    assert xmp.orientation(data) is None


def test_a_panorama_knows_its_new_size(put, tmp_path):
    names = ("FullPanoWidthPixels", "FullPanoHeightPixels", "CroppedAreaLeftPixels", "CroppedAreaTopPixels")
    stated = " ".join(f'GPano:{name}="{at}"' for at, name in enumerate(names, start=10))
    data = packet("", f'xmlns:GPano="{GOOGLE}/panorama/" GPano:ProjectionType="equirectangular" {stated}')
    photo = photo_with(data, put)
    assert read(write(photo, tmp_path / "same.jpg")).metadata.xmp == data
    larger = read(write(photo.with_image(torch.zeros(1, 3, 48, 80)), tmp_path / "a.jpg")).metadata.xmp
    for at, name in enumerate(names, start=10):
        assert f'{name}="{2 * at}"'.encode() in larger


def test_metadata_that_a_caller_made_up_do_no_harm(tmp_path):
    made_up = Metadata(exif=b"nothing of the kind", xmp=b"<", iptc=b"?", photoshop=b"8BIM")
    for name in ("a.jpg", "a.png", "a.tif", "a.webp"):
        assert read(write(Photo(torch.zeros(1, 3, 24, 40), metadata=made_up), tmp_path / name)).width == 40

"""What points at a place in the picture points at the same place once the picture is upright."""

import io
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from metadata_samples import (
    ACROSS,
    DOWN,
    HEIGHT,
    LEFT,
    MWG,
    TOP,
    WIDTH,
    block,
    file_with,
    packet,
    picture_with_a_face,
)
from photo_samples import pixels
from PIL import Image

from retouch_aes.errors import PhotoWarning
from retouch_aes.photo import read
from retouch_aes.photo.metadata import exif
from retouch_aes.photo.metadata.turning import turned_point, turned_rectangle

MP = (
    'xmlns:MP="http://ns.microsoft.com/photo/1.2/" '
    'xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"'
)
X, Y, W, H = (LEFT + ACROSS / 2) / WIDTH, (TOP + DOWN / 2) / HEIGHT, ACROSS / WIDTH, DOWN / HEIGHT


def area(form: str, unit: str = "normalized") -> str:
    """A face region the ways that programs write it."""
    values = {"x": X, "y": Y, "w": W, "h": H}
    if unit == "pixel":
        values = {"x": X * WIDTH, "y": Y * HEIGHT, "w": ACROSS, "h": DOWN}
    attributes = " ".join(f'stArea:{k}="{v}"' for k, v in values.items()) + f' stArea:unit="{unit}"'
    elements = "".join(f"<stArea:{k}>\n{v}</stArea:{k}>" for k, v in values.items())
    elements += f"<stArea:unit>{unit}</stArea:unit>"
    if form == "attributes":
        return f"<mwg-rs:Area {attributes}/>"
    if form == "nested":
        return f"<mwg-rs:Area><rdf:Description {attributes}/></mwg-rs:Area>"
    return f'<mwg-rs:Area rdf:parseType="Resource">{elements}</mwg-rs:Area>'


def faces(form: str = "attributes", unit: str = "normalized") -> str:
    return (
        '<mwg-rs:Regions rdf:parseType="Resource">'
        f'<mwg-rs:AppliedToDimensions stDim:w="{WIDTH}" stDim:h="{HEIGHT}" stDim:unit="pixel"/>'
        '<mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">'
        f"{area(form, unit)}<mwg-rs:Name>Anna</mwg-rs:Name></rdf:li></rdf:Bag></mwg-rs:RegionList>"
        "</mwg-rs:Regions>"
    )


def numbers(xmp: bytes, prefix: str, names: str) -> list[float]:
    found = {}
    for name in names:
        match = re.search(rf"""{prefix}:{name}(?:=["']|>)\s*([-\d.e]+)""".encode(), xmp)
        assert match, (name, xmp)
        found[name] = float(match[1])
    return [found[name] for name in names]


def assert_on_the_face(photo, box: tuple[float, float, float, float]) -> None:
    """The box (left, top, width, height) in shares of the photo covers what is bright, and nothing else."""
    bright = pixels(photo)[..., 1] > 130
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    found = (columns[0], rows[0], len(columns), len(rows))
    whole = (photo.width, photo.height, photo.width, photo.height)
    assert [share * side for share, side in zip(box, whole, strict=True)] == pytest.approx(found, abs=1e-3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["attributes", "nested", "elements"])
def test_a_face_region_stays_on_the_face(form, orientation, put):
    photo = read(put("a.jpg", file_with("JPEG", packet(faces(form), MWG), orientation)))
    assert (photo.width, photo.height) == ((HEIGHT, WIDTH) if orientation > 4 else (WIDTH, HEIGHT))
    x, y, w, h = numbers(photo.metadata.xmp, "stArea", "xywh")
    assert_on_the_face(photo, (x - w / 2, y - h / 2, w, h))
    assert numbers(photo.metadata.xmp, "stDim", "wh") == [photo.width, photo.height]
    assert b"Anna" in photo.metadata.xmp


@pytest.mark.parametrize("in_xmp", [True, False])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_in_every_format_wherever_orientation_is_stated(kind, in_xmp, put):
    stated = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"' if in_xmp else ""
    data = file_with(kind, packet(faces("elements", "pixel"), f"{MWG} {stated}"), 6, in_xmp=in_xmp)
    photo = read(put("a", data))
    assert (photo.width, photo.height) == (HEIGHT, WIDTH)
    x, y, w, h = numbers(photo.metadata.xmp, "stArea", "xywh")
    assert_on_the_face(
        photo, ((x - w / 2) / photo.width, (y - h / 2) / photo.height, w / photo.width, h / photo.height)
    )
    if in_xmp:
        assert b'tiff:Orientation="1"' in photo.metadata.xmp


@pytest.mark.parametrize("orientation", range(1, 9))
def test_microsofts_regions(orientation, put):
    box = f"{LEFT / WIDTH}, {TOP / HEIGHT}, {W}, {H}"
    region = (
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag><rdf:li rdf:parseType="Resource">'
        f"<MPReg:Rectangle>{box}</MPReg:Rectangle></rdf:li></rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )
    photo = read(put("a.jpg", file_with("JPEG", packet(region, MP), orientation)))
    match = re.search(rb"Rectangle>([^<]*)<", photo.metadata.xmp)
    left, top, across, down = (float(value) for value in match[1].split(b","))
    assert_on_the_face(photo, (left, top, across, down))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_iptc_regions(orientation, put):
    names = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    values = {"rbX": LEFT / WIDTH, "rbY": TOP / HEIGHT, "rbW": W, "rbH": H}
    attributes = " ".join(f'Iptc4xmpExt:{name}="{value}"' for name, value in values.items())
    region = f"<Iptc4xmpExt:RegionBoundary {attributes}/>"
    photo = read(put("a.jpg", file_with("JPEG", packet(region, names), orientation)))
    box = [numbers(photo.metadata.xmp, "Iptc4xmpExt", [name])[0] for name in values]
    assert_on_the_face(photo, tuple(box))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("count", [2, 3, 4])
def test_subject_areas(count, orientation, put):
    centre = [LEFT + ACROSS // 2, TOP + DOWN // 2]
    area_ = struct.pack(f"<{count}H", *[*centre, ACROSS, DOWN][:count])
    items = "".join(f"<rdf:li>{value}</rdf:li>" for value in [*centre, ACROSS, DOWN][:count])
    xmp = packet(
        f"<exif:SubjectArea><rdf:Seq>{items}</rdf:Seq></exif:SubjectArea>",
        'xmlns:exif="http://ns.adobe.com/exif/1.0/"',
    )
    photo = read(put("a.jpg", file_with("JPEG", xmp, orientation, inner={0x9214: (3, area_)})))
    found = struct.unpack(f"<{count}H", exif.value(photo.metadata.exif, "exif", 0x9214))
    stated = [int(value) for value in re.findall(rb"<rdf:li>(\d+)<", photo.metadata.xmp)]
    assert stated == list(found)
    if count == 4:
        x, y, w, h = found
        assert_on_the_face(
            photo,
            ((x - w / 2) / photo.width, (y - h / 2) / photo.height, w / photo.width, h / photo.height),
        )
    else:
        assert pixels(photo)[found[1], found[0], 1] > 130


def test_turning_is_a_turn():
    """Eight orientations, eight different places, and every rectangle keeps its area."""
    box = (1.0, 2.0, 3.0, 5.0)
    turned = {turned_rectangle(box, 10, 20, orientation) for orientation in range(1, 9)}
    assert len(turned) == 8
    assert {w * h for *_, w, h in turned} == {15.0}
    assert turned_point(1, 2, 10, 20, 1) == (1, 2)


@pytest.mark.parametrize("orientation", [0, 1, 9, 255])
def test_an_orientation_that_is_none_turns_nothing(orientation, put):
    photo = read(put("a.jpg", file_with("JPEG", packet(faces(), MWG), orientation)))
    assert (photo.width, photo.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", [(1, "B"), (3, "H"), (4, "I")])
def test_an_orientation_of_any_type_and_count(kind, count, put):
    data = struct.pack(f"<{count}{kind[1]}", *[6] * count)
    exif_block = block("<", {0x0112: (kind[0], data), 0x8298: (2, "Müller\0".encode())})
    buffer = io.BytesIO()
    Image.fromarray(picture_with_a_face()).save(buffer, "JPEG", exif=b"Exif\0\0" + exif_block)
    photo = read(put("a.jpg", buffer.getvalue()))
    assert (photo.width, photo.height) == (HEIGHT, WIDTH)
    assert exif.value(photo.metadata.exif, "main", 0x0112) == b"\1\0"
    assert exif.value(photo.metadata.exif, "main", 0x8298) == "Müller\0".encode()


def test_damaged_metadata_refuses_no_photo(put, tmp_path: Path):
    """A good picture with whatever for EXIF and XMP is read in every format."""
    import warnings

    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF"):
        for damage in (b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"garbage that is long enough", bytes(40)):
            buffer, image = io.BytesIO(), Image.fromarray(picture_with_a_face())
            if kind == "TIFF":
                image.save(buffer, kind, tiffinfo={34665: 0xFFFFFF, 34853: 8, 700: damage, 33723: damage})
            elif kind == "AVIF":
                image.save(buffer, kind, exif=block("<", {0x010F: (2, b"Maker X in full\0")}), xmp=b"<" * 30)
            elif kind == "WEBP":
                image.save(buffer, kind, exif=damage, xmp=damage)
            else:
                image.save(buffer, kind, exif=b"Exif\0\0" + damage)
            data = buffer.getvalue()
            if kind == "AVIF" and damage:
                at = data.index(b"II*\0")
                data = data[:at] + damage[:30].ljust(30, b"\0") + data[at + 30 :]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                photo = read(put("a", data))
            assert (photo.width, photo.height) == (WIDTH, HEIGHT)


def test_exif_that_is_damaged_is_told(put):
    buffer = io.BytesIO()
    Image.fromarray(picture_with_a_face()).save(buffer, "TIFF", tiffinfo={34665: 0xFFFFFF, 315: "Anna"})
    with pytest.warns(PhotoWarning, match=r"a\.tif: its EXIF is damaged"):
        photo = read(put("a.tif", buffer.getvalue()))
    assert b"Anna" in photo.metadata.exif
    Image.fromarray(picture_with_a_face()).save(buffer := io.BytesIO(), "JPEG", exif=b"Exif\0\0garbage")
    with pytest.warns(PhotoWarning, match=r"a\.jpg: its EXIF is damaged"):
        assert read(put("a.jpg", buffer.getvalue())).metadata.exif == b""

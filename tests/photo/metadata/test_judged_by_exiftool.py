"""Every format into every format: exiftool finds in the copy what it found in the original."""

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from metadata_samples import block, iim, jpeg_with, needs_exiftool, packet, png_with, resource, tagged, tags
from photo_samples import encoded, picture

from retouch_aes.errors import PhotoWarning
from retouch_aes.photo import png, read, write
from retouch_aes.photo.metadata import corrections
from retouch_aes.photo.metadata.reading import of_raw, of_tiff

pytestmark = [needs_exiftool, pytest.mark.filterwarnings("ignore:.*the comment left out")]

RICH = (
    *("-IFD0:Copyright=© 2024 Łukasz", "-IFD0:Artist=José Müller", "-IFD0:ImageDescription=Café in Zürich"),
    *("-IFD0:XPTitle=Größe", "-IFD0:XPKeywords=Hochzeit;Berlin", "-IFD0:HostComputer=pc", "-IFD0:Make=Canon"),
    *("-IFD0:Rating=4", "-IFD0:RatingPercent=75", "-IFD0:Software=Prog 1"),
    *("-ExifIFD:LensModel=Objektiv é 50mm", "-ExifIFD:OwnerName=José", "-ExifIFD:UserComment=Grüße"),
    *("-ExifIFD:DateTimeOriginal=2024:05:01 10:00:00", "-ExifIFD:SubSecTimeOriginal=123", "-ExifIFD:ISO=400"),
    *("-ExifIFD:OffsetTimeOriginal=+02:00", "-ExifIFD:ExposureCompensation=-1/3"),
    *("-GPS:GPSLatitude=52.5", "-GPS:GPSLatitudeRef=N", "-GPS:GPSAltitude=34.5"),
    *("-XMP-dc:Subject=wédding", "-XMP-xmp:Rating=4", "-XMP-xmp:Label=Red"),
)
IPTC = ("-IPTC:Keywords=kwé", "-IPTC:City=Zürich")
SOURCES = ["a.jpg", "a.png", "16.png", "a.tif", "16.tif", "a.webp", "a.avif", "a.heic"]
GROUPS = ("IFD0", "ExifIFD", "GPS", "InteropIFD", "IPTC", "XMP", "Photoshop")
MAY_CHANGE = {
    *(
        "ImageWidth",
        "ImageHeight",
        "BitsPerSample",
        "Compression",
        "PhotometricInterpretation",
        "StripOffsets",
    ),
    *(
        "SamplesPerPixel",
        "RowsPerStrip",
        "StripByteCounts",
        "PlanarConfiguration",
        "Predictor",
        "SampleFormat",
    ),
    *("XResolution", "YResolution", "ResolutionUnit", "YCbCrPositioning", "ColorSpace", "Orientation"),
    *("ExifImageWidth", "ExifImageHeight", "XMPToolkit"),
}


def source(name: str, tmp_path: Path, *assignments: str) -> Path:
    """A file of the format that the name says, tagged by exiftool."""
    path = tmp_path / "source" / name
    path.parent.mkdir(exist_ok=True)
    if name == "16.png":
        pytest.importorskip("imagecodecs")
        path.write_bytes(png.encode_deep(picture().astype(np.uint16) * 257, []))
    elif name == "16.tif":
        tifffile = pytest.importorskip("tifffile")
        tifffile.imwrite(
            path, picture().astype(np.uint16) * 257, photometric="rgb", metadata=None, software=False
        )
    else:
        kind = {"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}.get(name[2:], name[2:].upper())
        path.write_bytes(encoded(kind))
    return tagged(path, *assignments) if assignments else path


def carried(path: Path) -> dict[str, object]:
    found = tags(path)
    return {
        key: value
        for key, value in found.items()
        if key.split(":")[0].split("-")[0] in GROUPS and key.split(":")[1] not in MAY_CHANGE
    }


def assert_carried(original: Path, copy: Path) -> None:
    before, after = carried(original), carried(copy)
    assert before
    assert {key: after.get(key) for key in before} == before
    assert not tags(copy, "-warning", "-error")


PAIRS = [(name, out) for name in SOURCES for out in SOURCES if "a.jpg" in (name, out) or out == "a.tif"]
ORDERED = [(*pair, ("II", "MM")[at % 2]) for at, pair in enumerate(PAIRS)]
ORDERED += [
    ("a.jpg", "a.tif", "II"),
    ("a.jpg", "a.tif", "MM"),
    ("16.tif", "16.tif", "MM"),
    ("16.tif", "16.tif", "II"),
]


@pytest.mark.parametrize(("name", "out", "order"), sorted(set(ORDERED)))
def test_every_entry_arrives(name, out, order, tmp_path):
    iptc = () if name in ("a.webp", "a.avif", "a.heic") else IPTC
    original = source(name, tmp_path, f"-ExifByteOrder={order}", *RICH, *iptc)
    copy = write(read(original), tmp_path / out, overwrite=True)
    assert_carried(original, copy)


@pytest.mark.parametrize("out", ["a.jpg", "a.tif", "a.png"])
@pytest.mark.parametrize("name", ["a.jpg", "a.avif", "a.heic", "a.webp"])
def test_a_photo_that_is_turned_keeps_its_texts(name, out, tmp_path):
    original = source(name, tmp_path, *RICH, "-Orientation#=6")
    copy = write(read(original), tmp_path / out)
    assert_carried(original, copy)
    assert tags(copy, "-Orientation").get("IFD0:Orientation", 1) == 1


def test_iptc_reaches_formats_without_a_place_for_it_and_comes_back(tmp_path):
    original = source("a.jpg", tmp_path, *IPTC)
    for name in ("b.webp", "b.avif", "b.heic", "b.png", "b.tif"):
        pytest.importorskip("pillow_heif") if name == "b.heic" else None
        between = write(read(original), tmp_path / name)
        assert tags(between, "-IPTC:Keywords", "-IPTC:City") == {
            "IPTC:Keywords": "kwé",
            "IPTC:City": "Zürich",
        }
        assert_carried(original, write(read(between), tmp_path / "back.jpg", overwrite=True))


def raw(tmp_path: Path, *assignments: str) -> Path:
    """The smallest DNG that LibRaw develops."""
    pytest.importorskip("rawpy")
    tifffile = pytest.importorskip("tifffile")
    ramp = np.linspace(2000, 30000, 96).astype(np.uint16)[None].repeat(64, 0)
    identity = tuple(value for row in np.eye(3, dtype=int) for one in row for value in (int(one), 1))
    extra = [
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, (0, 1, 1, 2), True),
        (50706, "B", 4, (1, 4, 0, 0), True),
        (50708, "s", 0, "Test Cam", True),
        (50721, "2i", 9, identity, True),
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),
        (50778, "H", 1, 21, True),
        (50717, "H", 1, 65535, True),
    ]
    path = tmp_path / "raw.dng"
    tifffile.imwrite(path, ramp, photometric=32803, extratags=extra, metadata=None, software=False)
    return tagged(path, *assignments)


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.png"])
def test_camera_raw_gives_all_it_says_about_the_photo(name, tmp_path):
    original = raw(tmp_path, *RICH, *IPTC, "-SerialNumber=123")
    copy = write(read(original), tmp_path / name)
    before, after = carried(original), carried(copy)
    stored = {"IFD0:CFARepeatPatternDim", "IFD0:CFAPattern2", "IFD0:DNGVersion", "IFD0:ColorMatrix1"}
    stored |= {"IFD0:AsShotNeutral", "IFD0:CalibrationIlluminant1", "IFD0:WhiteLevel", "IFD0:BlackLevel"}
    wanted = {key: value for key, value in before.items() if key not in stored}
    assert {key: after.get(key) for key in wanted} == wanted
    assert not stored & after.keys()


def test_camera_raw_of_more_exif_than_a_segment_holds(tmp_path):
    original = raw(tmp_path, "-UserComment=" + "mask" * 20000, "-IFD0:Copyright=Anna", "-Make=Test")
    found = tags(write(read(original), tmp_path / "a.jpg"))
    assert (found["IFD0:Copyright"], found["IFD0:Make"]) == ("Anna", "Test")
    assert len(str(found["ExifIFD:UserComment"])) == 4 * 20000


def test_a_sidecar_beside_a_raw_file_wins_and_its_settings_stay_behind(tmp_path):
    original = raw(tmp_path, "-XMP-xmp:Rating=1", "-XMP-dc:Subject=inside")
    names = (
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"'
    )
    text = packet("<xmp:Rating>5</xmp:Rating><crs:Exposure2012>+2.00</crs:Exposure2012>", names)
    original.with_suffix(".xmp").write_bytes(text)
    found = tags(write(read(original), tmp_path / "a.jpg"), "-XMP:all")
    assert found["XMP-xmp:Rating"] == 5
    assert found["XMP-dc:Subject"] in ("inside", ["inside"])
    assert not [key for key in found if "crs" in key]


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.tif", "a.heic", "a.avif"])
def test_exif_and_xmp_of_any_format_that_need_several_segments(name, tmp_path):
    long = "mask " * 16000 + "end"
    assignments = (
        "-ExifIFD:UserComment=" + long,
        "-XMP-dc:Description=" + long,
        "-GPS:GPSLatitude=52.5",
        "-GPS:GPSLatitudeRef=N",
    )
    original = source(name, tmp_path, *assignments, "-IFD0:Copyright=Anna", "-XMP-xmp:Rating=4")
    found = tags(write(read(original), tmp_path / "o.jpg"))
    assert found["IFD0:Copyright"] == "Anna"
    assert found["GPS:GPSLatitude"] == 52.5
    assert found["XMP-xmp:Rating"] == 4
    assert len(str(found["ExifIFD:UserComment"])) == len(long)
    assert len(str(found["XMP-dc:Description"])) == len(long)


def test_a_long_packet_is_whole_again_in_every_other_format(tmp_path):
    original = source("a.jpg", tmp_path, "-XMP-dc:Description=" + "mask" * 20000, "-XMP-xmp:Rating=4")
    assert "XMP-xmpNote:HasExtendedXMP" in tags(original)
    for name in ("b.png", "b.tif", "b.webp"):
        found = tags(write(read(original), tmp_path / name), "-XMP:all")
        assert len(str(found["XMP-dc:Description"])) == 80_000
        assert "XMP-xmpNote:HasExtendedXMP" not in found


def test_text_chunks_of_png(tmp_path):
    chunks = [(b"tEXt", b"parameters\0a tree"), (b"iTXt", "Title\0\0\0\0\0Größe".encode())]
    data = png_with(encoded("PNG"), *chunks)
    original = tmp_path / "s.png"
    original.write_bytes(png_with(data, (b"tEXt", b"Author\0Anna"), at_end=True))
    found = tags(write(read(original), tmp_path / "a.png"), "-PNG:all")
    assert (found["PNG:Parameters"], found["PNG:Title"], found["PNG:Author"]) == (
        "a tree",
        "Größe",
        "Anna",
    )
    with pytest.warns(PhotoWarning, match="parameters, Title, Author left out"):
        write(read(original), tmp_path / "a.jpg")


def hex_profile(kind: bytes, data: bytes) -> tuple[bytes, bytes]:
    return b"tEXt", b"Raw profile type " + kind + b"\0\n" + kind + b"\n%8d\n" % len(
        data
    ) + data.hex().encode() + b"\n"


@pytest.mark.parametrize("kind", ["iptc", "8bim"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_raw_profiles_of_imagemagick(kind, wrapped, tmp_path):
    if kind == "8bim" and not wrapped:
        return
    record = iim("bride")
    xmp = packet("<xmp:Rating>3</xmp:Rating>", 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"')
    chunks = [
        hex_profile(kind.encode(), resource(0x404, record) if wrapped else record),
        hex_profile(b"xmp", xmp),
    ]
    exif = block("<", {0x010F: (2, b"Maker X\0")})
    chunks.append(hex_profile(b"exif" if wrapped else b"APP1", b"Exif\0\0" + exif))
    original = tmp_path / "s.png"
    original.write_bytes(png_with(encoded("PNG"), *chunks))
    for name in ("a.png", "a.jpg", "a.tif"):
        found = tags(write(read(original), tmp_path / name))
        assert (found["IPTC:Keywords"], found["XMP-xmp:Rating"], found["IFD0:Make"]) == (
            "bride",
            3,
            "Maker X",
        )


def test_photoshop_blocks_and_comments(tmp_path):
    blocks = (
        resource(0x404, iim("a")) + resource(0x040B, b"http://x.example") + resource(0x040C, b"THUMB" * 9)
    )
    segments = [(0xED, b"Photoshop 3.0\0" + blocks), (0xFE, "Grüße von Anna".encode()), (0xFE, b"second")]
    original = tmp_path / "s.jpg"
    original.write_bytes(jpeg_with(encoded("JPEG"), *segments))
    for name in ("a.jpg", "a.png", "a.tif", "a.webp"):
        copy = write(read(original), tmp_path / name)
        found = tags(copy)
        assert (found["Photoshop:URL"], found["IPTC:Keywords"]) == ("http://x.example", "a")
        assert b"THUMB" not in copy.read_bytes()
        if name in ("a.jpg", "a.png"):
            key = "File:Comment" if name == "a.jpg" else "PNG:Comment"
            assert "second" in str(found[key]) or "Anna" in str(found[key])
            assert b"second" in copy.read_bytes()
    with pytest.warns(PhotoWarning, match="the comment left out"):
        write(read(original), tmp_path / "b.webp")


def maker_note(order: str, at: int) -> bytes:
    """Canon's: a directory whose offsets count from the start of the file."""
    owner, kind = b"Jos\xc3\xa9 M\0".ljust(32, b"\0"), b"Canon EOS R5\0".ljust(32, b"\0")
    start = at + 2 + 24 + 4
    entries = struct.pack(order + "HHII", 6, 2, 32, start) + struct.pack(order + "HHII", 9, 2, 32, start + 32)
    return struct.pack(order + "H", 2) + entries + bytes(4) + kind + owner


@pytest.mark.parametrize("order", ["<", ">"])
def test_maker_notes_move_with_their_offsets(order, tmp_path):
    main = {0x010F: (2, b"Canon\0"), 0x0110: (2, b"Canon EOS R5\0")}
    probe = block(order, main, {0x9003: (2, b"2024:05:01 10:00:00\0"), 0x927C: (7, b"NOTE" * 23 + b"XY")})
    note = maker_note(order, probe.index(b"NOTE"))
    exif = block(order, main, {0x9003: (2, b"2024:05:01 10:00:00\0"), 0x927C: (7, note)})
    original = tmp_path / "s.jpg"
    original.write_bytes(encoded("JPEG", exif=b"Exif\0\0" + exif))
    wanted = {"Canon:OwnerName": "José M", "Canon:CanonImageType": "Canon EOS R5"}
    assert tags(original, "-Canon:OwnerName", "-Canon:CanonImageType") == wanted
    tiff = write(read(original), tmp_path / "a.tif")
    again = write(read(tiff), tmp_path / "a.jpg")
    for path in (tiff, again):
        assert tags(path, "-Canon:OwnerName", "-Canon:CanonImageType", "-warning") == wanted


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_maker_note_of_a_converted_dng(order, tmp_path):
    record = (b"II" if order == "<" else b"MM") + struct.pack(">I", 1234) + maker_note(order, 1234)
    private = (
        b"Adobe\0" + b"Else" + struct.pack(">I", 3) + b"abc\0" + b"MakN" + struct.pack(">I", len(record))
    )
    inner = {0x8827: (3, struct.pack(order + "H", 100))}
    main = {271: (2, b"Canon\0"), 272: (2, b"Canon EOS R5\0"), 50740: (1, private + record)}
    metadata = of_tiff(io.BytesIO(block(order, main, inner)))
    found = tags(write(replace(read(source("a.jpg", tmp_path)), metadata=metadata), tmp_path / "o.jpg"))
    assert (found["Canon:OwnerName"], found["Canon:CanonImageType"]) == ("José M", "Canon EOS R5")
    assert found["ExifIFD:ISO"] == 100


def test_iptc_as_words_of_either_byte_order(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    record = (iim("bride") + iim("Kuss", 120)).ljust(24, b"\0")
    for order in "<>":
        for letter in (order, ">"):
            words = tuple(struct.unpack(f"{letter}6I", record))
            original = tmp_path / "s.tif"
            extra = [(33723, "I", 6, words, True)]
            tifffile.imwrite(
                original, picture(), photometric="rgb", byteorder=order, extratags=extra, metadata=None
            )
            found = tags(write(read(original), tmp_path / "a.jpg", overwrite=True), "-IPTC:all")
            assert found["IPTC:Keywords"] == "bride"
            assert found["IPTC:Caption-Abstract"] == "Kuss"


def test_a_big_tiff_is_read(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    original = tmp_path / "s.tif"
    extra = [(33432, "s", 0, "© Müller".encode(), True), (315, "s", 0, "José".encode(), True)]
    tifffile.imwrite(original, picture(), photometric="rgb", bigtiff=True, extratags=extra, metadata=None)
    found = tags(write(read(original), tmp_path / "a.jpg"))
    assert (found["IFD0:Copyright"], found["IFD0:Artist"]) == ("© Müller", "José")


def test_what_is_written_needs_no_warning(tmp_path):
    original = source("a.jpg", tmp_path, *RICH, *IPTC)
    for name in ("a.jpg", "a.png", "a.tif", "a.webp"):
        copy = write(read(original), tmp_path / name)
        validated = tags(copy, "-validate", "-warning", "-a")
        assert not [v for k, v in validated.items() if "Warning" in k and "IFD0 tag" not in str(v)], validated


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def test_what_canons_cr3_says(tmp_path):
    """Built from its boxes, since nobody can make one: main, Exif, maker note and GPS directories apart."""
    head = b"II*\0" + struct.pack("<I", 8)
    parts = {
        b"CMT1": block("<", {0x010F: (2, b"Canon\0"), 0x0110: (2, b"Canon EOS R5\0"), 0x0112: (3, b"\6\0")}),
        b"CMT2": block("<", {0x9003: (2, b"2024:05:01 10:00:00\0")}),
        b"CMT3": head + maker_note("<", 8),
        b"CMT4": block("<", {1: (2, b"N\0"), 2: (5, struct.pack("<6I", 52, 1, 30, 1, 0, 1))}),
    }
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + b"".join(box(*part) for part in parts.items())
    xmp = packet("<xmp:Rating>3</xmp:Rating>", 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"')
    adobe = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + xmp
    data = box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", canon)) + box(b"uuid", adobe)
    metadata = of_raw(tmp_path / "a.cr3", io.BytesIO(data), b"")
    upright = corrections.upright(metadata, 24, 40, corrections.orientation_of(metadata))
    photo = read(source("a.jpg", tmp_path))
    found = tags(write(replace(photo, metadata=upright), tmp_path / "o.jpg"))
    assert (found["IFD0:Make"], found["IFD0:Orientation"], found["XMP-xmp:Rating"]) == ("Canon", 1, 3)
    assert (found["ExifIFD:DateTimeOriginal"], found["GPS:GPSLatitude"]) == ("2024:05:01 10:00:00", 52.5)
    assert (found["Canon:OwnerName"], found["Canon:CanonImageType"]) == ("José M", "Canon EOS R5")


def test_a_page_further_on_says_more_than_the_first_of_a_file(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "s.tif"
    with tifffile.TiffWriter(path) as file:
        small = [(254, "I", 1, 1, True), (315, "s", 0, "José".encode(), True), (274, "H", 1, 8, True)]
        options = {"photometric": "rgb", "metadata": None, "software": False}
        file.write(picture()[::4, ::4].copy(), extratags=small, **options)
        file.write(picture(), extratags=[(33432, "s", 0, "© Müller".encode(), True)], **options)
    with tifffile.TiffFile(path) as opened:
        second = opened.pages[1].offset
    with path.open("rb") as file:
        metadata = of_tiff(file, second)
    assert corrections.orientation_of(metadata) == 1
    found = tags(write(replace(read(source("a.jpg", tmp_path)), metadata=metadata), tmp_path / "o.jpg"))
    assert (found["IFD0:Artist"], found["IFD0:Copyright"]) == ("José", "© Müller")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_content_credentials_are_told_and_not_kept(kind, put, tmp_path):
    manifest = b"JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\3c2pa\0"
    data = encoded(kind)
    data = jpeg_with(data, (0xEB, manifest)) if kind == "JPEG" else png_with(data, (b"caBX", manifest[8:]))
    photo = read(put("s", data))
    with pytest.warns(PhotoWarning, match="content credentials"):
        assert b"c2pa" not in write(photo, tmp_path / "a.jpg").read_bytes()

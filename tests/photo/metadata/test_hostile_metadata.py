"""Metadata may say anything: nothing hangs, nothing raises, nothing grows beyond its bounds."""

import io
import random
import struct
import time
import warnings
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metadata_samples import block, directory, iim, jpeg_with, packet, png_with, resource
from photo_samples import encoded, exif_bytes, picture
from PIL import Image

from retouch_aes.errors import PhotoWarning
from retouch_aes.photo import read, write
from retouch_aes.photo.metadata import (
    corrections,
    exif,
    exif_block,
    iptc,
    isobmff_items,
    jpeg_segments,
    maker_note,
    photoshop,
    png_chunks,
    reading,
    writing,
    xmp_extended,
)
from retouch_aes.photo.metadata.isobmff_items import ItemFile
from retouch_aes.photo.metadata.metadata import Metadata
from retouch_aes.photo.metadata.tiff_directory import Tiff
from retouch_aes.photo.metadata.xmp_packet import Packet

LONG_ENOUGH = 5.0  # seconds of the processor that any hostile input may take


def through(metadata: Metadata) -> None:
    """All that happens to metadata between two files."""
    for turn in (1, 6):
        upright = corrections.upright(metadata, 40, 24, turn)
        for size in ((40, 24), (80, 48), (10, 24)):
            written = corrections.for_srgb(upright, *size, "sRGB")
            writing.jpeg(written)
            writing.png(written)
            writing.avif_exif(written)
            for kind in ("JPEG", "PNG", "TIFF", "HEIF"):
                writing.left_out(written, kind)


def mutated(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice([1, 2, 5, 30])):
        action, at = dice.randrange(4), dice.randrange(len(changed))
        if action == 0:
            changed[at] = dice.randrange(256)
        elif action == 1:
            changed[at : at + 4] = struct.pack("<I", dice.choice([0, 1, 8, len(data), 2**31, 2**32 - 1]))
        elif action == 2 and len(changed) > 8:
            del changed[at : at + dice.randrange(1, 9)]
        else:
            changed[at:at] = changed[: dice.randrange(1, 30)]
    return bytes(changed)


RICH = block(
    "<",
    {0x010F: (2, b"Maker in full\0"), 0x0112: (3, b"\6\0"), 0x011A: (5, bytes(8)), 33723: (7, iim("bride"))},
    {0x9214: (3, struct.pack("<4H", 1, 2, 3, 4)), 0x927C: (7, bytes(60)), 0xA001: (3, b"\1\0")},
    {0x0002: (5, bytes(24))},
)
PACKET = packet("<dc:title>x</dc:title>", 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:q="u" q:a="1"')


@pytest.mark.parametrize("seed", range(150))
def test_mutated_exif(seed):
    dice = random.Random(seed)
    data = mutated(dice.choice([RICH, exif_bytes(6, b"\xff\xd8THUMB", b"R03\0")]), dice)
    through(Metadata(exif=exif.normal(data)))
    reading.of_tiff(io.BytesIO(data))


@pytest.mark.parametrize("seed", range(100))
def test_mutated_segments_chunks_and_blocks(seed):
    dice = random.Random(seed)
    blocks = resource(0x404, iim("a")) + resource(0x40B, b"http://x.example") + resource(0x7D0, b"path")
    segments = [(0xE1, b"Exif\0\0" + RICH), (0xED, b"Photoshop 3.0\0" + blocks), (0xFE, b"hello")]
    through(reading.of_jpeg(io.BytesIO(mutated(jpeg_with(encoded("JPEG"), *segments)[:900], dice))))
    texts = [(b"tEXt", b"Raw profile type iptc\0\niptc\n 12\n" + blocks.hex().encode())]
    texts += [
        (b"zTXt", b"Title\0\0" + zlib.compress(b"x" * 100)),
        (b"iTXt", b"A\0\1\0\0\0" + zlib.compress(b"y")),
    ]
    data = mutated(png_with(encoded("PNG"), *texts, (b"eXIf", RICH))[:900], dice)
    through(reading.metadata_of("PNG", io.BytesIO(data), {}))
    photoshop.upright(photoshop.joined(*photoshop.split(mutated(blocks, dice))))


@pytest.mark.parametrize("seed", range(100))
def test_mutated_packets(seed):
    dice = random.Random(seed)
    data = mutated(PACKET, dice)
    through(Metadata(xmp=data))
    xmp_extended.split(data, 200)
    xmp_extended.merged(data, PACKET)
    xmp_extended.merged(PACKET, data, instead=True)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data):
    normal = exif.normal(data) or exif.normal(b"II*\0\x08\0\0\0" + data)
    through(Metadata(exif=normal, xmp=data, iptc=data, photoshop=data))
    iptc.record(data, "<")
    photoshop.split(data)
    jpeg_segments.found(io.BytesIO(b"\xff\xd8" + data))
    png_chunks.found(io.BytesIO(b"12345678" + data))
    item = ItemFile.of_bytes(data).first(b"Exif")
    assert isobmff_items.hidden(data, item)[: len(data)] is not None
    assert len(maker_note.moved(data, 100, 2000, "<")) == len(data)
    reading.of_tiff(io.BytesIO(b"MM\0*\0\0\0\x08" + data))


def timed(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_many_entries_that_share_one_large_value_are_bounded():
    """65,535 entries of 1 MB each, all the same megabyte: 64 GB for who copies them."""
    count, value = 65535, bytes(1 << 20)
    at = 8 + 2 + 12 * count + 4
    entries = b"".join(struct.pack("<HHII", tag, 7, len(value), at) for tag in range(1, count + 1))
    data = b"II*\0" + struct.pack("<IH", 8, count) + entries + bytes(4) + value
    found = []
    assert timed(lambda: found.append(reading.of_tiff(io.BytesIO(data)))) < LONG_ENOUGH
    assert len(found[0].exif) <= exif_block.MAX_BLOCK + (1 << 20)


def test_directories_that_point_at_themselves_end():
    loop = {
        0x8769: (4, struct.pack("<I", 8)),
        0x8825: (4, struct.pack("<I", 8)),
        0xA005: (4, struct.pack("<I", 8)),
    }
    data = b"II*\0" + struct.pack("<I", 8) + directory("<", loop, 8, following=8)
    assert timed(lambda: through(Metadata(exif=exif.normal(data)))) < LONG_ENOUGH
    assert timed(lambda: reading.of_tiff(io.BytesIO(data))) < LONG_ENOUGH


def test_nothing_is_written_over_the_header():
    """A subject area that is said to lie in the header, and a directory that does."""
    area = struct.pack("<HHII", 0x9214, 3, 4, 0)
    inner = struct.pack("<H", 1) + area + bytes(4)
    main = struct.pack("<H", 1) + struct.pack("<HHII", 0x8769, 4, 1, 26) + bytes(4)
    data = b"II*\0" + struct.pack("<I", 8) + main + inner
    assert exif.upright(data, 40, 24, 6)[:8] == data[:8]
    through(Metadata(exif=data))
    assert exif.normal(b"II*\0\2\0\0\0" + bytes(40)) == b""


def test_a_value_that_claims_four_gigabytes_costs_nothing():
    main = struct.pack("<HHII", 0x010F, 7, 2**32 - 1, 8) + struct.pack("<HHII", 0x0131, 12, 2**30, 8)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + main + bytes(4)
    tiff = Tiff.of(data)
    assert [tiff.data(entry) for entry in tiff.entries(tiff.first)] == [b"", b""]
    through(Metadata(exif=data))


def test_a_text_that_unpacks_to_gigabytes_is_left_out():
    bomb = zlib.compress(bytes(png_chunks.MAX_TEXT + 1), 9)
    data = png_with(encoded("PNG"), (b"zTXt", b"Bomb\0\0" + bomb), (b"tEXt", b"Title\0kept"))
    assert png_chunks.found(io.BytesIO(data)).texts == ((b"tEXt", b"Title\0kept"),)


def test_a_text_that_cannot_be_unpacked_is_told(put):
    data = png_with(encoded("PNG"), (b"zTXt", b"Title\0\0no zlib at all"), (b"tEXt", b"Author\0kept"))
    with pytest.warns(PhotoWarning, match="its text 'Title' is damaged and was left out"):
        photo = read(put("a.png", data))
    assert photo.metadata.texts == ((b"tEXt", b"Author\0kept"),)


def test_a_million_small_segments_and_extensions_take_no_time():
    digest = [b"%032X" % number for number in range(20_000)]
    head = b"http://ns.adobe.com/xmp/extension/\0"
    segments = [(0xE1, head + one + struct.pack(">II", 1, 0) + b"x") for one in digest]
    segments.append((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"HasExtendedXMP" * 4000))
    data = jpeg_with(encoded("JPEG"), *segments)
    assert timed(lambda: jpeg_segments.found(io.BytesIO(data))) < LONG_ENOUGH


def test_deep_and_wide_packets_end():
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    spaces = b"".join(b'<b xmlns:n%d="u">' % number for number in range(199)) + b"</b>" * 199
    wide = packet("".join(f'<q:p{at} xmlns:q="u"/>' for at in range(20_000)))
    many = packet("", " ".join(f'xmlns:p{at}="u"' for at in range(600)))
    for data in (deep, spaces, wide, many):
        metadata = Metadata(xmp=data)
        assert timed(lambda metadata=metadata: corrections.upright(metadata, 40, 24, 6)) < 2 * LONG_ENOUGH
    with pytest.raises(ValueError, match="deep"):
        Packet(deep)
    with pytest.raises(ValueError, match="namespaces"):
        Packet(many)


def boxed(kind: str) -> bytes:
    if kind == "AVIF":
        return encoded("AVIF", exif=RICH, xmp=PACKET)
    buffer = io.BytesIO()
    library = pytest.importorskip("pillow_heif")
    library.from_pillow(Image.fromarray(picture())).save(buffer, exif=RICH, xmp=PACKET)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_a_good_picture_with_mutated_metadata_is_read_and_written(kind, put, tmp_path):
    dice = random.Random(kind)
    for number in range(25):
        data, xmp = mutated(RICH, dice), mutated(PACKET, dice)
        if kind == "JPEG":
            file = jpeg_with(
                encoded("JPEG"), (0xE1, b"Exif\0\0" + data), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)
            )
        elif kind == "PNG":
            file = png_with(encoded("PNG"), (b"eXIf", data), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
        elif kind == "WEBP":
            file = encoded("WEBP", exif=data, xmp=xmp)
        elif kind == "TIFF":
            file = encoded("TIFF", tiffinfo={700: xmp, 33723: data, 34377: data})
        else:
            file = boxed(kind)
            [(at, room)] = ItemFile.of_bytes(file).first(b"Exif").pieces
            file = file[:at] + (file[at : at + 10] + data)[:room].ljust(room, b"\0") + file[at + room :]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            photo = read(put("a", file))
            for out in ("a.jpg", "a.tif", "a.png", "a.avif"):
                again = read(write(photo, tmp_path / out, overwrite=True))
                assert (again.width, again.height) == (photo.width, photo.height), (number, out)


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp1252", "declared"]
)
def test_a_packet_in_any_encoding_is_understood(encoding):
    text = PACKET.decode().replace("<rdf:Description", '<rdf:Description xmlns:x="y" x:place="Größe"', 1)
    if encoding == "declared":
        text, encoding = (
            '<?xml version="1.0" encoding="ISO-8859-15"?>' + text.replace("Größe", "Größe €"),
            "iso8859-15",
        )
    found = Packet(text.encode(encoding))
    assert "Größe" in next(item.text for item in found.items() if item.name[1] == "place")
    assert found.result().decode("utf-8").count("Größe") == 1
    assert b"8859" not in found.result()


def test_values_of_exif_that_are_not_there_are_told(put):
    def entry(tag, kind, count, value):
        return struct.pack("<HHII", tag, kind, count, value)

    whole = b"II*\0\x08\0\0\0" + struct.pack("<H", 4) + entry(0x10F, 2, 400, 0x7FFFFFFF)
    whole += entry(0x112, 3, 1, 1) + entry(0x8769, 4, 1, 0x7FFFFFF0) + entry(0x9003, 2, 0, 0) + bytes(4)
    with pytest.warns(PhotoWarning, match="its EXIF is damaged: 2 of its values are not there"):
        read(put("a.jpg", jpeg_with(encoded("JPEG"), (0xE1, b"Exif\0\0" + whole))))


def test_a_sidecar_that_cannot_be_understood_is_told(put, tmp_path):
    from retouch_aes.photo.metadata.reading import of_raw

    for data, notes in (
        (PACKET, ()),
        (b"<x:xmpmeta", ("the XMP file beside it cannot be understood and was left out",)),
    ):
        put("a.xmp", data)
        raw = put("a.dng", b"II*\0\x08\0\0\0" + bytes(6))
        with raw.open("rb") as file:
            assert of_raw(raw, file, b"").notes == notes

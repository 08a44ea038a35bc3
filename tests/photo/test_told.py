"""Damage that no decoder speaks of, and thumbnails that nothing marks."""

import io
import struct
import zlib

import numpy as np
import pytest
from photo_samples import encoded, picture, pixels

from retouch_aes.errors import PhotoError, PhotoWarning
from retouch_aes.photo import capture_time, preview, read
from retouch_aes.photo.zeros import complaint

LARGE, SMALL = picture(256, 384), picture(64, 96)


def tiff(tmp_path, *pages, **options):
    """Pages `(pixels, options)`, each with `subifds` many of the following ones below it."""
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, **options) as file:
        for array, about in pages:
            file.write(array, photometric="rgb", metadata=None, **about)
    return path


def deep(array):
    return array.astype(np.uint16) * 257


# TIFF ------------------------------------------------------------


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("mark", [{"subfiletype": 1}, {}])
@pytest.mark.parametrize("as_stored", [np.asarray, deep])
def test_a_picture_below_its_thumbnail_is_read(as_stored, mark, order, tmp_path):
    date = (306, "s", 0, "2024:05:01 10:00:00", True)
    path = tiff(
        tmp_path,
        (as_stored(SMALL), {"subifds": 1, "extratags": [date], **mark}),
        (as_stored(LARGE), {}),
        byteorder=order,
    )
    photo = read(path)
    assert (photo.width, photo.height, photo.warnings) == (384, 256, ())
    assert np.array_equal(pixels(photo), LARGE)
    assert capture_time(path) == capture_time(tmp_path / "gone.tif")  # DateTime is not when it was taken


def test_a_small_page_before_a_large_one_of_its_shape_is_its_thumbnail(tmp_path):
    assert read(tiff(tmp_path, (SMALL, {}), (LARGE, {}))).width == 384
    with pytest.warns(PhotoWarning, match="holds 2 pages"):  # of another shape: a page of its own
        assert read(tiff(tmp_path, (SMALL[:, :70], {}), (LARGE, {}))).width == 70
    assert read(tiff(tmp_path, (LARGE, {"subifds": 1}), (SMALL, {}))).width == 384


def test_a_big_tiff_of_either_order(tmp_path):
    pages = (deep(SMALL), {"subfiletype": 1}), (deep(LARGE), {})
    for order in "<>":
        assert read(tiff(tmp_path, *pages, byteorder=order, bigtiff=True)).width == 384
    with pytest.raises(PhotoError, match="big-endian"):
        read(tiff(tmp_path, (LARGE, {}), byteorder=">", bigtiff=True))


def test_a_tiff_that_lost_its_end_is_told(put):
    whole = encoded("TIFF", LARGE, compression="tiff_lzw")
    assert read(put("a.tif", whole)).warnings == ()
    for cut in (1, 9, 40):
        with pytest.raises((PhotoWarning, PhotoError), match="is damaged"):
            read(put("a.tif", whole[:-cut]))


# PNG ------------------------------------------------------------


def chunk(name, data, check=None):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check or zlib.crc32(name + data))


@pytest.mark.parametrize(
    ("name", "size"), [(b"pHYs", 3), (b"gAMA", 2), (b"cHRM", 8), (b"sRGB", 0), (b"tIME", 1)]
)
def test_a_chunk_of_a_wrong_length_is_left_out(name, size, put):
    whole = encoded("PNG", LARGE)
    with pytest.warns(PhotoWarning, match=f"{name.decode()} is damaged \\(wrong length\\)"):
        photo = read(put("a.png", whole[:33] + chunk(name, bytes(size)) + whole[33:]))
    assert np.array_equal(pixels(photo), LARGE)


def test_a_wrong_check_sum_of_the_pixels_is_told(put):
    whole = bytearray(encoded("PNG", LARGE))
    at = whole.index(b"IDAT")
    whole[at + 4 + int.from_bytes(whole[at - 4 : at], "big")] ^= 1
    with pytest.warns(PhotoWarning, match="a part of the picture may be wrong"):
        photo = read(put("a.png", bytes(whole)))
    assert len(photo.warnings) == 1


# JPEG ------------------------------------------------------------


@pytest.mark.parametrize("strange", [b"\0", b"strange bytes", b"\xff\0"])
def test_strange_bytes_between_segments_are_told_and_metadata_behind_them_kept(strange, put):
    exif = b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x04\0\0\0Cam\0\0\0\0\0"
    whole = encoded("JPEG", LARGE, exif=b"Exif\0\0" + exif)
    assert read(put("a.jpg", whole[:2] + b"\xff\xff" + whole[2:])).warnings == ()  # fill bytes
    with pytest.warns(PhotoWarning, match=f"{len(strange)} extraneous bytes"):
        photo = read(put("a.jpg", whole[:20] + strange + whole[20:]))
    assert np.array_equal(pixels(photo), pixels(read(put("b.jpg", whole))))
    assert b"Cam\0" in photo.metadata.exif


# zeros ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "HEIF"])
def test_zeros_where_a_picture_should_be_are_told(kind, put):
    whole = encoded(kind, np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8))
    assert read(put("a." + kind.lower(), whole)).warnings == ()
    assert read(put("b." + kind.lower(), whole + bytes(5000))).warnings == ()
    spoilt = whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2)
    with pytest.warns(PhotoWarning, match="of it are zero"):
        read(put("c." + kind.lower(), spoilt))


def test_zeros_at_the_end_of_a_raw_file():
    whole = bytes(range(1, 251)) * 10_000
    assert complaint("RAW", io.BytesIO(whole + bytes(1000))) == ()
    assert "1250000 bytes" in complaint("RAW", io.BytesIO(whole[:1_250_000] + bytes(1_250_000)))[0]
    assert complaint("JPEG", io.BytesIO(bytes(100_000))) == ()
    assert complaint("RAW", io.BytesIO(bytes(100_000))) != ()


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WEBPVP8 ", b"\0\0\0\1mdat", bytes(40)])
@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "RAW"])
def test_what_is_no_such_file_is_no_trouble(kind, data):
    assert isinstance(complaint(kind, io.BytesIO(data)), tuple)


def test_a_raw_file_of_a_camera_without_colours(tmp_path):
    pytest.importorskip("rawpy")
    tifffile = pytest.importorskip("tifffile")
    ramp = np.linspace(2000, 60000, 96).astype(np.uint16)[None].repeat(64, 0)
    extra = [
        (50706, "B", 4, (1, 4, 0, 0), True),
        (50708, "s", 0, "Test Mono", True),
        (50717, "H", 1, 65535, True),
    ]
    path = tmp_path / "a.dng"
    tifffile.imwrite(path, ramp, photometric=32803, extratags=extra, metadata=None, software=False)
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<HHIH", 262, 3, 1, 32803))
    struct.pack_into("<H", data, at + 8, 34892)  # linear, of one colour
    path.write_bytes(data)
    photo = read(path)
    assert photo.grey
    assert pixels(photo).shape == (64, 96, 3)
    assert preview(path, 48).image.size == (48, 32)


@pytest.mark.parametrize("length", [0, 1])
def test_a_segment_of_a_length_that_cannot_be_is_told(length, tmp_path):
    path = tmp_path / "a.jpg"
    data = bytearray(encoded("JPEG", SMALL))
    assert data[2:4] == b"\xff\xe0"
    data[4:6] = bytes([0, length])
    path.write_bytes(data)
    with pytest.warns(PhotoWarning, match="14 extraneous bytes"):
        read(path)

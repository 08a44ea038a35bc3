"""When a photo was taken: from every format, to the fraction of a second, whatever this machine's zone is."""

import numpy as np
import pytest
from photo_samples import encoded, picture
from PIL import Image

from retouch_aes.photo import CaptureTime, capture_time
from retouch_aes.photo.capture import parse_time

CLOCK = 1714557600.0  # 2024-05-01 10:00:00


def block(original="2024:05:01 10:00:00", subseconds="", offset=""):
    exif = Image.Exif()
    exif[0x8769] = {0x9003: original, 0x9291: subseconds, 0x9011: offset}
    stored = Image.Exif()
    stored.load(exif.tobytes())
    return stored


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_every_format(kind, put, tmp_path):
    exif = block(subseconds="123", offset="+02:00")
    if kind == "HEIF":
        pillow_heif = pytest.importorskip("pillow_heif")
        path = tmp_path / "a.heic"
        pillow_heif.from_pillow(Image.fromarray(picture())).save(path, exif=exif.tobytes())
    else:
        path = put("a.bin", encoded(kind, exif=exif if kind == "TIFF" else exif.tobytes()))
    moment = capture_time(path)
    assert moment == CaptureTime(pytest.approx(CLOCK + 0.123, abs=1e-6), 7200.0)
    assert moment.utc == pytest.approx(CLOCK + 0.123 - 7200)


def test_a_dng_with_its_time_in_the_main_directory(put):
    tifffile = pytest.importorskip("tifffile")
    path = put("a.dng", b"")
    extra = [(0x9003, "s", 0, "2024:05:01 10:00:00", True)]
    tifffile.imwrite(path, np.zeros((8, 8), np.uint16), extratags=extra, metadata=None)
    assert capture_time(path) == CaptureTime(CLOCK)


def test_the_page_that_is_read_counts(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for kind, text in ((1, "2000:01:01 00:00:00"), (0, "2024:05:01 10:00:00")):
            extra = [(0x9003, "s", 0, text, True)]
            writer.write(picture(), subfiletype=kind, photometric="rgb", extratags=extra, metadata=None)
    assert capture_time(tmp_path / "a.tif") == CaptureTime(CLOCK)


def test_xmp_where_there_is_no_exif(put):
    xmp = b'<rdf:Description exif:DateTimeOriginal="2024-05-01T10:00:00.5-03:30"/>'
    assert capture_time(put("a.jpg", encoded("JPEG", xmp=xmp))) == CaptureTime(CLOCK + 0.5, -12600.0)
    xmp = b"<photoshop:DateCreated>2024-05-01T10:00Z</photoshop:DateCreated>"
    assert capture_time(put("a.webp", encoded("WEBP", xmp=xmp))) == CaptureTime(CLOCK, 0.0)


@pytest.mark.parametrize(
    "text",
    ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "2024:02:30 10:00:00", "2024:05:01", "yesterday"],
)
def test_what_is_no_time(text, put):
    assert parse_time(text) is None
    assert capture_time(put("a.jpg", encoded("JPEG", exif=block(text).tobytes()))) is None


@pytest.mark.parametrize("subseconds", ["12x", "   ", "\0", "²"])
def test_odd_fractions_are_none(subseconds):
    assert parse_time("2024:05:01 10:00:00", subseconds, "odd") == CaptureTime(CLOCK)


def test_what_is_no_photo_says_nothing(put, tmp_path):
    assert capture_time(put("a.jpg", b"no photo")) is None
    assert capture_time(tmp_path / "gone.jpg") is None
    assert capture_time(tmp_path) is None

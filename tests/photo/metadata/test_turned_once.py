"""Nobody turns a written photo again: not Pillow, which looks into EXIF and XMP, nor ImageMagick."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from metadata_samples import MWG, block, file_with, packet
from PIL import Image, ImageOps

from retouch_aes.photo import read, write

CONVERT = shutil.which("magick") or shutil.which("convert")
XMP = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'


def source(stated: str) -> bytes:
    """A JPEG stored on its side, as EXIF, XMP or both say."""
    in_xmp = f'{XMP} tiff:Orientation="6"' if stated != "exif" else ""
    return file_with("JPEG", packet("", f"{MWG} {in_xmp}"), 6, in_xmp=stated == "xmp")


@pytest.mark.parametrize("stated", ["exif", "xmp", "both"])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif"])
def test_pillow(name, stated, put, tmp_path):
    path = write(read(put("s.jpg", source(stated))), tmp_path / name)
    with Image.open(path) as image:
        assert image.size == (24, 40)
        assert ImageOps.exif_transpose(image).size == (24, 40)


@pytest.mark.skipif(CONVERT is None, reason="ImageMagick, the judge, is not installed")
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_imagemagick(name, put, tmp_path):
    for stated in ("exif", "xmp", "both"):
        path = write(read(put("s.jpg", source(stated))), tmp_path / name, overwrite=True)
        assert said_by_imagemagick(path) == "24x40"


@pytest.mark.skipif(CONVERT is None, reason="ImageMagick, the judge, is not installed")
def test_an_orientation_stated_twice_is_read_as_imagemagick_reads_it(put, tmp_path):
    data = file_with("JPEG", packet(""), 1)
    once, twice = (
        block("<", {0x0112: (3, struct.pack(f"<{n}H", *[6] * n)), 271: (2, b"Maker\0")}) for n in (1, 2)
    )
    assert len(twice) - len(once) <= 2
    for exif in (once, twice):
        start = data.index(b"\xff\xe1")
        length = struct.unpack(">H", data[start + 2 : start + 4])[0]
        segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
        path = put("s.jpg", data[:start] + segment + data[start + 2 + length :])
        photo = read(path)
        assert said_by_imagemagick(path) == f"{photo.width}x{photo.height}" == "24x40"
        assert said_by_imagemagick(write(photo, tmp_path / "o.jpg", overwrite=True)) == "24x40"


def said_by_imagemagick(path: Path) -> str:
    command = [str(CONVERT), str(path), "-auto-orient", "-format", "%wx%h", "info:"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout

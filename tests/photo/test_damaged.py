"""What can be read is read, and what is wrong with it, or left out of it, is told with the file's name."""

import io
import os
import shutil
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pytest
from photo_samples import encoded, picture, pixels
from PIL import Image

from retouch_aes.errors import PhotoError, PhotoWarning
from retouch_aes.photo import png, preview, read

LARGE = picture(256, 384)


def read_told(path, words):
    """The photo, whose one warning holds `words` and names the file, as the library's warning does."""
    with pytest.warns(PhotoWarning, match=words) as caught:
        photo = read(path)
    assert len(photo.warnings) == len(caught) == 1
    assert str(caught[0].message) == f"{path}: {photo.warnings[0]}"
    assert preview(path, 20).width == photo.width
    return photo


def judged(tool, *arguments):
    """The exit code of another program, which must agree with us; skipped where it is not installed."""
    if shutil.which(tool) is None:
        return None
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, check=False)


# JPEG ------------------------------------------------------------


def jpeg(**options):
    return encoded("JPEG", LARGE, quality=90, **options)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}])
def test_a_jpeg_without_its_end_marker_is_read_whole(options, put):
    whole = jpeg(**options)
    photo = read_told(put("a.jpg", whole[:-2]), "end marker is missing")
    assert np.array_equal(pixels(photo), pixels(read(put("b.jpg", whole))))
    answer = judged("djpeg", put("a.jpg", whole[:-2]))
    assert answer is None or (answer.returncode in (0, 2) and b"Premature end" in answer.stderr)


def test_a_cmyk_jpeg_without_its_end_marker_is_read(put):
    buffer = io.BytesIO()
    Image.fromarray(LARGE).convert("CMYK").save(buffer, "JPEG")
    assert read(put("a.jpg", buffer.getvalue())).warnings == ()
    read_told(put("b.jpg", buffer.getvalue()[:-2]), "end marker is missing")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_jpeg_whose_end_is_zeros_is_told(share, put):
    whole = jpeg()
    keep = int(share * len(whole))
    path = put("a.jpg", whole[:keep] + bytes(len(whole) - keep))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PhotoWarning)
        try:
            read(path)
        except PhotoError as error:  # zeros happened to spell fewer pixels than there are
            assert "a.jpg" in str(error) and "damaged" in str(error)  # noqa: PT017, PT018
        else:
            assert "damaged" in str(caught[0].message) and "libjpeg" in str(caught[0].message)  # noqa: PT018
    answer = judged("identify", "-regard-warnings", path)
    assert answer is None or answer.returncode != 0 or answer.stderr


def test_bit_rot_that_libjpeg_sees_is_told(put):
    whole = bytearray(jpeg())
    told = 0
    for at in range(len(whole) // 3, len(whole) - 100, len(whole) // 9):
        rotten = bytearray(whole)
        rotten[at] ^= 0x55
        path = put("a.jpg", bytes(rotten))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PhotoWarning)
            photo = read(path)
        answer = judged("djpeg", "-outfile", os.devnull, path)
        if answer is not None:
            assert bool(photo.warnings) == bool(answer.stderr)
        told += bool(photo.warnings)
    assert told > 0


def test_a_jpeg_of_which_libjpeg_cannot_be_asked_is_told(put):
    data = bytearray(encoded("JPEG", subsampling="4:4:4"))
    at = data.index(b"\xff\xc0") + 10 + 3 * 2  # of the third channel: number, sampling, table
    assert data[at + 1] == 0x11
    data[at + 1] = 0x21
    with pytest.warns(PhotoWarning, match="whether its picture is damaged cannot be found out"):
        read(put("odd.jpg", bytes(data)))


def test_a_jpeg_cut_short_is_refused_and_a_sound_one_is_quiet(put):
    whole = jpeg()
    assert read(put("a.jpg", whole)).warnings == ()
    assert read(put("a.jpg", whole + b"whatever else")).warnings == ()
    with pytest.raises(PhotoError, match="cut short"):
        read(put("b.jpg", whole[: len(whole) // 2]))


# PNG ------------------------------------------------------------


def chunk(name, data, right=True):
    check = zlib.crc32(name + data) if right else 0
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def png_with(*chunks, deep=False):
    """A PNG with chunks right behind its header."""
    plain = png.encode_deep(LARGE.astype(np.uint16) * 257, []) if deep else encoded("PNG", LARGE)
    return plain[:33] + b"".join(chunks) + plain[33:]


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("name", "data"), [(b"tEXt", b"Comment\0hello"), (b"gAMA", struct.pack(">I", 10000)), (b"abCd", b"1234")]
)
def test_a_wrong_check_sum_beside_the_pixels(name, data, deep, put):
    pytest.importorskip("imagecodecs")
    photo = read_told(put("a.png", png_with(chunk(name, data, right=False), deep=deep)), name.decode())
    assert np.array_equal(pixels(photo), LARGE)  # a damaged gamma is none


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("cut", [1, 4, 8, 12])
def test_a_png_without_its_end_marker_is_read_whole(cut, deep, put):
    pytest.importorskip("imagecodecs")
    photo = read_told(put("a.png", png_with(deep=deep)[:-cut]), "end marker")
    assert np.array_equal(pixels(photo), LARGE)


@pytest.mark.parametrize("deep", [False, True])
def test_texts_and_profiles_that_unfold_far_are_read(deep, put):
    pytest.importorskip("imagecodecs")
    xmp = b"<x:xmpmeta>" + b" " * 3_000_000 + b'<a xmp:Rating="4"/></x:xmpmeta>'
    packet = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp))
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 2_000_000))
    path = put("a.png", png_with(packet, text, deep=deep))
    photo = read(path)
    assert photo.warnings == ()
    assert photo.metadata.xmp == xmp
    assert np.array_equal(pixels(photo), LARGE)
    answer = judged("pngcheck", path)
    assert answer is None or answer.returncode == 0


@pytest.mark.parametrize("deep", [False, True])
def test_a_large_profile_is_used(deep, put):
    from retouch_aes.photo import icc, profiles

    pytest.importorskip("imagecodecs")
    profile = profiles.adobe_rgb()
    large = profile + bytes(1_500_000)
    large = struct.pack(">I", len(large)) + large[4:]
    path = put("a.png", png_with(chunk(b"iCCP", b"P\0\0" + zlib.compress(large)), deep=deep))
    other = put("b.png", png_with(chunk(b"iCCP", b"P\0\0" + zlib.compress(profile)), deep=deep))
    assert read(path).profile == read(other).profile != ""
    assert np.array_equal(pixels(read(path)), pixels(read(other)))
    assert icc.srgb_profile()


def test_a_text_that_unfolds_without_end_is_left_out(put):
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80 << 20)))
    read_told(put("a.png", png_with(bomb)), "larger than 32 MB")


# TIFF ------------------------------------------------------------


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("mark", [{"subfiletype": 1}, {"extratags": [(255, "H", 1, 2, True)]}])
def test_the_first_picture_of_a_tiff_is_not_its_thumbnail(deep, big, mark, put, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    large = LARGE.astype(np.uint16) * 257 if deep else LARGE
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, bigtiff=big) as writer:
        writer.write(large[::4, ::4], photometric="rgb", metadata=None, **mark)
        writer.write(large, photometric="rgb", metadata=None, description="the picture itself")
    photo = read(path)
    assert photo.warnings == ()
    assert np.array_equal(pixels(photo), LARGE)
    assert preview(path, 1000).image.size == (384, 256)
    if not big:
        assert b"the picture itself" in photo.metadata.exif


@pytest.mark.parametrize("deep", [False, True])
def test_further_pages_are_told(deep, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    large = LARGE.astype(np.uint16) * 257 if deep else LARGE
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for turn in range(3):
            writer.write(np.roll(large, turn, 0), photometric="rgb", metadata=None)
        writer.write(large[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
    assert np.array_equal(pixels(read_told(path, "holds 3 pages")), LARGE)


@pytest.mark.parametrize("compression", ["zlib", "lzw", "jpeg"])
def test_what_libtiff_says_names_the_file_and_stays_off_the_terminal(compression, put, capfd):
    kinds = {"zlib": "tiff_adobe_deflate", "lzw": "tiff_lzw", "jpeg": "jpeg"}
    whole = bytearray(encoded("TIFF", LARGE, compression=kinds[compression]))
    logged = 0
    for at in range(200, len(whole) - 100, len(whole) // 11):
        rotten = bytearray(whole)
        rotten[at : at + 40] = b"\xff\xc1" * 20
        path = put("a.tif", bytes(rotten))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PhotoWarning)
            try:
                logged += bool(read(path).warnings)
            except PhotoError as error:
                assert "a.tif" in str(error)  # noqa: PT017
                logged += 1
    assert capfd.readouterr() == ("", "")
    assert logged > 0


@pytest.mark.skipif(sys.platform == "win32", reason="file descriptors as Unix has them")
def test_a_line_of_a_c_library_becomes_a_warning(monkeypatch, put, capfd):
    from types import SimpleNamespace

    class Raw:
        sizes = SimpleNamespace(width=5, height=4)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def postprocess(self, **_):
            os.write(2, b"unknown file: data corrupted at 52810\nunknown file: and more\n")
            return np.full((4, 5, 3), 30000, np.uint16)

    fake = SimpleNamespace(imread=lambda _: Raw(), ColorSpace=SimpleNamespace(sRGB=1))
    monkeypatch.setitem(sys.modules, "rawpy", fake)
    path = put("a.raf", b"FUJIFILMCCD-RAW 0201" + bytes(300))
    with pytest.warns(PhotoWarning, match=r"a\.raf: .*LibRaw: unknown file: data corrupted at 52810; and 1"):
        read(path)
    assert capfd.readouterr() == ("", "")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


# Frames ------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("PNG", {}, "3 frames"),
        ("WEBP", {"lossless": True}, "3 frames"),
        ("AVIF", {"quality": 95}, "3 frames"),
        ("MPO", {"quality": 95}, "3 pictures"),
    ],
)
def test_further_frames_are_told(kind, options, words, put):
    others = [Image.fromarray(np.roll(LARGE, turn, 0)) for turn in (80, 160)]
    data = encoded(kind, LARGE, save_all=True, append_images=others, **options)
    photo = read_told(put("a.bin", data), words)
    assert np.abs(pixels(photo) - LARGE).mean() < 3


def test_further_pictures_of_a_heic_are_told(put):
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    file = pillow_heif.from_pillow(Image.fromarray(LARGE))
    file.add_from_pillow(Image.fromarray(LARGE[::-1].copy()))
    file.save(buffer, quality=90)
    read_told(put("a.heic", buffer.getvalue()), "2 pictures")


# Size ------------------------------------------------------------


def test_a_photo_too_long_to_be_judged_says_its_size_and_the_limit(put):
    path = put("a.png", encoded("PNG", picture(100, 3000)))
    with pytest.raises(PhotoError, match=r"a\.png: 3000 x 100 pixels are 30:1.* up to 12:1 .*960 pixels"):
        read(path).proxy(384, least=32)
    assert read(path).proxy(960, least=32).shape[-2:] == (32, 960)
    with pytest.raises(PhotoError, match="24 x 24 pixels are too few"):
        read(put("b.png", encoded("PNG", picture(24, 24)))).proxy(384, least=32)

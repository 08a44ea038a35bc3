"""Whatever the bytes, the answer is a photo or a `PhotoError` that names the file. Never anything else."""

import logging
import os
import random
import sys
import warnings

import numpy as np
import pytest
from photo_samples import encoded, exif_bytes, picture

from retouch_aes.errors import MissingExtraError, PhotoError, PhotoWarning
from retouch_aes.photo import Metadata, capture_time, find_photos, png, preview, read, write
from retouch_aes.photo.photo import Photo


def sample(kind: str, tmp_path) -> bytes:
    """A file of `kind` with profile and metadata, so that these are damaged too."""
    import torch

    deep = kind.endswith("16")
    suffix = {"JPEG": ".jpg", "HEIF": ".heic"}.get(kind, "." + kind.lower().removesuffix("16"))
    photo = Photo(
        torch.from_numpy(picture().astype(np.float32)).permute(2, 0, 1)[None] / 255,
        bit_depth=16 if deep else 8,
        profile="x",
        metadata=Metadata(exif_bytes(), b"<x:xmpmeta/>", b"\x1c\x02\x05\x00\x01T", (72.0, 72.0)),
    )
    return write(photo, tmp_path / f"sample{suffix}").read_bytes()


KINDS = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF", "PNG16", "TIFF16"]


@pytest.mark.filterwarnings("ignore::retouch_aes.errors.PhotoWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_cut_short(kind, tmp_path, put):
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    whole = sample(kind, tmp_path)
    refused = 0
    for share in np.linspace(0, 0.97, 25):
        path = put("cut.bin", whole[: int(share * len(whole))])
        try:
            read(path)
        except PhotoError as error:
            assert "cut.bin" in str(error)  # noqa: PT017
            refused += 1
    assert refused >= (25 if kind not in ("TIFF", "TIFF16") else 15)


@pytest.mark.filterwarnings("ignore::retouch_aes.errors.PhotoWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bytes(kind, tmp_path, put):
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    whole, dice = sample(kind, tmp_path), random.Random(kind)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.choice([1, 3, 20])):
            data[dice.randrange(min(len(data), dice.choice([64, 1024, 1 << 20])))] = dice.randrange(256)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PhotoWarning)
                photo = read(put("flip.bin", bytes(data)), max_pixels=1_000_000)
        except PhotoError as error:
            assert "flip.bin" in str(error)  # noqa: PT017
        else:
            assert 0 <= float(photo.image.min()) <= float(photo.image.max()) <= 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"hello, this is not a photo\n", "a text file"),
        (b"<!doctype html><html>", "HTML"),
        (b"GIF89a" + bytes(20), "a GIF"),
        (bytes(1000), "nothing but zero bytes"),
        (bytes(range(128, 250)), "unknown kind"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "a film"),
        (b"%PDF-1.7", "a PDF"),
        (b"II*\0\0\0\0\0", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(300), "damaged"),
    ],
)
def test_what_is_not_a_photo_is_named(data, words, put):
    with pytest.raises(PhotoError, match=words) as caught:
        read(put("holiday.jpg", data))
    assert "holiday.jpg" in str(caught.value)


def test_places_without_a_photo(tmp_path, put):
    with pytest.raises(PhotoError, match="no such file"):
        read(tmp_path / "gone.jpg")
    with pytest.raises(PhotoError, match="a folder"):
        read(tmp_path)
    with pytest.raises(PhotoError, match="file name"):
        read("a\0b.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name on this system")
def test_a_pipe_is_refused_before_it_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for look in (read, lambda path: preview(path, 64), find_photos):
        with pytest.raises(PhotoError, match="a pipe or a device"):
            look(tmp_path / "pipe.jpg")
    assert capture_time(tmp_path / "pipe.jpg") is None
    assert find_photos(tmp_path) == []


def test_permission(put, monkeypatch):
    from pathlib import Path

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    path = put("a.jpg", encoded("JPEG"))
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PhotoError, match="permission"):
        read(path)


@pytest.mark.parametrize(
    ("kind", "module"),
    [("HEIF", "pillow_heif"), ("PNG16", "imagecodecs"), ("TIFF16", "tifffile"), ("RAW", "rawpy")],
)
def test_a_missing_extra_says_what_to_install(kind, module, tmp_path, put, monkeypatch):
    data = b"FUJIFILMCCD-RAW 0201" + bytes(300) if kind == "RAW" else sample(kind, tmp_path)
    path = put("a.bin", data)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'retouch_aes\[photo\]'"):
        read(path)
    assert find_photos([path]) == [path]


def test_16_bits_are_never_read_as_8(put, monkeypatch):
    pytest.importorskip("imagecodecs")
    data = png.encode_deep(np.full((4, 5, 3), 12345, np.uint16), [])
    assert read(put("a.png", data)).image.mean() == pytest.approx(12345 / 65535, abs=1e-6)


def test_a_real_raw_file_is_upright_and_in_16_bits(put):
    """The smallest DNG that LibRaw develops: a grey ramp behind a Bayer pattern, stored on its side."""
    pytest.importorskip("rawpy")
    tifffile = pytest.importorskip("tifffile")
    ramp = np.linspace(2000, 30000, 96).astype(np.uint16)[None].repeat(64, 0)
    identity = tuple(value for row in np.eye(3, dtype=int) for one in row for value in (int(one), 1))
    tags = [
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, (0, 1, 1, 2), True),
        (50706, "B", 4, (1, 4, 0, 0), True),
        (50721, "2i", 9, identity, True),
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),
        (50778, "H", 1, 21, True),
        (50717, "H", 1, 65535, True),
        (271, "s", 0, "Maker", True),
        (274, "H", 1, 6, True),
    ]
    path = put("a.dng", b"")
    tifffile.imwrite(path, ramp, photometric=32803, extratags=tags, metadata=None, software=False)
    photo = read(path)
    assert (photo.format, photo.bit_depth) == ("RAW", 16)
    assert (photo.height, photo.width) == (96, 64)
    down = photo.image[0, 1, 8:-8].mean(dim=1)
    assert (down.diff() > 0).float().mean() > 0.95
    assert b"Maker" in photo.metadata.exif


def test_raw_is_developed_through_rawpy(put, monkeypatch):
    """A stand-in for rawpy: what is asked of it, and what becomes of its answer."""
    from types import SimpleNamespace

    asked = {}

    class Raw:
        sizes = SimpleNamespace(width=5, height=4)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def postprocess(self, **settings):
            asked.update(settings)
            return np.full((4, 5, 3), 30000, np.uint16)

        def extract_thumb(self):
            return SimpleNamespace(data=encoded("JPEG", exif=b"Exif\0\0" + exif_bytes(6)))

    fake = SimpleNamespace(imread=lambda _: Raw(), ColorSpace=SimpleNamespace(sRGB=1))
    monkeypatch.setitem(sys.modules, "rawpy", fake)
    photo = read(put("a.raf", b"FUJIFILMCCD-RAW 0201" + bytes(300)))
    assert (photo.format, photo.bit_depth, photo.width) == ("RAW", 16, 5)
    assert photo.image.mean() == pytest.approx(30000 / 65535, abs=1e-6)
    assert (asked["output_bps"], asked["use_camera_wb"]) == (16, True)
    assert b"Maker X" in photo.metadata.exif
    with pytest.raises(PhotoError, match="max_pixels"):
        read(put("a.raf", b"FUJIFILMCCD-RAW 0201" + bytes(300)), max_pixels=10)

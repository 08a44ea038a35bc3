"""What was read comes back: pixels, alpha, bits, metadata; and nothing is overwritten by accident."""

import io
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from photo_samples import encoded, exif_bytes, picture, pixels
from PIL import Image

from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.photo import Metadata, Photo, icc, read, tensors, write
from retouch_aes.photo.encoders import LONGEST_SIDE
from retouch_aes.photo.metadata import exif

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6" xmp:Rating="4"/></x:xmpmeta>'
IPTC = b"\x1c\x02\x05\x00\x05Title\x1c\x02\x19\x00\x03sea"
EXACT = [("a.png", 95), ("a.tif", 95), ("a.webp", 100)]
EVERY = ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif", "a.heic"]


def photo_of(array: np.ndarray, levels: int = 255, **fields: object) -> Photo:
    image = torch.from_numpy(array.astype(np.float32)).permute(2, 0, 1)[None] / levels
    return Photo(image.contiguous(), **fields)


def ramp(depth: int = 16) -> Photo:
    """Between two 8 bit steps, everywhere: what dithering is for."""
    image = torch.linspace(0.2, 0.23, 256).expand(1, 3, 128, 256).contiguous()
    return Photo(image, bit_depth=depth)


@pytest.mark.parametrize(("name", "quality"), EXACT)
@pytest.mark.parametrize("seed", [0, 1])
def test_untouched_8_bit_photos_come_back_exactly(name, quality, seed, put, tmp_path):
    every_value = np.arange(256 * 3).reshape(16, 16, 3) % 256
    source = put("source.png", encoded("PNG", every_value.astype(np.uint8)))
    path = write(read(source), tmp_path / name, quality=quality, seed=seed)
    assert np.array_equal(pixels(read(path)), every_value)


@pytest.mark.parametrize("name", EVERY)
def test_every_format_is_written(name, tmp_path):
    pytest.importorskip("pillow_heif") if name == "a.heic" else None
    path = write(photo_of(picture()), tmp_path / "new folder" / name)
    assert np.abs(pixels(read(path)) - picture()).mean() < 3
    assert [p.name for p in path.parent.iterdir()] == [name]


def test_dither_is_right_on_average_small_and_seeded(tmp_path):
    first, again, other = (
        read(write(ramp(8), tmp_path / f"{i}.png", seed=s)) for i, s in enumerate([0, 0, 1])
    )
    assert torch.equal(first.image, again.image)
    assert not torch.equal(first.image, other.image)
    wanted = ramp().image
    assert (first.image - wanted).abs().max() < 1 / 255
    columns = (first.image - wanted).mean(dim=2)
    rounded = ((wanted * 255).round() / 255 - wanted).mean(dim=2)
    assert columns.abs().mean() < 0.15 * rounded.abs().mean()


def test_dither_never_moves_clean_black_and_white(tmp_path):
    image = torch.cat(
        [torch.full((1, 3, 200, 150), -0.5), torch.zeros(1, 3, 200, 150), torch.full((1, 3, 200, 150), 1.7)],
        3,
    )
    found = pixels(read(write(Photo(image), tmp_path / "a.png")))
    assert (found[:, :300] == 0).all()
    assert (found[:, 300:] == 255).all()


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_stay_16_bits(name, channels, tmp_path):
    pytest.importorskip("imagecodecs")
    random = np.random.default_rng(0).integers(0, 65536, (30, 20, 4))
    colour = random[..., :3] if channels > 2 else random[..., :1].repeat(3, axis=2)
    photo = photo_of(colour, 65535, bit_depth=16, grey=channels < 3)
    if channels in (2, 4):
        photo = replace(photo, alpha=torch.from_numpy(random[..., 3].astype(np.float32))[None, None] / 65535)
    back = read(write(photo, tmp_path / name))
    assert (back.bit_depth, back.grey) == (16, channels < 3)
    assert torch.equal((back.image * 65535).round(), (photo.image * 65535).round())
    assert (back.alpha is None) == (photo.alpha is None)
    if photo.alpha is not None:
        assert torch.equal((back.alpha * 65535).round(), (photo.alpha * 65535).round())


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.avif", "a.heic"])
def test_alpha_is_kept(name, tmp_path):
    alpha = torch.linspace(0, 1, 24 * 40).reshape(1, 1, 24, 40)
    back = read(write(replace(photo_of(picture()), alpha=alpha), tmp_path / name))
    assert (back.alpha - alpha).abs().max() < 0.03


def test_jpeg_refuses_only_alpha_that_shows(tmp_path):
    photo = replace(photo_of(picture()), alpha=torch.full((1, 1, 24, 40), 0.5))
    with pytest.raises(PhotoError, match="see-through"):
        write(photo, tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())
    assert write(replace(photo, alpha=torch.ones(1, 1, 24, 40)), tmp_path / "a.jpg").exists()


@pytest.mark.parametrize(("name", "mode"), [("a.jpg", "L"), ("a.png", "L"), ("a.tif", "L")])
def test_grey_stays_grey_until_it_is_coloured(name, mode, tmp_path):
    grey = photo_of(picture()[..., :1].repeat(3, axis=2), grey=True)
    with Image.open(write(grey, tmp_path / name)) as image:
        assert image.mode == mode
    toned = grey.with_image(grey.image * torch.tensor([1.0, 0.95, 0.8]).reshape(1, 3, 1, 1))
    with Image.open(write(toned, tmp_path / name, overwrite=True)) as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize("name", EVERY)
def test_a_profile_only_where_there_was_one(name, tmp_path):
    plain = write(photo_of(picture()), tmp_path / name)
    assert plain.read_bytes().count(b"sRGB") <= 1 or name in ("a.heic", "a.avif")
    tagged = write(photo_of(picture(), profile="Adobe RGB"), tmp_path / name, overwrite=True)
    back = read(tagged)
    assert back.profile == "sRGB"
    assert read(write(photo_of(picture()), tmp_path / name, overwrite=True)).profile == ""


def full_metadata() -> Metadata:
    return Metadata(exif_bytes(thumbnail=b"\xff\xd8THUMB\xff\xd9"), XMP, IPTC, (300.0, 300.0))


@pytest.mark.parametrize("name", [*EVERY, "16.png", "16.tif"])
def test_metadata_travels(name, tmp_path):
    photo = photo_of(picture(), bit_depth=16 if name.startswith("16") else 8, metadata=full_metadata())
    path = write(photo, tmp_path / name)
    back = read(path).metadata
    tags = Image.Exif()
    tags.load(back.exif)
    assert tags[0x010F].startswith("Maker X")
    inner = tags.get_ifd(0x8769)
    assert (inner[0xA002], inner[0xA003]) == (40, 24)
    assert inner[0xA001] == 1
    assert bytes(inner[0x927C]) == b"NOTE\x01\x02\x03\x04"
    assert b'xmp:Rating="4"' in back.xmp
    assert b'tiff:Orientation="1"' in back.xmp
    assert b"THUMB" not in path.read_bytes()
    if name in ("a.jpg", "a.tif", "16.tif"):
        assert back.iptc.startswith(IPTC)
    if name not in ("a.webp", "a.avif", "a.heic"):
        assert back.dpi == pytest.approx((300, 300), rel=1e-3)


@pytest.mark.parametrize("name", [*EVERY, "16.png", "16.tif"])
def test_xmp_of_a_turned_photo_turns_no_upright_one(name, tmp_path):
    photo = photo_of(picture(), bit_depth=16 if name.startswith("16") else 8, metadata=Metadata(xmp=XMP))
    assert read(write(photo, tmp_path / name)).width == photo.width


def test_maker_notes_do_not_move_in_jpeg(tmp_path):
    exif_in = exif_bytes(orientation=6)
    metadata = Metadata(exif=exif.upright(exif_in, 40, 24, 6))
    path = write(photo_of(picture(), metadata=metadata), tmp_path / "a.jpg")
    back = read(path).metadata.exif
    assert len(back) == len(exif_in)
    assert back.index(b"NOTE") == exif_in.index(b"NOTE")


def test_jpeg_is_baseline_and_in_full_colour_resolution(tmp_path):
    with Image.open(write(photo_of(picture()), tmp_path / "a.jpg")) as image:
        assert "progressive" not in image.info
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3


def test_the_original_is_safe(put):
    data = encoded("PNG")
    source = put("a.png", data)
    with pytest.raises(PhotoError, match="original"):
        write(read(source), source)
    other = put("b.png", data)
    with pytest.raises(PhotoError, match="exists already"):
        write(read(source), other)
    assert source.read_bytes() == data
    write(read(source).with_image(torch.zeros(1, 3, 24, 40)), source, overwrite=True)
    assert pixels(read(source)).max() == 0


def test_a_failed_write_leaves_what_was_there(put, tmp_path):
    old = put("a.png", b"precious")
    bad = photo_of(picture()).with_image(torch.full((1, 3, 24, 40), float("nan")))
    with pytest.raises(UsageError, match="not numbers"):
        write(bad, old, overwrite=True)
    assert old.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize(
    ("name", "words"), [("a.nef", "RAW cannot be written"), ("a.gif", "choose one of"), ("a", "choose")]
)
def test_suffixes_that_cannot_be_written(name, words, tmp_path):
    with pytest.raises(PhotoError, match=words):
        write(photo_of(picture()), tmp_path / name)


def test_other_refusals(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(PhotoError, match="folder"):
        write(photo_of(picture()), tmp_path / "a.png")
    with pytest.raises(PhotoError, match="at most 16383"):
        write(Photo(torch.zeros(1, 3, 1, 16384)), tmp_path / "a.webp")
    with pytest.raises(PhotoError, match="at most 32768"):  # libavif writes more and reads no more
        write(Photo(torch.zeros(1, 3, 1, 32769)), tmp_path / "a.avif")
    with pytest.raises(RetouchError, match="quality"):
        write(photo_of(picture()), tmp_path / "a.jpg", quality=0)


def test_a_file_that_no_decoder_takes_is_no_success(tmp_path, monkeypatch):
    monkeypatch.setitem(LONGEST_SIDE, "AVIF", 65536)
    before = tmp_path / "wide.avif"
    before.write_bytes(b"what stood there")
    with pytest.raises(PhotoError, match=r"writing this AVIF failed .*nothing was changed"):
        write(Photo(torch.full((1, 3, 2, 32_824), 0.5)), before, overwrite=True)
    assert before.read_bytes() == b"what stood there"
    assert list(tmp_path.iterdir()) == [before]


@pytest.mark.parametrize("name", EVERY)
def test_a_file_of_another_size_is_no_success(name, tmp_path, monkeypatch):
    monkeypatch.setattr(tensors, "to_image", lambda *_args, **_options: Image.new("RGB", (5, 7)))
    with pytest.raises(PhotoError, match="not a picture of this size"):
        write(Photo(torch.full((1, 3, 16, 16), 0.5)), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_same_bytes_every_time(tmp_path):
    photo = photo_of(picture(), profile="x", metadata=full_metadata())
    for name in ("a.jpg", "a.png", "a.tif"):
        first = write(photo, tmp_path / name).read_bytes()
        assert write(photo, tmp_path / name, overwrite=True).read_bytes() == first


def test_gradients_and_half_precision_are_no_obstacle(tmp_path):
    image = photo_of(picture()).image
    path = write(Photo(image.clone().requires_grad_()), tmp_path / "a.png")
    assert np.array_equal(pixels(read(path)), picture())
    assert write(Photo(image.half()), tmp_path / "b.png").exists()


def test_the_profile_written_is_valid():
    from PIL import ImageCms

    assert ImageCms.getProfileDescription(io.BytesIO(icc.srgb_profile())).strip() == "sRGB"


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_greys_between_two_levels_are_written_without_colour(name, tmp_path):
    image = torch.linspace(0.2, 0.23, 256).expand(1, 3, 128, 256).contiguous()
    written = pixels(read(write(Photo(image), tmp_path / name))).astype(int)
    assert (written.max(axis=2) - written.min(axis=2)).max() == 0
    assert len(np.unique(written)) > 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits as Unix has them")
@pytest.mark.parametrize("name", [*EVERY, "16.png", "16.tif"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_disk_that_takes_less_is_an_error_and_leaves_nothing(name, share, tmp_path):
    """The system takes a part of a write and refuses the rest, as a full disk does."""
    import resource

    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3))
    photo = photo_of(noise, bit_depth=16 if name.startswith("16") else 8)
    size = write(photo, tmp_path / "whole" / name).stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(share * size), hard))
    try:
        with pytest.raises(PhotoError, match=r"writing this \w+ failed \(File too large\); nothing was"):
            write(photo, tmp_path / "out" / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "out").iterdir()) == []
    assert write(photo, tmp_path / "out" / name).stat().st_size == size


@pytest.mark.parametrize("name", EVERY)
def test_a_name_of_255_bytes_is_written(name, tmp_path):
    suffix = name[1:]
    path = tmp_path / ("日" * ((255 - len(suffix)) // 3) + suffix)
    assert write(photo_of(picture()), path).exists()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]

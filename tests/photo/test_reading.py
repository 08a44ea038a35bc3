"""Every format and colour mode arrives upright, in sRGB, float32, with its alpha."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from photo_samples import encoded, exif_bytes, picture, pixels
from PIL import Image

from retouch_aes.errors import PhotoError, PhotoWarning, UsageError
from retouch_aes.photo import Photo, read

LOSSLESS = {"PNG": {}, "TIFF": {"compression": "tiff_lzw"}, "WEBP": {"lossless": True}}
ALL = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]


@pytest.mark.parametrize("kind", ALL)
def test_every_format_under_one_function(kind, put):
    photo = read(put("anything.bin", encoded(kind)))
    assert photo.format == kind
    assert photo.image.shape == (1, 3, 24, 40)
    assert photo.image.dtype == torch.float32
    assert (photo.height, photo.width, photo.bit_depth, photo.grey) == (24, 40, 8, False)
    assert photo.alpha is None
    assert photo.profile == "" or kind in ("HEIF", "AVIF")
    assert np.abs(pixels(photo) - picture()).mean() < 4


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_arrive_exactly(kind, put):
    photo = read(put("a.x", encoded(kind, **LOSSLESS[kind])))
    expected = torch.from_numpy(picture()).permute(2, 0, 1)[None].float() / 255
    assert torch.equal(photo.image, expected)


def turned(upright: np.ndarray, orientation: int) -> np.ndarray:
    """What a camera stores for `orientation`: written out from the table in the EXIF standard."""
    return {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],  # row 0 is the top, column 0 the right
        3: lambda a: a[::-1, ::-1],  # bottom, right
        4: lambda a: a[::-1],  # bottom, left
        5: lambda a: a.swapaxes(0, 1),  # left, top
        6: lambda a: np.rot90(a, 1),  # right, top: needs a turn clockwise
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),  # right, bottom
        8: lambda a: np.rot90(a, -1),  # left, bottom: needs a turn anticlockwise
    }[orientation](upright).copy()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", [*LOSSLESS, "TIFF16", "PNG16"])
def test_eight_orientations(kind, orientation, put):
    stored = turned(picture(), orientation)
    exif = exif_bytes(orientation)
    if kind == "PNG16":
        from retouch_aes.photo import png

        pytest.importorskip("imagecodecs")
        data = png.encode_deep(stored.astype(np.uint16) * 257, [(b"eXIf", exif)])
    elif kind == "TIFF16":
        tifffile = pytest.importorskip("tifffile")
        buffer = io.BytesIO()
        tags = [(274, "H", 1, orientation, True)]
        tifffile.imwrite(buffer, stored.astype(np.uint16) * 257, photometric="rgb", extratags=tags)
        data = buffer.getvalue()
    elif kind == "TIFF":
        data = encoded(kind, stored, tiffinfo={274: orientation})
    else:
        data = encoded(kind, stored, exif=exif, **LOSSLESS[kind])
    photo = read(put("a", data))
    assert np.array_equal(pixels(photo), picture())
    from retouch_aes.photo.metadata.exif import orientation as stated

    assert stated(photo.metadata.exif) == 1


def test_heic_rotation_is_undone_once(put):
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    image = pillow_heif.from_pillow(Image.fromarray(turned(picture(), 6)))
    image.save(buffer, quality=100, chroma=444, exif=exif_bytes(6))
    assert np.abs(pixels(read(put("a", buffer.getvalue()))) - picture()).max() < 12


def test_heic_of_more_than_8_bits_is_read_as_16(put):
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    image = pillow_heif.from_bytes("RGB;16", (40, 24), (picture().astype(np.uint16) * 257).tobytes())
    image.save(buffer, quality=100, chroma=444)
    photo = read(put("a", buffer.getvalue()))
    assert photo.bit_depth == 16
    assert np.abs(pixels(photo) - picture()).max() < 6


def test_avif_rotation_is_undone_once(put):
    photo = read(put("a", encoded("AVIF", turned(picture(), 6), exif=exif_bytes(6), quality=100)))
    assert np.abs(pixels(photo) - picture()).max() < 12


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_is_three_equal_channels(mode, put):
    image = Image.fromarray(picture()).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    photo = read(put("a.png", buffer.getvalue()))
    assert photo.grey
    assert (photo.alpha is not None) == (mode == "LA")
    expected = np.asarray(image.convert("L"))
    assert np.array_equal(pixels(photo), np.repeat(expected[..., None], 3, 2))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_kept_and_colours_under_it_too(kind, put):
    alpha = np.linspace(0, 255, 24 * 40).reshape(24, 40, 1).astype(np.uint8)
    array = np.concatenate([picture(), alpha], axis=2)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    photo = read(put("a", encoded(kind, array, **options)))
    assert np.array_equal(pixels(photo), picture())
    assert np.array_equal((photo.alpha[0, 0] * 255).round().numpy(), alpha[..., 0])


def test_palette_with_transparency(put):
    image = Image.fromarray(picture()).quantize(16)
    image.info["transparency"] = 3
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=3)
    photo = read(put("a.png", buffer.getvalue()))
    see_through = np.asarray(image) == 3
    assert see_through.any()
    assert np.array_equal(photo.alpha[0, 0].numpy() == 0, see_through)
    assert np.array_equal(pixels(photo), np.asarray(image.convert("RGB")))


def test_transparent_colour_of_rgb(put):
    colour = tuple(int(v) for v in picture()[0, 0])
    photo = read(put("a.png", encoded("PNG", transparency=colour)))
    assert photo.alpha[0, 0, 0, 0] == 0
    assert photo.alpha.mean() > 0.5


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_not_inverted(kind, put):
    white_red_black = np.array([[[0, 0, 0, 0]] * 8, [[0, 255, 255, 0]] * 8, [[0, 0, 0, 255]] * 8], np.uint8)
    planes = [Image.fromarray(plane) for plane in np.moveaxis(white_red_black.repeat(8, 0), -1, 0).copy()]
    image = Image.merge("CMYK", planes)
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"quality": 95} if kind == "JPEG" else {}))
    found = pixels(read(put("a", buffer.getvalue())))
    assert found[2, 4].min() > 240
    assert found[12, 4, 0] > 240
    assert found[12, 4, 1:].max() < 20
    assert found[21, 4].max() < 15


def test_first_frame_of_an_animation_and_of_pages(put):
    first, second = Image.fromarray(picture()), Image.fromarray(255 - picture())
    for kind, options in (("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})):
        buffer = io.BytesIO()
        first.save(buffer, kind, save_all=True, append_images=[second], **options)
        with pytest.warns(PhotoWarning, match="it holds 2"):
            photo = read(put("a", buffer.getvalue()))
        assert np.array_equal(pixels(photo), picture())


def test_mislabelled_files_read_by_content(put):
    assert read(put("photo.jpg", encoded("PNG"))).format == "PNG"
    assert read(put("photo.nef", encoded("JPEG"))).format == "JPEG"


def test_too_large_is_refused_from_the_header(put):
    with pytest.raises(PhotoError, match="max_pixels"):
        read(put("a.png", encoded("PNG")), max_pixels=24 * 40 - 1)
    assert read(put("a.png", encoded("PNG")), max_pixels=24 * 40).width == 40


def test_a_bomb_costs_nothing_and_leaves_pillow_as_it_was(put):
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    limit = Image.MAX_IMAGE_PIXELS
    path = put("bomb.png", bomb)
    with pytest.raises(PhotoError, match=r"3,600\.0 megapixels"):
        read(path)  # a warning would be an error here
    assert limit == Image.MAX_IMAGE_PIXELS


def test_reads_above_pillows_own_limit(put, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for kind in ("JPEG", "PNG", "AVIF", "HEIF"):
        assert read(put("a", encoded(kind))).width == 40
    for kind in ("TIFF", "WEBP"):
        with pytest.raises(PhotoError, match="MAX_IMAGE_PIXELS"):
            read(put("a", encoded(kind)))


def test_float_tiff_is_refused(put):
    image = Image.fromarray(np.linspace(0, 1, 960, dtype=np.float32).reshape(24, 40))
    buffer = io.BytesIO()
    image.save(buffer, "TIFF")
    with pytest.raises(PhotoError, match="floating point"):
        read(put("a.tif", buffer.getvalue()))


def test_a_photo_checks_its_shapes():
    with pytest.raises(UsageError, match="1, 3, H, W"):
        Photo(torch.zeros(3, 4, 4))
    with pytest.raises(UsageError, match="alpha"):
        Photo(torch.zeros(1, 3, 4, 4), alpha=torch.zeros(1, 1, 4, 5))
    photo = Photo(torch.zeros(1, 3, 4, 5), grey=True)
    other = photo.with_image(torch.ones(1, 3, 4, 5))
    assert other.grey
    assert other.image.mean() == 1


def test_a_real_photo(test_data: Path):
    path = test_data / "data" / "full_size" / "tj_holowaychuk.jpg"
    photo = read(path)
    assert photo.image.shape[:2] == (1, 3)
    assert photo.path == path
    with Image.open(path) as image:
        assert {photo.height, photo.width} == set(image.size)

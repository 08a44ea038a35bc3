"""A preview shows what `read` reads: upright, in sRGB, at the size asked for."""

import io

import numpy as np
import pytest
from photo_samples import encoded, exif_bytes, picture
from PIL import Image, ImageCms

from retouch_aes.errors import PhotoError
from retouch_aes.photo import preview, read
from retouch_aes.photo.icc import ADOBE_RGB, matrix_profile


def as_read(path) -> np.ndarray:
    return read(path).image[0].permute(1, 2, 0).numpy() * 255


def large(orientation: int = 1, profile: bytes | None = None) -> bytes:
    options = {"icc_profile": profile} if profile else {}
    return encoded(
        "JPEG",
        picture(240, 400),
        quality=95,
        exif=b"Exif\0\0" + exif_bytes(orientation),
        **options,
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_and_profile_are_respected_at_every_scale(put, orientation):
    path = put("a.jpg", large(orientation, matrix_profile("wide", ADOBE_RGB, 2.2)))
    whole = as_read(path)
    for side in (400, 200, 100):
        shown = preview(path, side)
        assert (shown.height, shown.width) == whole.shape[:2]
        assert max(shown.image.size) == side
        small = Image.fromarray(whole.round().astype(np.uint8)).resize(shown.image.size, Image.LANCZOS)
        assert np.abs(np.asarray(shown.image, float) - np.asarray(small, float)).mean() < 2


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("WEBP", "a.webp"), ("HEIF", "a.heic")])
def test_other_formats(put, kind, name):
    path = put(name, encoded(kind, picture(60, 100)))
    shown = preview(path, 1000)
    assert shown.image.size == (100, 60) == (shown.width, shown.height)
    assert np.abs(np.asarray(shown.image, float) - as_read(path)).max() < 2


def test_sixteen_bit(put):
    imagecodecs = pytest.importorskip("imagecodecs")
    deep = picture(60, 100).astype(np.uint16) * 257
    path = put("deep.png", imagecodecs.png_encode(deep))
    assert np.array_equal(np.asarray(preview(path, 100).image), picture(60, 100))


def test_transparency_lies_on_grey(put):
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 10), (255, 0, 0, 0)).save(buffer, "PNG")
    assert preview(put("a.png", buffer.getvalue()), 20).image.getpixel((5, 5)) == (119, 119, 119)


def test_nothing_is_enlarged_and_nothing_vanishes(put):
    assert preview(put("a.jpg", encoded("JPEG")), 5000).image.size == (40, 24)
    thin = put("thin.png", encoded("PNG", picture(2, 900)))
    assert preview(thin, 30).image.size == (30, 1)


def test_what_cannot_be_read_is_refused_by_name(put, tmp_path):
    for path in (put("cut.jpg", large()[:900]), put("text.jpg", b"hello"), tmp_path / "no.jpg", tmp_path):
        with pytest.raises(PhotoError, match=str(path.name)):
            preview(path, 100)
    with pytest.raises(PhotoError, match="limit"):
        preview(put("big.jpg", large()), 100, max_pixels=1000)


def test_the_profile_made_a_difference(put):
    """Guards the test above: the same bytes without their profile look different."""
    wide = preview(put("a.jpg", large(1, matrix_profile("wide", ADOBE_RGB, 2.2))), 100).image
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = preview(put("b.jpg", large(1, srgb)), 100).image
    assert np.abs(np.asarray(wide, float) - np.asarray(plain, float)).mean() > 1

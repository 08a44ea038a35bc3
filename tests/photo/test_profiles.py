"""Adobe RGB, Display P3 and sRGB copies of one photo are one photo."""

import io
import struct

import numpy as np
import pytest
from photo_samples import encoded, exif_bytes, picture, pixels
from PIL import Image, ImageCms

from retouch_aes.errors import PhotoError, PhotoWarning
from retouch_aes.photo import icc, png, read

# Linear sRGB -> linear target, from the published XYZ (D65) matrices of each space.
SRGB_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
ADOBE_XYZ = np.array(
    [[0.5767309, 0.1855540, 0.1881852], [0.2973769, 0.6273491, 0.0752741], [0.0270343, 0.0706872, 0.9911085]]
)
P3_XYZ = np.array(
    [[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0.0, 0.0451134, 1.0439444]]
)


def linear(v: np.ndarray) -> np.ndarray:
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def curve(v: np.ndarray) -> np.ndarray:
    return np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)


def copy_in(space: str, levels: int = 255) -> np.ndarray:
    """`picture()` in another space, by textbook matrices and none of the library's code."""
    light = linear(picture() / 255)
    if space == "adobe":
        encoded_ = np.clip(light @ (np.linalg.inv(ADOBE_XYZ) @ SRGB_XYZ).T, 0, 1) ** (256 / 563)
    else:
        encoded_ = curve(np.clip(light @ (np.linalg.inv(P3_XYZ) @ SRGB_XYZ).T, 0, 1))
    return np.round(encoded_ * levels).astype(np.uint8 if levels == 255 else np.uint16)


PROFILES = {
    "adobe": icc.matrix_profile("Adobe RGB", icc.ADOBE_RGB, 563 / 256),
    "p3": icc.matrix_profile("Display P3", icc.DISPLAY_P3),
}


@pytest.mark.parametrize("space", PROFILES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_copies_agree_within_rounding(space, kind, put):
    stored = copy_in(space)
    assert np.abs(stored.astype(int) - picture()).max() > 10
    photo = read(put("a", encoded(kind, stored, icc_profile=PROFILES[space])))
    difference = np.abs(pixels(photo) - picture())
    assert difference.max() <= 2
    assert difference.mean() < 0.5
    assert photo.profile == {"adobe": "Adobe RGB", "p3": "Display P3"}[space]


@pytest.mark.parametrize("space", PROFILES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_copies_agree_far_below_a_step(space, kind, put):
    pytest.importorskip("imagecodecs")
    tifffile = pytest.importorskip("tifffile")
    stored, buffer = copy_in(space, 65535), io.BytesIO()
    if kind == "PNG":
        data = png.encode_deep(stored, [png.color_chunk(PROFILES[space])])
    else:
        tifffile.imwrite(buffer, stored, photometric="rgb", iccprofile=PROFILES[space])
        data = buffer.getvalue()
    photo = read(put("a", data))
    found = photo.image[0].permute(1, 2, 0).numpy() * 255
    assert photo.bit_depth == 16
    assert np.abs(found - picture()).max() < 0.05


def test_srgb_by_any_name_changes_nothing(put):
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (other, icc.srgb_profile()):
        photo = read(put("a.png", encoded("PNG", icc_profile=profile)))
        assert np.array_equal(pixels(photo), picture())
        assert photo.profile


def test_our_matrices_are_the_published_ones():
    found = icc.rgb_to_d50(icc.BT709)
    published = [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
    assert np.abs(found - published).max() < 3e-4


def test_adobe_rgb_by_exif_mark_alone(put):
    photo = read(
        put(
            "a",
            encoded(
                "JPEG",
                copy_in("adobe"),
                quality=100,
                subsampling=0,
                exif=b"Exif\0\0" + exif_bytes(interop=b"R03\0"),
            ),
        )
    )
    assert np.abs(pixels(photo) - picture()).mean() < 1.5
    plain = read(
        put(
            "a",
            encoded("JPEG", copy_in("adobe"), quality=100, subsampling=0, exif=b"Exif\0\0" + exif_bytes()),
        )
    )
    assert np.abs(pixels(plain) - picture()).mean() > 3


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    import zlib

    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data[:33] + chunk + data[33:]


def test_png_codes_for_display_p3(put):
    data = with_chunk(encoded("PNG", copy_in("p3")), b"cICP", bytes([12, 13, 0, 1]))
    assert np.abs(pixels(read(put("a.png", data))) - picture()).max() <= 2


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_refused(transfer, put):
    with pytest.raises(PhotoError, match="HDR"):
        read(put("a.png", with_chunk(encoded("PNG"), b"cICP", bytes([9, transfer, 0, 1]))))


def test_png_gamma(put):
    same = with_chunk(encoded("PNG"), b"gAMA", struct.pack(">I", 45455))
    assert np.array_equal(pixels(read(put("a.png", same))), picture())
    stored = np.round(255 * linear(picture() / 255)).astype(np.uint8)
    found = pixels(read(put("a.png", with_chunk(encoded("PNG", stored), b"gAMA", struct.pack(">I", 100000)))))
    bright = picture() > 60
    assert np.abs(found - picture())[bright].max() <= 4


def test_grey_keeps_grey_under_a_profile(put):
    grey = picture()[..., 1]
    photo = read(put("a.png", encoded("PNG", grey, icc_profile=PROFILES["adobe"])))
    assert photo.grey
    expected = 255 * curve((grey / 255) ** (563 / 256))
    assert np.abs(pixels(photo)[..., 0] - expected).max() <= 1
    assert (photo.image[:, 0] == photo.image[:, 2]).all()


@pytest.mark.parametrize(
    "profile",
    [b"not a profile", icc.srgb_profile()[:200], PROFILES["p3"][:16] + b"CMYK" + PROFILES["p3"][20:]],
)
def test_a_profile_that_does_not_fit_is_ignored_and_said(profile, put):
    with pytest.warns(PhotoWarning, match="colours are taken as sRGB"):
        photo = read(put("a.jpg", encoded("TIFF", icc_profile=profile)))
    assert "ignored" in photo.profile
    assert np.array_equal(pixels(photo), picture())


def cmyk_profile() -> bytes:
    """A printer profile of 16 corners, ink -> Lab: paper, blue-black and the plain mixtures between them."""
    corners = []
    for ink in np.ndindex(2, 2, 2, 2):  # the last ink, black, runs fastest
        light = np.array([1 - ink[0], 1 - ink[1], 1 - ink[2]]) * (1 - ink[3])
        shade = 100 * (0.3 * light[0] + 0.5 * light[1] + 0.2 * light[2])
        corners.append([shade * 2.55, 128 + 40 * (light[0] - light[1]), 128 + 40 * (light[1] - light[2])])
    ramp = bytes(range(256))
    lut = (
        b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + struct.pack(">9i", *(np.eye(3, dtype=int) * 65536).ravel())
    )
    lut += ramp * 4 + np.round(corners).astype(np.uint8).tobytes() + ramp * 3
    names = (b"A2B0", b"wtpt", b"desc", b"cprt")
    text = b"text" + bytes(4) + b"x\0"
    desc = b"desc" + bytes(4) + struct.pack(">I", 4) + b"Ink\0" + bytes(12 + 67)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in (0.9642, 1, 0.8249)))
    table, body, start = b"", b"", 128 + 4 + 12 * 4
    for name, data in zip(names, (lut, white, desc, text), strict=True):
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, b"prtr", b"CMYK", b"Lab ")
    head += bytes(12) + b"acsp" + bytes(28) + white[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", 4) + table + body


@pytest.mark.parametrize("bits", [8, 16])
def test_cmyk_goes_through_its_profile(bits, put):
    tifffile = pytest.importorskip("tifffile")
    inks = np.zeros((4, 8, 4), np.uint8)
    inks[1, :, 3], inks[2, :, 1:3], inks[3, :, 0] = 255, 255, 255
    stored, buffer = inks if bits == 8 else inks.astype(np.uint16) * 257, io.BytesIO()
    tifffile.imwrite(buffer, stored, photometric="separated", iccprofile=cmyk_profile(), metadata=None)
    photo = read(put("a.tif", buffer.getvalue()))
    assert (photo.bit_depth, photo.profile) == (bits, "Ink")
    paper, black, red, cyan = pixels(photo)[:, 4]
    assert paper.min() >= 250
    assert black.max() <= 5
    assert red[0] > red[1] + 40
    assert cyan[0] + 40 < cyan[1]
    naive = Image.merge("CMYK", [Image.fromarray(plane) for plane in np.moveaxis(inks, -1, 0).copy()])
    assert np.abs(pixels(photo) - np.asarray(naive.convert("RGB"))).max() > 30


def test_cmyk_with_a_profile_that_does_not_fit(put):
    image = Image.fromarray(picture()).convert("CMYK")
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", icc_profile=PROFILES["p3"])
    with pytest.warns(PhotoWarning, match="colours are taken as sRGB"):
        photo = read(put("a.tif", buffer.getvalue()))
    assert "ignored" in photo.profile
    assert np.abs(pixels(photo) - picture()).max() <= 1

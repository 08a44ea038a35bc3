"""Source colours -> sRGB: ICC profiles, H.273 code points, PNG's gamma and Adobe RGB by EXIF mark.

Relative colorimetric with black point compensation throughout, as photo editors do by default. A profile
that maps every probed colour to itself within one 8 bit step is sRGB by another name and changes nothing.
A profile that does not fit its pixels, or cannot be read, is ignored as every viewer does; its name says so.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from retouch_aes.errors import MissingExtraError, PhotoError
from retouch_aes.photo import icc

_RELATIVE = ImageCms.Intent.RELATIVE_COLORIMETRIC
_BLACK_POINT = ImageCms.Flags.BLACKPOINTCOMPENSATION
_SPACES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}
_EXACT = ImageCms.Flags.NOOPTIMIZE  # else a lookup table stands in, 40 steps of 65,535 off
_ROWS = 64
_UNREADABLE, _UNFIT = "unreadable profile, ignored", "pixels"

# ITU-T H.273. BT.601 primaries and BT.709-like curves are how encoders label plain pictures: sRGB.
_PRIMARIES = {
    1: icc.BT709,
    2: icc.BT709,
    5: icc.BT709,
    6: icc.BT709,
    9: icc.BT2020,
    11: icc.DCI_P3,
    12: icc.DISPLAY_P3,
}
_CURVES = {1: None, 2: None, 6: None, 13: None, 14: None, 15: None, 4: 2.2, 5: 2.8, 8: 1.0}
_HDR_CURVES = {16: "PQ", 18: "HLG"}


def from_codes(path: Path, primaries: int, transfer: int) -> bytes:
    """The profile that H.273 code points mean (PNG cICP, AVIF and HEIC nclx); b"" for sRGB."""
    if transfer in _HDR_CURVES:
        raise PhotoError(
            f"{path}: this is an HDR picture ({_HDR_CURVES[transfer]} transfer), without a plain sRGB form; "
            "export it as SDR from the app that made it"
        )
    if primaries not in _PRIMARIES or transfer not in _CURVES:
        raise PhotoError(
            f"{path}: its colour codes (primaries {primaries}, transfer {transfer}) are not supported; "
            "convert it to sRGB or give it an ICC profile"
        )
    gamma, chromaticities = _CURVES[transfer], _PRIMARIES[primaries]
    if gamma is None and chromaticities == icc.BT709:
        return b""
    return icc.matrix_profile(f"H.273 codes {primaries}/{transfer}", chromaticities, gamma)


def adobe_rgb() -> bytes:
    """Adobe RGB (1998), for cameras that say so in EXIF and embed nothing."""
    return icc.matrix_profile("Adobe RGB (EXIF)", icc.ADOBE_RGB, 563 / 256)


def image_to_srgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, str]:
    """An "L", "RGB" or "CMYK" image of `profile` -> "L" or "RGB" in sRGB, and the profile's name.

    The pixels of `image` may be changed in place. Without a profile CMYK is converted by the plain formula.
    """
    space, name = _open(profile, image.mode)
    if space is None:
        return (image.convert("RGB") if image.mode == "CMYK" else image), name
    mode = _SPACES[profile[16:20]]
    transform = ImageCms.buildTransform(space, _srgb(), mode, "RGB", _RELATIVE, _BLACK_POINT)
    if mode == "RGB" and _changes_nothing(transform):
        return image, name
    if image.mode == "RGB":
        transform.apply_in_place(image)
        return image, name
    if image.mode == "CMYK":
        return transform.apply(image), name
    return transform.apply(image if mode == "L" else image.convert("RGB")).getchannel("G"), name


def array_to_srgb(path: Path, array: NDArray[np.uint16], profile: bytes) -> tuple[NDArray[np.uint16], str]:
    """The same for uint16 `(H, W)`, `(H, W, 3)` or CMYK `(H, W, 4)`; the answer has one or three channels."""
    mode = "L" if array.ndim == 2 else {3: "RGB", 4: "CMYK"}[array.shape[2]]
    space, name = _open(profile, mode)
    if space is None:
        return (_plain_cmyk(array) if mode == "CMYK" else array), name
    profile_mode = _SPACES[profile[16:20]]
    if profile_mode == "RGB" and _changes_nothing(
        ImageCms.buildTransform(space, _srgb(), "RGB", "RGB", _RELATIVE, _BLACK_POINT)
    ):
        return array, name
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtraError(
            f"{path}: converting a 16 bit photo from {name!r} to sRGB", "photo"
        ) from error
    out = np.empty((*array.shape[:2], 3) if mode != "L" else array.shape, np.uint16)
    names = {"L": "gray", "RGB": "rgb", "CMYK": "cmyk"}
    for top in range(0, array.shape[0], _ROWS):
        strip = array[top : top + _ROWS]
        if mode == "L" and profile_mode == "RGB":
            strip = np.repeat(strip[..., None], 3, axis=2)
        done = imagecodecs.cms_transform(
            np.ascontiguousarray(strip),
            profile,
            icc.srgb_profile(),
            colorspace=names[profile_mode],
            outcolorspace="rgb",
            intent=int(_RELATIVE),
            flags=int(_BLACK_POINT | _EXACT),
        )
        out[top : top + _ROWS] = done[..., 1] if mode == "L" else done
    return out, name


def complaint(name: str) -> tuple[str, ...]:
    """What is said of a photo whose profile, of this name, was not used."""
    if not name.endswith((_UNREADABLE, _UNFIT)):
        return ()
    return (f"its colours are taken as sRGB: its colour profile cannot be used ({name})",)


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(icc.srgb_profile()))


def _open(profile: bytes, mode: str) -> tuple[ImageCms.ImageCmsProfile | None, str]:
    if not profile:
        return None, ""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = " ".join((opened.profile.profile_description or "unnamed profile").split())
        fits = _SPACES.get(profile[16:20])
        if fits is not None and (fits == mode or (mode == "L" and fits == "RGB")):
            ImageCms.buildTransform(opened, _srgb(), fits, "RGB", _RELATIVE, _BLACK_POINT)
            return opened, name
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None, _UNREADABLE
    return None, f"{name}, ignored: it does not fit {mode} {_UNFIT}"


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    steps = np.linspace(0, 255, 18).astype(np.uint8)
    probe = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(18, -1, 3)
    changed = np.asarray(transform.apply(Image.fromarray(probe)))
    return int(np.abs(changed.astype(np.int16) - probe).max()) <= 1


def _plain_cmyk(array: NDArray[np.uint16]) -> NDArray[np.uint16]:
    light = 65535 - array.astype(np.uint32)
    return (light[..., :3] * light[..., 3:] // 65535).astype(np.uint16)

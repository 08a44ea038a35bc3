"""`write`: a photo into a file, by suffix, whole or not at all, and never over the original unasked."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import PhotoError, PhotoWarning, RetouchError, UsageError
from retouch_aes.photo import deep, icc, isobmff, raster, tensors, tiff
from retouch_aes.photo.encoders import ENCODERS, LONGEST_SIDE
from retouch_aes.photo.guard import quiet
from retouch_aes.photo.kinds import RAW_SUFFIXES, WRITE_SUFFIXES
from retouch_aes.photo.metadata import Metadata, corrections
from retouch_aes.photo.metadata.writing import left_out
from retouch_aes.photo.photo import Photo
from retouch_aes.photo.source import TensorSource


def write(
    photo: Photo, path: str | Path, *, quality: int = 95, overwrite: bool = False, seed: int = 0
) -> Path:
    """Write `photo` to `path` in the format its suffix names, and return the path.

    Bits: a 16 bit photo stays 16 bit in PNG and TIFF (extra `photo`); everywhere else values are dithered to
    8 bit with noise of less than one step from `seed`. Untouched 8 bit pixels come back exactly in PNG, TIFF
    and WebP at quality 100. A grey photo that is still grey is written grey where the format can.

    Colour: sRGB, with an sRGB profile where the source carried any profile. EXIF (upright, new size, no
    thumbnail), XMP, IPTC and Photoshop's blocks are carried over in every format, a comment in JPEG and PNG,
    other texts in PNG; what has no place in the format is named in a `PhotoWarning`. Only the one picture
    that `read` gave is written, in JPEG, HEIC and AVIF with its HDR gain map: films and depth maps of the
    source, which fit the unedited picture alone, are not copied, nor announced, and named in a
    `PhotoWarning`, too; so is a gain map where the shape of the picture has changed, and a coloured one of a
    picture that has no colour any more.

    Alpha is kept in PNG, TIFF, WebP, AVIF and HEIC. JPEG has none: an opaque photo is written, one with
    see-through parts is refused, since any background would be a guess.

    File and folder are on the disk when this returns.

    Args:
        photo: What is written.
        path: Where; the suffix names the format.
        quality: 1 to 100, of JPEG, WebP, AVIF and HEIC.
        overwrite: Replace an existing file, once the new one is complete; else it is refused.
        seed: Of the dither.

    Returns:
        The path.

    Raises:
        PhotoError: The file exists, is a folder, or cannot be written in this format; or the disk is full.
            Nothing is left behind then.
        UsageError: A quality outside 1 to 100.
        MissingExtraError: The format needs an extra; the message holds the install line.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo, write
        >>> write(Photo(torch.rand(1, 3, 8, 8)), "noise.png").name
        'noise.png'
    """
    path = Path(path)
    kind = _kind(path)
    if not 1 <= quality <= 100:
        raise UsageError(f"quality must be 1 to 100, got {quality}")
    _check_place(photo, path, overwrite)
    limit = LONGEST_SIDE.get(kind)
    if limit is not None and max(photo.height, photo.width) > limit:
        raise PhotoError(
            f"{path}: {kind} holds at most {limit} pixels a side, "
            f"this photo is {photo.width} x {photo.height}; write PNG or TIFF"
        )
    photo = _without_needless_alpha(photo, path) if kind == "JPEG" else photo
    profile = icc.srgb_profile() if photo.profile else b""
    metadata = corrections.for_srgb(photo.metadata, photo.width, photo.height, "sRGB" if profile else "")
    if metadata.gain_map and tensors.is_grey(photo.source):
        metadata = corrections.for_grey(metadata)
    try:
        with replacing(path, overwrite=overwrite) as temporary, quiet():
            if photo.bit_depth == 16 and kind in ("PNG", "TIFF"):
                _write_deep(photo, temporary, kind, metadata, profile)
            else:
                _write_shallow(photo, temporary, kind, metadata, profile, quality, seed)
            if _size(temporary, kind) != (photo.width, photo.height):
                raise ValueError("what was made is not a picture of this size")
    except RetouchError:
        raise
    except Exception as error:  # encoders raise what they like; the file at `path` is as it was
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise PhotoError(f"{path}: writing this {kind} failed ({reason}); nothing was changed") from error
    reasons = {
        f"no place in {kind}": left_out(metadata, kind),
        "untrue of an edited photo": metadata.unkept,
    }
    for reason, lost in reasons.items():
        if lost:
            warnings.warn(PhotoWarning(f"{path}: {' and '.join(lost)} left out: {reason}"), stacklevel=2)
    return path


def _size(path: Path, kind: str) -> tuple[int, int]:
    """Width and height of the file at `path` to its decoder; an encoder may make what no decoder reads."""
    with path.open("rb") as file:
        if kind == "HEIF":
            size: tuple[int, int] = isobmff.open_heif(path, file).size
            return size
        if kind == "TIFF":
            directory = tiff.header(path, file)
            return directory.width, directory.height
        return raster.open_raster(file, kind).size


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in RAW_SUFFIXES:
        raise PhotoError(f"{path}: camera RAW cannot be written; choose .tif or .png (16 bit) or .jpg")
    if suffix not in WRITE_SUFFIXES:
        raise PhotoError(
            f"{path}: the suffix {path.suffix!r} names no format this library writes; "
            f"choose one of {', '.join(sorted(WRITE_SUFFIXES))}"
        )
    return WRITE_SUFFIXES[suffix]


def _check_place(photo: Photo, path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise PhotoError(f"{path}: expected a file name to write to, but this is a folder")
    if overwrite or not path.exists():
        return
    if photo.path is not None and photo.path.exists() and path.samefile(photo.path):
        raise PhotoError(
            f"{path}: this is the original; choose another name, or pass overwrite=True to replace it"
        )
    raise PhotoError(f"{path}: this file exists already; choose another name or pass overwrite=True")


def _without_needless_alpha(photo: Photo, path: Path) -> Photo:
    if photo.alpha is None or bool((photo.alpha >= 1).all()):
        return replace(photo, alpha=None)
    raise PhotoError(
        f"{path}: this photo has see-through parts and JPEG cannot keep them; write .png, .webp or .tif, "
        "or drop them with dataclasses.replace(photo, alpha=None)"
    )


def _write_deep(photo: Photo, path: Path, kind: str, metadata: Metadata, profile: bytes) -> None:
    array = tensors.to_array(photo.source, grey=photo.grey and tensors.is_grey(photo.source))
    if photo.alpha is not None:
        array = np.concatenate([array, tensors.to_array(TensorSource(photo.alpha))], axis=2)
    (deep.png16 if kind == "PNG" else deep.tiff16)(array, path, metadata, profile)


def _write_shallow(
    photo: Photo, path: Path, kind: str, metadata: Metadata, profile: bytes, quality: int, seed: int
) -> None:
    grey = photo.grey and tensors.is_grey(photo.source)
    image = tensors.to_image(photo.source, seed, grey=grey)
    if photo.alpha is not None:
        image.putalpha(tensors.to_image(TensorSource(photo.alpha), None))
    ENCODERS[kind](image, path, metadata, b"" if grey else profile, quality)

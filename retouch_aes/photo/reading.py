"""`read`: one function for every format, told apart by content."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.errors import PhotoError, PhotoWarning
from retouch_aes.photo import isobmff, png, profiles, raster, raw, tiff, zeros
from retouch_aes.photo.guard import check_size, complaint, decoding, hearing, hearing_log, opened
from retouch_aes.photo.kinds import kind_of
from retouch_aes.photo.metadata import Metadata, corrections, isobmff_orientation
from retouch_aes.photo.metadata.corrections import orientation_of
from retouch_aes.photo.metadata.isobmff_items import ItemFile
from retouch_aes.photo.metadata.reading import metadata_of
from retouch_aes.photo.orientation import upright_array, upright_image
from retouch_aes.photo.photo import Photo
from retouch_aes.photo.raster import Decoded
from retouch_aes.photo.source import LevelsSource, Pixels, gathered

MAX_PIXELS = 500_000_000
"""The largest photo `read` accepts unless told otherwise: 500 megapixels, 6 GB as float32."""

_HEAD = 4096


def read(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a photo: upright, in sRGB, with its alpha and metadata; its pixels become floats when asked for.

    JPEG, PNG, WebP, TIFF and AVIF need nothing else; HEIC, camera RAW and 16 bit PNG and TIFF need the extra
    `photo` and raise `MissingExtraError` without it: 16 bits are never read as 8. The exceptions are AVIF,
    always read as 8 bit, and 10 or 12 bit HEIC, read as 16. The format is judged by content, not by name.

    Of animations and files of many pages the first frame is read (of TIFF the first that is no thumbnail),
    of HEIC and multi-picture JPEG the primary one; the HDR gain map of JPEG, HEIC and AVIF is kept for
    `write` (`Metadata.gain_map`). Colours are converted by the embedded profile; a file without one is taken
    as sRGB, as browsers do. HDR transfer curves (PQ, HLG) and floating point TIFF are refused.

    What is damaged or odd in a file whose picture can be read all the same (bit rot, a zeroed end, a missing
    end marker, wrong check sums beside the pixels), and pages and frames that are not read, are told in
    `Photo.warnings`, and each as a `PhotoWarning` that begins with the path.

    Args:
        path: The file.
        max_pixels: A photo that claims more is refused before memory is taken for it.

    Returns:
        The photo, its pixels by rows.

    Raises:
        PhotoError: Anything that is not such a photo, named: missing, empty, cut short, damaged, another
            kind of file, or too large.
        MissingExtraError: The format needs an extra; the message holds the install line.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo, read, write
        >>> path = write(Photo(torch.full((1, 3, 2, 4), 0.5)), "grey.png")
        >>> photo = read(path)
        >>> photo.width, photo.height, photo.bit_depth, photo.format
        (4, 2, 8, 'PNG')
    """
    photo = _read(Path(path), max_pixels)
    for text in photo.warnings:
        warnings.warn(f"{path}: {text}", PhotoWarning, stacklevel=2)
    return photo


def _read(path: Path, max_pixels: int) -> Photo:
    try:
        with opened(path) as file:
            head = file.read(_HEAD)
            kind = kind_of(path, head)
            with decoding(path, kind):
                decoded = decode(path, file, head, kind, max_pixels)
                told = (*zeros.complaint(kind, file), *profiles.complaint(decoded.profile))
                return _photo(path, kind, replace(decoded, warnings=(*decoded.warnings, *told)))
    except IsADirectoryError as error:
        raise PhotoError(
            f"{path}: expected a photo, but this is a folder; use find_photos to list it"
        ) from error
    except FileNotFoundError as error:
        raise PhotoError(f"{path}: there is no such file") from error
    except PermissionError as error:
        raise PhotoError(f"{path}: this file may not be read (permission denied)") from error
    except OSError as error:
        raise PhotoError(f"{path}: this file cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise PhotoError(f"{path!s}: this is not a usable file name ({error})") from error


def decode(path: Path, file: IO[bytes], head: bytes, kind: str, max_pixels: int) -> Decoded:
    """The pixels of an open `file` of format `kind`: in sRGB, in the depth of the file, not yet upright."""
    if kind == "RAW":
        pixels, metadata, complaints = raw.read_raw(path, file, max_pixels)
        told, developed = orientation_of(metadata), "camera RAW, developed to sRGB"
        return Decoded(pixels, profile=developed, metadata=metadata, told=told, warnings=complaints)
    if kind == "HEIF":
        return _heif(path, file, max_pixels)
    if kind == "TIFF":
        return _tiff(path, file, max_pixels)
    if kind == "PNG" and png.bit_depth(head) == 16:
        return _deep_png(path, file, max_pixels)
    return raster.read_raster(path, file, kind, max_pixels)


def _deep_png(path: Path, file: IO[bytes], max_pixels: int) -> Decoded:
    image, whole = raster.open_png(file)
    check_size(path, *image.size, max_pixels)
    source = png.profile(path, file, image.info)
    metadata = metadata_of("PNG", whole.file, image.info)
    colour, alpha, told = png.read_deep(path, whole.file)
    complaints = (*(whole.warnings or told), *raster.further_frames(getattr(image, "n_frames", 1)))
    return _deep(path, colour, alpha, source, metadata, orientation_of(metadata), complaints)


def _tiff(path: Path, file: IO[bytes], max_pixels: int) -> Decoded:
    header = tiff.header(path, file)
    check_size(path, header.width, header.height, max_pixels)
    metadata, orientation = header.metadata, orientation_of(header.metadata)
    others = (*header.warnings, *raster.further_frames(header.pages, "pages"))
    if header.bits == 16:
        with hearing_log("tifffile") as lines:
            pixels = tiff.read_deep(path, header.file, header.page)
        others = (*others, *complaint(lines, "tifffile"))
        return _deep(path, *pixels, header.profile, metadata, orientation, others)
    with hearing() as lines:
        image = raster.open_raster(header.file, "TIFF")
        image.seek(header.page)
        image.load()
    decoded = raster.decode(path, image, header.profile, metadata)
    return replace(decoded, warnings=(*others, *complaint(lines, "libtiff")))


def _heif(path: Path, file: IO[bytes], max_pixels: int) -> Decoded:
    opened = isobmff.open_heif(path, file)
    width, height = opened.size
    check_size(path, width, height, max_pixels)
    source = opened.info.get("icc_profile") or b""
    if not source and (nclx := opened.info.get("nclx_profile")):
        source = profiles.from_codes(path, nclx["color_primaries"], nclx["transfer_characteristics"])
    metadata = metadata_of("HEIF", file, opened.info)
    items = ItemFile.of(file)
    metadata = isobmff.beside(metadata, items, isobmff.heif_map)
    told = isobmff_orientation.orientation(items.picture)
    pixels, others = isobmff.heif_pixels(opened), raster.further_frames(len(opened), "pictures")
    if isinstance(pixels, Image.Image):
        decoded = raster.decode(path, pixels, source, metadata)
        return replace(decoded, orientation=1, told=told, warnings=others)
    shaped = pixels.reshape(*pixels.shape[:2], -1)
    colour = shaped[..., 0] if shaped.shape[2] < 3 else shaped[..., :3]
    alpha = shaped[..., 3] if shaped.shape[2] == 4 else None
    return replace(_deep(path, colour, alpha, source, metadata, 1, others), told=told)


def _deep(
    path: Path,
    colour: NDArray[np.uint16],
    alpha: NDArray[np.uint16] | None,
    source: bytes,
    metadata: Metadata,
    orientation: int,
    complaints: tuple[str, ...],
) -> Decoded:
    colour, name = profiles.array_to_srgb(path, colour, source)
    return Decoded(colour, alpha, orientation, name, metadata, warnings=complaints)


def _photo(path: Path, kind: str, decoded: Decoded) -> Photo:
    deep = isinstance(decoded.colour, np.ndarray)
    grey = decoded.colour.ndim == 2 if isinstance(decoded.colour, np.ndarray) else decoded.colour.mode == "L"
    alpha = decoded.alpha
    levels = LevelsSource(_upright(decoded.colour, decoded.orientation))
    told = decoded.orientation if decoded.told is None else decoded.told
    return Photo(
        levels,
        alpha=None
        if alpha is None
        else gathered(LevelsSource(_upright(alpha, decoded.orientation), alpha=True)),
        path=path,
        bit_depth=16 if deep else 8,
        grey=grey,
        format=kind,
        profile=decoded.profile,
        metadata=corrections.upright(decoded.metadata, *levels.size[::-1], told),
        warnings=(*decoded.warnings, *decoded.metadata.notes),
    )


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    if isinstance(pixels, np.ndarray):
        return upright_array(pixels, orientation)
    return upright_image(pixels, orientation)

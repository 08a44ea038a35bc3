"""One function per 8 bit format: an image and what it should carry -> a file.

Files are encoded in memory and written in full: given a file of the system, Pillow's encoders write past
Python and do not look at how many bytes a full disk took.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from retouch_aes.atomic_io import write_in_full
from retouch_aes.photo import isobmff
from retouch_aes.photo.metadata import Metadata, isobmff_gain_maps, writing
from retouch_aes.photo.metadata.tiff_writing import add_metadata

_PNG_LEVEL = 4
"""Pillow's own 6 takes 2.5 times as long on a photo to save a tenth."""

_MAP_QUALITY = 95

LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 32768, "HEIF": 16384}


def jpeg(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """Baseline JPEG, full colour resolution from quality 90 up, with all metadata and its gain map."""
    options: dict[str, Any] = {"quality": quality, "subsampling": "4:4:4" if quality >= 90 else "4:2:0"}
    options["extra"] = writing.jpeg(metadata)
    data = _encoded(image, "JPEG", icc_profile=profile or None, **_dpi(metadata), **options)
    write_in_full(path, writing.with_gain_map(data, metadata))


def png(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, _quality: int) -> None:
    """8 bit PNG with EXIF and texts, XMP and IPTC among them."""
    text = PngImagePlugin.PngInfo()
    for name, content in writing.png(replace(metadata, exif=b"")):
        text.add(name, content)
    options: dict[str, Any] = {"exif": metadata.exif} if metadata.exif else {}
    _save(
        image,
        path,
        "PNG",
        compress_level=_PNG_LEVEL,
        icc_profile=profile or None,
        pnginfo=text,
        **_dpi(metadata),
        **options,
    )


def webp(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """WebP, lossless at quality 100, with EXIF, XMP and IPTC."""
    options = {"exif": writing.exif_with_iptc(metadata), "xmp": metadata.xmp, "icc_profile": profile}
    _save(image, path, "WEBP", quality=quality, lossless=quality == 100, exact=True, **options)


def avif(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """AVIF at full colour resolution, with EXIF, XMP, IPTC and its gain map."""
    options: dict[str, Any] = {"xmp": metadata.xmp, "icc_profile": profile or None}
    options["exif"] = writing.avif_exif(metadata)
    options["subsampling"] = "4:4:4" if quality >= 90 else "4:2:0"
    data = _encoded(image, "AVIF", quality=quality, **options)
    if metadata.gain_map:
        as_avif = partial(_encoded, kind="AVIF", quality=_MAP_QUALITY, subsampling="4:4:4")
        data = isobmff_gain_maps.added(data, metadata.gain_map, as_avif)
    write_in_full(path, data)


def heif(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """HEIC through pillow-heif, with EXIF, XMP, IPTC and its gain map."""
    library = isobmff.pillow_heif(path, "writing")
    if profile:
        image.info["icc_profile"] = profile

    def encoded(picture: Image.Image, quality: int = _MAP_QUALITY, **options: Any) -> bytes:
        buffer = io.BytesIO()
        library.from_pillow(picture).save(buffer, quality=quality, **options)
        return buffer.getvalue()

    options: dict[str, Any] = {"exif": writing.exif_with_iptc(metadata) or None, "xmp": metadata.xmp or None}
    data = encoded(image, quality, chroma=444 if quality >= 90 else 420, **options)
    if metadata.gain_map:
        data = isobmff_gain_maps.added(data, metadata.gain_map, encoded)
    write_in_full(path, data)


def tiff8(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, _quality: int) -> None:
    """8 bit TIFF, deflated, with EXIF, XMP and IPTC."""
    options: dict[str, Any] = {"compression": "tiff_adobe_deflate", **_dpi(metadata)}
    _save(image, path, "TIFF", icc_profile=profile or None, **options)
    add_metadata(path, metadata)


ENCODERS: dict[str, Callable[[Image.Image, Path, Metadata, bytes, int], None]] = {
    "JPEG": jpeg,
    "PNG": png,
    "WEBP": webp,
    "AVIF": avif,
    "HEIF": heif,
    "TIFF": tiff8,
}


def _save(image: Image.Image, path: Path, kind: str, **options: Any) -> None:
    write_in_full(path, _encoded(image, kind, **options))


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _dpi(metadata: Metadata) -> dict[str, Any]:
    return {} if metadata.dpi is None else {"dpi": metadata.dpi}

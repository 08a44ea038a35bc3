"""One function per 8 bit format: an image and what it should carry -> a file.

Files are encoded in memory and written in full: given a file of the system, Pillow's encoders write past
Python and do not look at how many bytes a full disk took.
"""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from retouch_aes.atomic_io import write_in_full
from retouch_aes.photo import isobmff
from retouch_aes.photo.photo import Metadata
from retouch_aes.photo.tiff_tags import add_metadata

_SEGMENT = 65533
"""Bytes a JPEG segment has for its content."""

_PNG_LEVEL = 4
"""Pillow's own 6 takes 2.5 times as long on a photo to save a tenth."""

LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 65535, "HEIF": 16384}


def jpeg(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """Baseline JPEG, full colour resolution from quality 90 up. EXIF, XMP and IPTC that fit one segment."""
    options: dict[str, Any] = {"quality": quality, "subsampling": "4:4:4" if quality >= 90 else "4:2:0"}
    if 0 < len(metadata.exif) <= _SEGMENT - 6:
        options["exif"] = b"Exif\x00\x00" + metadata.exif
    if 0 < len(metadata.xmp) <= _SEGMENT - 29:
        options["xmp"] = metadata.xmp
    if 0 < len(metadata.iptc) <= _SEGMENT - 28:
        options["extra"] = _photoshop_segment(metadata.iptc)
    _save(image, path, "JPEG", icc_profile=profile or None, **_dpi(metadata), **options)


def png(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, _quality: int) -> None:
    """8 bit PNG with EXIF and XMP; IPTC has no place in PNG."""
    text = PngImagePlugin.PngInfo()
    if metadata.xmp:
        text.add_itxt("XML:com.adobe.xmp", metadata.xmp.decode("utf-8", "replace"))
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
    """WebP, lossless at quality 100, with EXIF and XMP."""
    options = {"exif": metadata.exif, "xmp": metadata.xmp, "icc_profile": profile}
    _save(image, path, "WEBP", quality=quality, lossless=quality == 100, exact=True, **options)


def avif(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """AVIF at full colour resolution, with EXIF and XMP."""
    options: dict[str, Any] = {"exif": metadata.exif, "xmp": metadata.xmp, "icc_profile": profile or None}
    _save(image, path, "AVIF", quality=quality, subsampling="4:4:4" if quality >= 90 else "4:2:0", **options)


def heif(image: Image.Image, path: Path, metadata: Metadata, profile: bytes, quality: int) -> None:
    """HEIC through pillow-heif, with EXIF and XMP."""
    library = isobmff.pillow_heif(path, "writing")
    if profile:
        image.info["icc_profile"] = profile
    buffer = io.BytesIO()
    library.from_pillow(image).save(
        buffer,
        quality=quality,
        exif=metadata.exif or None,
        xmp=metadata.xmp or None,
        chroma=444 if quality >= 90 else 420,
    )
    write_in_full(path, buffer.getbuffer())


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
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    write_in_full(path, buffer.getbuffer())


def _dpi(metadata: Metadata) -> dict[str, Any]:
    return {} if metadata.dpi is None else {"dpi": metadata.dpi}


def _photoshop_segment(iptc: bytes) -> bytes:
    body = (
        b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(iptc)) + iptc + bytes(len(iptc) % 2)
    )
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body

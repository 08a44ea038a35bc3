"""16 bit files, written with the extra `photo`: PNG through imagecodecs, TIFF through tifffile."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from retouch_aes.errors import MissingExtraError
from retouch_aes.photo import png, tiff
from retouch_aes.photo.photo import Metadata


def png16(array: NDArray[np.uint16], path: Path, metadata: Metadata, profile: bytes) -> None:
    """uint16 `(H, W, C)`, C = 1 to 4, as PNG with EXIF and XMP."""
    extra = [png.color_chunk(profile)] if profile else []
    if metadata.dpi:
        extra.append(png.dpi_chunk(metadata.dpi))
    if metadata.exif:
        extra.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        extra.append(png.xmp_chunk(metadata.xmp))
    path.write_bytes(png.encode_deep(array, extra))


def tiff16(array: NDArray[np.uint16], path: Path, metadata: Metadata, profile: bytes) -> None:
    """uint16 `(H, W, C)`, C = 1 to 4, as deflated TIFF with EXIF, XMP and IPTC."""
    try:
        import imagecodecs  # noqa: F401  (tifffile compresses with it)
        import tifffile
    except ImportError as error:
        raise MissingExtraError(f"{path}: writing a 16 bit TIFF", "photo") from error
    source = Image.Exif()
    if metadata.exif:
        source.load(metadata.exif)
    tags: list[tuple[int, str | int, int, Any, bool]] = [
        (tag, 7, len(data), data, True)
        for tag, data in ((tiff.XMP, metadata.xmp), (tiff.IPTC, metadata.iptc))
        if data
    ]
    tags += [(t, "s", 0, v, True) for t, v in source.items() if t in tiff.KEPT and isinstance(v, str)]
    directories = {tag: dict(source.get_ifd(tag)) for tag in (tiff.EXIF_IFD, tiff.GPS_IFD)}
    tags += [(tag, "I", 1, 0, True) for tag, entries in directories.items() if entries]
    channels = array.shape[2]
    across, down = metadata.dpi or (72.0, 72.0)
    tifffile.imwrite(
        path,
        array[..., 0] if channels == 1 else array,
        photometric="minisblack" if channels < 3 else "rgb",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
        compression="zlib",
        predictor=True,
        rowsperstrip=64,
        resolution=(across, down),
        resolutionunit="inch",
        iccprofile=profile or None,
        extratags=tags,
        software=False,
        metadata=None,
    )
    for tag, entries in directories.items():
        if entries:
            _append_directory(tifffile, path, tag, entries)


def _append_directory(tifffile: Any, path: Path, tag: int, entries: dict[int, Any]) -> None:
    directory = TiffImagePlugin.ImageFileDirectory_v2(b"II*\x00\x00\x00\x00\x00", group=tag)
    for key, value in entries.items():
        directory[key] = value
    with path.open("ab") as file:
        file.write(bytes(file.tell() % 2))
        offset = file.tell()
        file.write(directory.tobytes(offset))
    with tifffile.TiffFile(path, mode="r+b") as container:
        container.pages.first.tags[tag].overwrite(offset)

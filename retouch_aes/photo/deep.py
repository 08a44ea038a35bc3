"""16 bit files, written with the extra `photo`: PNG through imagecodecs, TIFF through tifffile."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.atomic_io import write_in_full
from retouch_aes.errors import MissingExtraError
from retouch_aes.photo import png
from retouch_aes.photo.metadata import Metadata, writing
from retouch_aes.photo.metadata.tiff_writing import add_metadata, byte_order


def png16(array: NDArray[np.uint16], path: Path, metadata: Metadata, profile: bytes) -> None:
    """uint16 `(H, W, C)`, C = 1 to 4, as PNG with all its metadata."""
    extra = [png.color_chunk(profile)] if profile else []
    if metadata.dpi:
        extra.append(png.dpi_chunk(metadata.dpi))
    extra += writing.png(metadata)
    write_in_full(path, png.encode_deep(array, extra))


def tiff16(array: NDArray[np.uint16], path: Path, metadata: Metadata, profile: bytes) -> None:
    """uint16 `(H, W, C)`, C = 1 to 4, as deflated TIFF with EXIF, XMP and IPTC."""
    try:
        import imagecodecs  # noqa: F401  (tifffile compresses with it)
        import tifffile
    except ImportError as error:
        raise MissingExtraError(f"{path}: writing a 16 bit TIFF", "photo") from error
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
        software=False,
        byteorder="<" if byte_order(metadata) == "<" else ">",
        metadata=None,
    )
    add_metadata(path, metadata)

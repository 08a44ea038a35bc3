"""HEIC through pillow-heif, and the colour box that HEIC and AVIF share (ISO/IEC 14496-12, "colr")."""

import io
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.errors import MissingExtraError
from retouch_aes.photo.metadata import Metadata, isobmff_gain_maps, payloads
from retouch_aes.photo.metadata.isobmff_items import ItemFile

_HEAD = 1 << 16


def color_codes(file: IO[bytes], items: ItemFile) -> tuple[int, int] | None:
    """Colour primaries and transfer characteristics that an nclx colour box states of the picture, or None.

    A film without a picture beside it has its colour box further in: the first one is taken.
    """
    if items.picture is not None:
        boxes = [one.value for one in items.picture.properties if one.name == b"colr"]
        codes = next((box[4:8] for box in boxes if box.startswith(b"nclx")), b"")
    else:
        file.seek(0)
        codes = file.read(_HEAD).partition(b"colrnclx")[2][:4]
    return struct.unpack(">HH", codes) if len(codes) == 4 else None


def pillow_heif(path: Path, doing: str) -> Any:
    """The optional package, or the line that installs it."""
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingExtraError(f"{path}: {doing} HEIC", "photo") from error
    return pillow_heif


def open_heif(path: Path, file: IO[bytes]) -> Any:
    """pillow-heif's lazy file; more than 8 bits come as 16. Its pixels are upright already."""
    library = pillow_heif(path, "reading")
    file.seek(0)
    return library.open_heif(file, convert_hdr_to_8bit=False)


def heif_map(data: bytes) -> Image.Image:
    """A picture beside the one that is meant, in a HEIC of its own."""
    import pillow_heif

    image: Image.Image = pillow_heif.open_heif(io.BytesIO(data)).to_pillow()
    return image


def beside(metadata: Metadata, items: ItemFile, decode: Callable[[bytes], Image.Image]) -> Metadata:
    """`metadata` of a HEIC or AVIF with its gain map, and the names of what else lies beside its picture."""
    unkept = (*metadata.unkept, *payloads.of_auxiliaries(isobmff_gain_maps.kinds(items)))
    return replace(metadata, unkept=unkept, gain_map=isobmff_gain_maps.found(items, decode))


def heif_pixels(opened: Any) -> Image.Image | NDArray[np.uint16]:
    """The primary picture: a Pillow image for 8 bits, else uint16 `(H, W)` or `(H, W, C)`."""
    if ";16" not in opened.mode:
        image: Image.Image = opened.to_pillow()
        return image
    array: NDArray[np.uint16] = np.asarray(opened)
    return array[:, : opened.size[0]]

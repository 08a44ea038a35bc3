"""HEIC and AVIF: the container says how the picture is turned, and its EXIF stays as it was."""

import io

import numpy as np
import pytest
from metadata_samples import block
from photo_samples import picture
from PIL import Image

from retouch_aes.photo import read
from retouch_aes.photo.metadata import exif, isobmff_items, isobmff_orientation

BLOCK = {0x8298: (2, "© Łukasz\0".encode()), 0x013C: (2, b"a computer of some kind\0")}


def stored(kind: str, orientation: int) -> bytes:
    """A picture that its container calls turned; the writers take that from EXIF."""
    turn = {} if orientation == 1 else {0x0112: (3, bytes([orientation, 0]))}
    data = block("<", {**BLOCK, 0x0128: (3, b"\6\0"), **turn})
    image, buffer = Image.fromarray(picture()), io.BytesIO()
    if kind == "HEIF":
        library = pytest.importorskip("pillow_heif")
        library.from_pillow(image).save(buffer, quality=100, exif=data)
    else:
        image.save(buffer, kind, quality=100, exif=data)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_the_orientation_of_the_container(kind, orientation, put):
    data = stored(kind, orientation)
    assert isobmff_orientation.orientation(data) == orientation
    photo = read(put("a", data))
    assert ((photo.width, photo.height) == (24, 40)) == (orientation > 4)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_exif_that_contradicts_the_container_turns_nothing(kind, put):
    data = stored(kind, 1)
    unit = b"\x28\x01\x03\x00\x01\x00\x00\x00\x06"
    assert data.count(unit) == 1
    data = data.replace(unit, b"\x12" + unit[1:])
    assert exif.orientation(isobmff_items.exif_of(isobmff_items.exif_item(data))) == 6
    photo = read(put("a", data))
    assert (photo.width, photo.height) == (40, 24)
    assert exif.orientation(photo.metadata.exif) in (None, 1)


def test_the_exif_item_is_found_and_hidden():
    data = stored("AVIF", 1)
    item = isobmff_items.exif_item(data)
    assert exif.value(isobmff_items.exif_of(item), "main", 0x8298) == BLOCK[0x8298][1]
    hidden = isobmff_items.hidden(data, item)
    assert len(hidden) == len(data)
    assert isobmff_items.exif_item(hidden) is None
    assert isobmff_items.hidden(data, None) is data


def test_cut_short_files_have_no_item_and_no_turn():
    data = stored("AVIF", 6)
    for length in np.linspace(0, len(data) - 1, 60).astype(int):
        isobmff_items.exif_item(data[:length])
        assert isobmff_orientation.orientation(data[:length]) in (1, 6)

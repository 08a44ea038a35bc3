"""HEIC and AVIF: the container says how the picture is turned, and its EXIF stays as it was."""

import io

import numpy as np
import pytest
from metadata_samples import block
from photo_samples import picture
from PIL import Image

from retouch_aes.photo import read
from retouch_aes.photo.metadata import exif, isobmff_items, isobmff_orientation
from retouch_aes.photo.metadata.isobmff_items import ItemFile
from retouch_aes.photo.metadata.isobmff_writing import copied, packed

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
    assert isobmff_orientation.orientation(ItemFile.of_bytes(data).picture) == orientation
    photo = read(put("a", data))
    assert ((photo.width, photo.height) == (24, 40)) == (orientation > 4)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_exif_that_contradicts_the_container_turns_nothing(kind, put):
    data = stored(kind, 1)
    unit = b"\x28\x01\x03\x00\x01\x00\x00\x00\x06"
    assert data.count(unit) == 1
    data = data.replace(unit, b"\x12" + unit[1:])
    assert exif.orientation(exif_in(data)) == 6
    photo = read(put("a", data))
    assert (photo.width, photo.height) == (40, 24)
    assert exif.orientation(photo.metadata.exif) in (None, 1)


def test_the_exif_item_is_found_and_hidden():
    data = stored("AVIF", 1)
    item = ItemFile.of_bytes(data).first(b"Exif")
    assert exif.value(exif_in(data), "main", 0x8298) == BLOCK[0x8298][1]
    hidden = isobmff_items.hidden(data, item)
    assert len(hidden) == len(data)
    assert ItemFile.of_bytes(hidden).first(b"Exif") is None
    assert isobmff_items.hidden(data, None) is data


def test_cut_short_files_have_no_item_and_no_turn():
    data = stored("AVIF", 6)
    for length in np.linspace(0, len(data) - 1, 60).astype(int):
        items = ItemFile.of_bytes(data[:length])
        assert isobmff_orientation.orientation(items.picture) in (1, 6)


def exif_in(data: bytes) -> bytes:
    items = ItemFile.of_bytes(data)
    return isobmff_items.exif_of(items.content(items.first(b"Exif")))


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_a_file_that_is_packed_anew_says_the_same(kind, put):
    data = stored(kind, 6)
    items = ItemFile.of_bytes(data)
    written, references = copied(items, items.items)
    again = packed(items.brands, written[items.primary].item.number, list(written.values()), references)
    assert np.array_equal(read(put("a", again)).image, read(put("b", data)).image)
    assert exif_in(again) == exif_in(data)


def test_pieces_that_are_more_than_the_file_are_not_taken():
    data = bytearray(stored("AVIF", 1))
    at = data.index(b"iloc") + 4
    for place in range(at, at + 60):
        changed = bytearray(data)
        changed[place : place + 4] = b"\xff\xff\xff\xff"
        items = ItemFile.of_bytes(bytes(changed))
        assert sum(len(items.content(item)) for item in items.items.values()) <= 3 * len(data)

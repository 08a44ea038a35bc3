"""EXIF blocks: what is built says what it was built from, and what is changed in place moves nothing else."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metadata_samples import SIZES, block, directory
from PIL import Image

from retouch_aes.photo.metadata import exif, exif_block, maker_note, tiff_writing
from retouch_aes.photo.metadata.exif_block import Branch
from retouch_aes.photo.metadata.tiff_directory import EXIF_IFD, GPS_IFD, INTEROP_IFD, Tiff, Value

POINTERS = {EXIF_IFD, GPS_IFD, INTEROP_IFD}


@st.composite
def values(draw) -> tuple[Value, ...]:
    tags = draw(
        st.lists(
            st.integers(1, 65535).filter(lambda t: t not in {*POINTERS, 0x927C}), unique=True, max_size=6
        )
    )
    made = []
    for tag in tags:
        kind = draw(st.sampled_from(sorted(SIZES)))
        count = draw(st.integers(1, 9))
        made.append(
            Value(
                tag, kind, count, draw(st.binary(min_size=count * SIZES[kind], max_size=count * SIZES[kind]))
            )
        )
    return tuple(sorted(made, key=lambda value: value.tag))


trees = st.builds(
    lambda main, inner, interop, gps: Branch(
        main, {}, {EXIF_IFD: Branch(inner, {}, {INTEROP_IFD: Branch(interop)}), GPS_IFD: Branch(gps)}
    ),
    *[values()] * 4,
)


def plain(root: Branch) -> tuple:
    return root.values, {tag: plain(child) for tag, child in root.children.items()}


@given(trees, st.sampled_from("<>"))
@settings(max_examples=100, deadline=None)
def test_a_block_says_what_it_was_built_from(root, endian):
    data = exif_block.block(root, endian)
    if root.empty:
        assert data == b""
        return
    tiff = Tiff.of(data)
    assert plain(exif_block.branch(tiff, tiff.first)) == plain(root)
    assert tiff.endian == endian


@given(trees)
@settings(max_examples=50, deadline=None)
def test_the_other_byte_order_twice_is_the_first(root):
    for value in root.values:
        assert tiff_writing.swapped(tiff_writing.swapped(value)) == value


def test_small_values_come_first_so_that_the_first_segment_holds_them():
    root = Branch((Value(270, 2, 90_000, b"d" * 90_000), Value(315, 2, 8, b"Jos\xc3\xa9 M\0")))
    data = exif_block.block(root, "<")
    assert data.index(b"Jos") < 100


def test_pillow_reads_what_is_built():
    root = Branch(
        (Value(271, 2, 8, b"Maker X\0"),), {}, {EXIF_IFD: Branch((Value(0x9003, 2, 5, b"2024\0"),))}
    )
    for endian in "<>":
        tags = Image.Exif()
        tags.load(exif_block.block(root, endian))
        assert tags[271] == "Maker X"
        assert tags.get_ifd(EXIF_IFD)[0x9003] == "2024"


def test_more_entries_move_nothing_else():
    data = block("<", {0x010F: (2, b"Maker X\0"), 0x0112: (3, b"\1\0")}, {0x927C: (7, b"NOTE" * 5)})
    more = exif_block.with_values(data, [Value(33723, 7, 9, b"123456789")], "<")
    assert more[8 : len(data)] == data[8:]
    assert exif.value(more, "main", 33723) == b"123456789"
    assert exif.value(more, "main", 0x010F) == b"Maker X\0"
    assert exif.value(more, "exif", 0x927C) == b"NOTE" * 5
    assert exif.value(exif_block.with_values(b"", [Value(33723, 7, 2, b"ab")], ">"), "main", 33723) == b"ab"


@pytest.mark.parametrize("order", ["<", ">"])
def test_only_what_must_change_changes(order):
    main = {
        0x010F: (2, "Bücher\0".encode()),
        0x0112: (3, struct.pack(order + "H", 8)),
        0xC001: (10, bytes(range(8))),
    }
    inner = {0xA001: (3, b"\xff\xff"), 0xA002: (3, b"\1\1"), 0xA003: (4, b"\1\1\1\1"), 0x927C: (7, b"N" * 41)}
    data = block(order, main, inner)
    changed = exif.for_srgb(exif.upright(data, 40, 24, 8), 70_000, 300)
    assert len(changed) == len(data)
    assert exif.value(changed, "main", 0x0112) == struct.pack(order + "H", 1)
    assert exif.value(changed, "exif", 0xA001) == struct.pack(order + "H", 1)
    assert exif.value(changed, "exif", 0xA002) == struct.pack(order + "I", 70_000)
    assert exif.value(changed, "exif", 0xA003) == struct.pack(order + "I", 300)
    for where, tag, kept in (("main", 0x010F, main), ("main", 0xC001, main), ("exif", 0x927C, inner)):
        assert exif.value(changed, where, tag) == kept[tag][1]
        assert changed.index(kept[tag][1]) == data.index(kept[tag][1])


def test_an_entry_that_is_taken_out_leaves_the_others():
    data = block("<", {0x010F: (2, b"Maker X\0"), 0x0112: (3, b"\6\0"), 0x0131: (2, b"Program\0")})
    without = exif.without_orientation(data)
    assert exif.orientation(without) is None
    assert exif.value(without, "main", 0x0131) == b"Program\0"
    assert len(without) == len(data)


def self_contained(order: str) -> bytes:
    """Nikon's: a TIFF of its own, whose offsets count from its own header."""
    head = b"Nikon\0\2\x11\0\0" + (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + directory(order, {1: (7, b"0211"), 2: (2, b"quality FINE\0"), 3: (2, b"COLOR mode\0")}, 8)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("old", [200, 3000, 1_000_000])
def test_maker_notes_with_their_own_offsets_keep_every_byte(order, old):
    note = self_contained(order)
    assert maker_note.moved(note, old, 55, order) == note
    fuji = b"FUJIFILM" + struct.pack("<I", 12) + directory("<", {1: (2, b"from my own start\0")}, 12)
    assert maker_note.moved(fuji, old, 55, ">") == fuji


@pytest.mark.parametrize("old", [200, 3000, 1_000_000])
@pytest.mark.parametrize("name", [b"", b"SONY DSC \0\0\0", b"Panasonic\0\0\0", b"OLYMP\0\1\0"])
def test_maker_notes_with_offsets_of_the_file_follow(name, old):
    entries = {1: (2, b"something that is long\0"), 2: (3, b"\1\0"), 9: (2, b"the owner\0")}
    note = name + directory("<", entries, old + len(name))
    assert maker_note.moved(note, old, 77, "<") == name + directory("<", entries, 77 + len(name))
    assert maker_note.moved(note, old, 77, ">") == name + directory("<", entries, 77 + len(name))


@given(st.binary(max_size=200), st.integers(1, 10**6), st.integers(1, 10**6))
@settings(max_examples=200, deadline=None)
def test_a_note_that_moves_nowhere_and_back_is_the_same(note, old, new):
    assert maker_note.moved(note, old, old, "<") == note
    assert len(maker_note.moved(note, old, new, "<")) == len(note)


def test_layers_and_other_large_storage_do_not_use_up_the_room():
    """Photoshop keeps its layers in a tag before those of Windows; they are left out, and those are not."""
    layers, title = bytes(exif_block.MAX_BLOCK), "Größe".encode("utf-16-le")
    tiff = Tiff.of(block("<", {37724: (7, layers), 40091: (1, title)}))
    assert [value.data for value in exif_block.described(tiff, tiff.first).values] == [title]

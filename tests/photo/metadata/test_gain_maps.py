"""HDR gain maps: kept where they still lie on the picture, else named; other programs find and use them."""

import io
import shutil
import subprocess
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from gain_map_samples import STOPS, gain_map, gains, item_file_with_gain_map, photo_with_gain_map
from PIL import Image

from retouch_aes import Framing, framed
from retouch_aes.errors import PhotoWarning
from retouch_aes.photo import read, write
from retouch_aes.photo.metadata import gain_maps
from retouch_aes.photo.metadata.gain_map_numbers import GainMapNumbers
from retouch_aes.photo.metadata.isobmff_items import ItemFile

KINDS = ("adobe", "iso", "both", "apple")


@pytest.fixture
def source(tmp_path):
    def make(kind="both", **options):
        path = tmp_path / f"{kind}.jpg"
        path.write_bytes(photo_with_gain_map(kind, **options))
        return path

    return make


def edited(photo, factor=1.2):
    return photo.with_image((photo.image * factor).clamp(0, 1))


def written(photo, path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return write(photo, path)


def map_in(path):
    """The second picture, by exiftool, else by the end of the first."""
    if shutil.which("exiftool"):
        return subprocess.run(["exiftool", "-b", "-MPImage2", path], capture_output=True, check=True).stdout
    data = path.read_bytes()
    return data[data.index(b"\xff\xd9") + 2 :]


@pytest.mark.parametrize("kind", KINDS)
def test_the_map_is_kept_beside_an_edited_picture(kind, source, tmp_path):
    photo = read(source(kind))
    assert photo.warnings == ()
    out = written(edited(photo), tmp_path / "out.jpg")
    assert map_in(out) == gain_map(kind)
    again = read(out)
    assert again.metadata.gain_map == gain_map(kind)
    assert again.warnings == ()
    twice = written(again, tmp_path / "twice.jpg")
    assert map_in(twice) == gain_map(kind)


@pytest.mark.parametrize("kind", ["adobe", "both", "iso"])
def test_libultrahdr_shows_it(kind, source, tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs")
    if not imagecodecs.ULTRAHDR.available:
        pytest.skip("imagecodecs without libultrahdr")
    out = written(edited(read(source(kind)), 1.0), tmp_path / "out.jpg")
    before, after = (imagecodecs.ultrahdr_decode(p.read_bytes()) for p in (source(kind), out))
    assert after.shape == before.shape
    np.testing.assert_allclose(after.astype(np.float32), before.astype(np.float32), atol=0.03)
    light = after[..., :3].astype(np.float32)
    assert light[0, 0].mean() / light[-1, -1].mean() == pytest.approx(2**STOPS, rel=0.15)


def test_exiftool_finds_the_list_and_nothing_wrong(source, tmp_path):
    if shutil.which("exiftool") is None:
        pytest.skip("no exiftool")
    out = written(edited(read(source())), tmp_path / "out.jpg")
    found, before = asked(out), asked(source())
    assert found["XMP-hdrgm:Version"] == ["1.0"]
    assert found["XMP-Container:DirectoryItemSemantic"] == ["Primary", "GainMap"]
    assert found["XMP-Container:DirectoryItemLength"] == [str(len(gain_map("both")))]
    assert found["XMP-dc:Source"] == ["the phone"]
    assert found["MPF0:NumberOfImages"] == ["2"]
    assert found["IFD0:Make"] == ["Phone"]
    assert set(found["ExifTool:Warning"]) <= set(before["ExifTool:Warning"])


def asked(path):
    """What exiftool says; of a name that is there several times all values."""
    asks = ["-validate", "-warning", "-XMP:all", "-MPF:all", "-Make"]
    command = ["exiftool", "-G1", "-a", "-s", *asks, path]
    found = {}
    for line in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
        group, _, rest = line[1:].partition("]")
        name, _, value = rest.partition(":")
        found.setdefault(f"{group}:{name.strip()}", []).append(value.strip())
    return found


@pytest.mark.parametrize("program", ["ffmpeg", "identify"])
def test_programs_that_know_no_maps_read_the_picture(program, source, tmp_path):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")
    out = written(edited(read(source())), tmp_path / "out.jpg")
    ends = {"ffmpeg": ["-frames:v", "1", "-f", "null", "-"], "identify": []}[program]
    begins = {"ffmpeg": ["ffmpeg", "-v", "warning", "-i"], "identify": ["identify", "-verbose"]}[program]
    done = [subprocess.run([*begins, p, *ends], capture_output=True, check=True) for p in (out, source())]
    assert done[0].stderr.replace(b"out.jpg", b"both.jpg") == done[1].stderr


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_map_is_turned_with_the_picture(orientation, source, tmp_path):
    photo = read(source(orientation=orientation))
    out = written(photo, tmp_path / "out.jpg")
    with Image.open(io.BytesIO(map_in(out))) as found:
        turned = np.asarray(found).astype(int)
    assert (turned.shape[0] > turned.shape[1]) == (photo.height > photo.width)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(gains())
    stored.getexif()[0x0112] = orientation
    from PIL import ImageOps

    expected = np.asarray(ImageOps.exif_transpose(stored)).astype(int)
    assert np.abs(turned - expected).max() < 12
    assert b"hdrgm:GainMapMax" in map_in(out)
    assert b"21496" in map_in(out)


def test_a_smaller_copy_keeps_it_and_another_shape_does_not(source, tmp_path):
    photo = read(source())
    small = photo.with_image(torch.full((1, 3, 24, 36), 0.5))
    assert map_in(written(small, tmp_path / "small.jpg")) == gain_map("both")
    square = photo.with_image(torch.full((1, 3, 24, 24), 0.5))
    with pytest.warns(PhotoWarning, match=r"the gain map \(HDR\) left out: untrue of an edited photo"):
        out = write(square, tmp_path / "square.jpg")
    no_longer_announced(out)
    with pytest.warns(PhotoWarning, match=r"the gain map \(HDR\) left out"):
        no_longer_announced(write(framed(photo, Framing(angle=3.0)), tmp_path / "framed.jpg"))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_formats_without_a_place_for_it_name_it(suffix, source, tmp_path):
    with pytest.warns(PhotoWarning, match=r"the gain map \(HDR\).* left out: no place in"):
        no_longer_announced(write(read(source()), tmp_path / f"out{suffix}"))


def no_longer_announced(path):
    data = path.read_bytes()
    assert b"hdrgm:V" not in data
    assert b"GainMap" not in data
    assert b"MPF\0" not in data


def test_a_map_that_cannot_be_shown_is_named(source, tmp_path):
    path = source()
    data = bytearray(path.read_bytes())
    at = len(data) - len(gain_map("both"))
    data[-len(gain_map("both")) // 4 :] = b""
    path.write_bytes(data[: at + 900])
    photo = read(path)
    assert photo.metadata.gain_map == b""
    with pytest.warns(PhotoWarning, match="gain map"):
        no_longer_announced(write(photo, tmp_path / "out.jpg"))


def test_a_long_packet_leaves_room_for_the_list(source, tmp_path):
    photo = read(source())
    long = photo.metadata.xmp.replace(b"the phone", b"x" * 64_800)
    out = written(replace(photo, metadata=replace(photo.metadata, xmp=long)), tmp_path / "out.jpg")
    assert map_in(out) == gain_map("both")
    assert read(out).metadata.gain_map


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("suffix", [".avif", ".heic"])
@pytest.mark.parametrize("kind", ["apple", "iso"])
def test_the_map_of_heic_and_avif_becomes_that_of_a_jpeg(kind, suffix, turn, put, tmp_path):
    optional(suffix)
    photo = read(put("a" + suffix, item_file_with_gain_map(kind, suffix, turn=turn)))
    assert photo.warnings == ()
    again = read(written(edited(photo), tmp_path / "out.jpg"))
    with Image.open(io.BytesIO(again.metadata.gain_map)) as found:
        points = np.asarray(found).astype(int)
    assert np.abs(points - np.rot90(gains(), turn)).max() < 14
    assert marks(again.metadata.gain_map) == (
        [b"hdrgm:GainMapMax", b"21496"] if kind == "iso" else [b"HDRGainMap"]
    )
    assert GainMapNumbers.of_xmp(gain_maps.packet(again.metadata.gain_map)) == (
        GainMapNumbers((0.0,), (STOPS,), (1.0,), (0.0,), (0.0,), 0.0, STOPS) if kind == "iso" else None
    )


def marks(data):
    return [mark for mark in (b"hdrgm:GainMapMax", b"21496", b"HDRGainMap") if mark in data]


@pytest.mark.parametrize("suffix", [".avif", ".heic"])
@pytest.mark.parametrize("kind", ["adobe", "iso", "apple"])
def test_the_map_of_a_jpeg_becomes_that_of_heic_and_avif(kind, suffix, source, tmp_path):
    optional(suffix)
    photo = read(source(kind))
    out = written(edited(photo), tmp_path / f"out{suffix}")
    again = read(out)
    assert again.warnings == ()
    assert (again.width, again.height) == (photo.width, photo.height)
    assert float((again.image - edited(photo).image).abs().mean()) < 0.01
    points = np.asarray(gain_maps.image(again.metadata.gain_map)).astype(int)
    assert np.abs(points - gains()).max() < 14
    was, now = (gain_maps.numbers(one.metadata.gain_map) for one in (photo, again))
    assert was == now
    assert gain_maps.is_apples(again.metadata.gain_map) == (kind == "apple")


@pytest.mark.parametrize("program", ["identify", "ffmpeg", "heif-convert", "exiftool"])
@pytest.mark.parametrize("suffix", [".avif", ".heic"])
@pytest.mark.parametrize("kind", ["iso", "apple"])
def test_programs_that_know_no_maps_read_the_picture_of_heic_and_avif(
    program, suffix, kind, source, tmp_path
):
    optional(suffix)
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")
    photo = read(source(kind))
    plain = replace(photo, metadata=replace(photo.metadata, gain_map=b""))
    files = [write(one, tmp_path / f"{n}{suffix}") for n, one in enumerate((photo, plain))]
    answers = [asked_of(program, path) for path in files]
    if answers[1][0]:
        pytest.skip(f"{program} does not read {suffix} here")
    assert answers[0] == answers[1]


def asked_of(program, path):
    """How a program ended, and what it saw of the picture."""
    out = path.with_suffix(".ppm") if program != "heif-convert" else path.with_suffix(".png")
    command = {
        "identify": ["convert", path, out],
        "ffmpeg": ["ffmpeg", "-v", "error", "-y", "-i", path, "-frames:v", "1", out],
        "heif-convert": ["heif-convert", path, out],
        "exiftool": ["exiftool", "-s3", "-ImageSize", "-Make", "-warning", path],
    }[program]
    done = subprocess.run(command, capture_output=True, check=False)
    if program == "exiftool":
        return done.returncode, done.stdout
    with Image.open(out) if out.exists() else Image.new("L", (1, 1)) as image:
        return done.returncode, image.convert("RGB").tobytes()


def test_libheif_sees_apples_map_as_such(source, tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    out = written(edited(read(source("apple"))), tmp_path / "out.heic")
    opened = pillow_heif.open_heif(out)
    [number] = opened.info["aux"]["urn:com:apple:photo:2020:aux:hdrgainmap"]
    assert np.abs(np.asarray(opened.get_aux_image(number).to_pillow()).astype(int) - gains()).max() < 14


@pytest.mark.parametrize("suffix", [".avif", ".heic"])
@pytest.mark.parametrize("kind", ["apple", "iso"])
def test_a_map_of_heic_and_avif_that_cannot_be_shown_is_named(kind, suffix, put, tmp_path):
    optional(suffix)
    data = bytearray(item_file_with_gain_map(kind, suffix))
    items = ItemFile.of_bytes(bytes(data))
    [(at, length)] = items.items[2].pieces
    data[at : at + length] = b"\xaa" * length
    photo = read(put("a" + suffix, bytes(data)))
    assert photo.metadata.gain_map == b""
    with pytest.warns(PhotoWarning, match=r"the gain map \(HDR\) left out: untrue"):
        no_longer_announced(write(photo, tmp_path / "out.jpg"))
    with pytest.warns(PhotoWarning, match=r"the gain map \(HDR\) left out: untrue"):
        out = write(photo, tmp_path / f"out{suffix}")
    assert b"tmap" not in out.read_bytes()
    assert b"hdrgainmap" not in out.read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".avif"])
def test_a_picture_without_colour_drops_a_coloured_map_and_keeps_a_grey_one(suffix, put, tmp_path):
    photo = read(put("a.avif", item_file_with_gain_map("iso", ".avif", coloured=True)))
    assert gain_maps.coloured(photo.metadata.gain_map)
    red = photo.with_image(photo.image * torch.tensor([1.2, 1.0, 0.8]).view(1, 3, 1, 1))
    written(red, tmp_path / f"red{suffix}")
    assert read(tmp_path / f"red{suffix}").metadata.gain_map
    with pytest.warns(PhotoWarning, match="gain map .* coloured as the picture no longer is, left out"):
        out = write(photo.with_image(red.image[:, 1:2].expand(1, 3, -1, -1)), tmp_path / f"grey{suffix}")
    no_longer_announced(out)
    assert read(out).metadata.gain_map == b""
    plain = read(put("b.avif", item_file_with_gain_map("iso", ".avif")))
    assert not gain_maps.coloured(plain.metadata.gain_map)
    written(plain, tmp_path / f"plain{suffix}")
    assert read(tmp_path / f"plain{suffix}").metadata.gain_map


NUMBERS = GainMapNumbers((0.0, -0.5, 0.25), (2.0, 1.5, 2.5), (1.0,) * 3, (0.01,) * 3, (0.02,) * 3, 0.0, 2.5)


@pytest.mark.parametrize("numbers", [NUMBERS, replace(NUMBERS, base_headroom=2.5, other_headroom=0.0)])
def test_the_numbers_of_a_map_in_both_ways_of_saying_them(numbers):
    assert GainMapNumbers.of_iso(numbers.iso()) == numbers
    said = GainMapNumbers.of_xmp(numbers.xmp())
    for name in ("least", "most", "gamma", "base_offset", "other_offset"):
        one, other = (np.broadcast_to(getattr(n, name), 3) for n in (numbers, said))
        np.testing.assert_allclose(one, other)
    assert (said.base_headroom, said.other_headroom) == (numbers.base_headroom, numbers.other_headroom)
    assert numbers.coloured
    for length in range(len(numbers.iso())):
        assert GainMapNumbers.of_iso(numbers.iso()[:length]) is None


def optional(suffix):
    if suffix == ".heic":
        pytest.importorskip("pillow_heif")


@pytest.mark.parametrize(
    "wrong", [{"gamma": (1.0, 0.0, 1.0)}, {"most": (2.0, -0.6, 2.5)}], ids=lambda wrong: next(iter(wrong))
)
def test_numbers_by_which_no_map_can_be_applied_are_none(wrong):
    """libavif refuses a whole file for them."""
    numbers = replace(NUMBERS, **wrong)
    assert NUMBERS.sound
    assert not numbers.sound
    assert GainMapNumbers.of_iso(numbers.iso()) is None
    assert GainMapNumbers.of_xmp(numbers.xmp()) is None

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.export.splices import Splice, reversed_splices, spliced
from retouch_aes.export.star_reading import read_stars
from retouch_aes.export.stars import plan_stars, undo_stars, write_stars
from retouch_aes.export.xmp_packet import XMP, new_packet

RATED = new_packet(f'xmlns:xmp="{XMP}" xmp:Rating="2" xmp:Label="Red"')


def exif_block() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0112] = 6
    return exif.tobytes()


def made(picture: Image.Image, path: Path, **options: object) -> Path:
    picture.save(path, **options)
    return path


MAKERS = {
    "plain.jpg": {},
    "exif.jpg": {"exif": exif_block()},
    "xmp.jpg": {"exif": exif_block(), "xmp": RATED},
    "plain.png": {},
    "xmp.png": {"xmp": RATED, "exif": exif_block()},
    "plain.webp": {},
    "lossless.webp": {"lossless": True},
    "xmp.webp": {"xmp": RATED, "exif": exif_block()},
    "plain.tif": {},
    "xmp.tif": {"xmp": RATED, "compression": "tiff_lzw"},
    "big.tif": {"big_tiff": True},
}


@pytest.fixture(params=MAKERS)
def photo(request, tmp_path, picture) -> Path:
    options = dict(MAKERS[request.param])
    if request.param == "xmp.png":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", options.pop("xmp").decode())
    if request.param.endswith(".tif") and "xmp" in options:
        options["tiffinfo"] = {700: options.pop("xmp")}
    return made(picture, tmp_path / request.param, **options)


def write(ratings, undo, **options):
    plan = plan_stars(ratings, **options)
    return write_stars(plan, undo)


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


@pytest.mark.parametrize("rating", [5, 0, -1])
def test_a_rating_is_read_back_and_the_pixels_stay(photo, tmp_path, rating):
    before = pixels(photo)
    done = write({photo: rating}, tmp_path / "undo", replace=True)
    assert not done.problems
    found = read_stars(photo)
    assert (found.flag == "rejected") == (rating == -1)
    assert found.stars == max(0, rating)
    assert pixels(photo) == before


def test_other_programs_read_the_rating_and_every_other_tag_stays(photo, tmp_path, tags, complaints):
    before, wrong = tags(photo), complaints(photo)
    write({photo: 4}, tmp_path / "undo", replace=True)
    after = tags(photo)
    assert after["XMP-xmp:Rating"] == 4
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    container = {"File:FileType", "RIFF:WebP_Flags", "IFD0:ApplicationNotes"}  # that there is a packet now
    assert changed - {"XMP-xmp:Rating"} <= container
    assert complaints(photo) == wrong


def test_undo_gives_every_byte_back(photo, tmp_path):
    before = photo.read_bytes()
    write({photo: 3}, tmp_path / "undo", replace=True)
    assert photo.read_bytes() != before
    assert undo_stars(tmp_path / "undo").restored == (photo.absolute(),)
    assert photo.read_bytes() == before
    assert undo_stars(tmp_path / "undo").unchanged == (photo.absolute(),)


def test_a_plan_writes_nothing(photo, tmp_path):
    before = photo.read_bytes()
    plan = plan_stars({photo: 4}, replace=True)
    assert [change.target for change in plan.changes] == [photo]
    assert photo.read_bytes() == before
    assert list(tmp_path.iterdir()) == [photo]


def test_what_a_person_gave_is_kept_unless_told_otherwise(tmp_path, picture):
    mine = made(picture, tmp_path / "a.jpg", xmp=RATED)
    plan = plan_stars({mine: 5})
    assert plan.kept == (mine,)
    assert not plan.changes
    assert plan_stars({mine: 5}, replace=True).changes
    assert plan_stars({mine: 2}, replace=True).kept == (mine,)


def test_the_mode_of_a_file_stays_and_a_link_stays_a_link(tmp_path, picture):
    real = made(picture, tmp_path / "a.jpg")
    real.chmod(0o640)
    link = tmp_path / "b.jpg"
    link.symlink_to(real)
    write({link: 4}, tmp_path / "undo")
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert read_stars(real).stars == 4


def test_raw_is_never_written_and_gets_both_sidecars(tmp_path, tags):
    raw = tmp_path / "IMG_1.NEF"
    raw.write_bytes(b"II*\x00\x08\x00\x00\x00" + bytes(64))
    before = raw.read_bytes()
    write({raw: 4}, tmp_path / "undo")
    assert raw.read_bytes() == before
    for name in ("IMG_1.xmp", "IMG_1.NEF.xmp"):
        assert tags(tmp_path / name)["XMP-xmp:Rating"] == 4
    assert read_stars(raw).stars == 4
    undo_stars(tmp_path / "undo")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["IMG_1.NEF", "undo"]


def test_the_sidecar_that_is_there_is_used_and_its_other_fields_stay(tmp_path, tags):
    raw = tmp_path / "IMG_1.CR2"
    raw.write_bytes(b"II*\x00\x10\x00\x00\x00CR" + bytes(64))
    sidecar = tmp_path / "IMG_1.CR2.xmp"
    sidecar.write_bytes(RATED.replace(b'Rating="2"', b'Rating="0"'))
    before = tags(sidecar)
    write({raw: 5}, tmp_path / "undo")
    assert not (tmp_path / "IMG_1.xmp").exists()
    assert tags(sidecar) == {**before, "XMP-xmp:Rating": 5}


def test_a_sidecar_of_the_raw_file_is_not_the_jpegs(tmp_path, picture):
    raw = tmp_path / "IMG_1.DNG"
    raw.write_bytes(b"II*\x00\x08\x00\x00\x00" + bytes(64))
    jpeg = made(picture, tmp_path / "IMG_1.jpg")
    (tmp_path / "IMG_1.xmp").write_bytes(RATED)
    assert read_stars(raw).stars == 2
    assert read_stars(jpeg).stars == 0


def test_the_index_of_a_picture_with_a_second_one_is_mended(tmp_path, picture):
    """The second picture of a multi-picture JPEG is found by an offset, and still is."""
    path = tmp_path / "two.mpo"
    picture.save(path, save_all=True, append_images=[picture.rotate(180)], format="MPO")
    jpeg = path.rename(tmp_path / "two.jpg")

    def second() -> np.ndarray:
        with Image.open(jpeg) as image:
            image.seek(1)
            return np.asarray(image.convert("RGB"))

    before = second()
    write({jpeg: 4}, tmp_path / "undo")
    assert (second() == before).all()
    assert read_stars(jpeg).stars == 4


def test_a_file_changed_since_is_left_alone(tmp_path, picture):
    one, two = made(picture, tmp_path / "1.jpg"), made(picture, tmp_path / "2.jpg")
    plan = plan_stars({one: 4, two: 4})
    picture.rotate(90).save(one)
    done = write_stars(plan, tmp_path / "undo")
    assert [change.photo for change in done.changes] == [two]
    assert [photo for photo, _ in done.problems] == [one]
    picture.rotate(90).save(two)
    assert undo_stars(tmp_path / "undo").left == (two,)


def test_a_torn_last_line_of_an_undo_file_is_a_change_never_made(tmp_path, picture):
    one = made(picture, tmp_path / "1.jpg")
    before = one.read_bytes()
    write({one: 4}, tmp_path / "undo")
    with (tmp_path / "undo").open("a") as file:
        file.write('{"target": "x')
    assert undo_stars(tmp_path / "undo").restored == (one,)
    assert one.read_bytes() == before


def test_an_undo_file_is_never_replaced_and_others_are_refused(tmp_path, picture):
    one = made(picture, tmp_path / "1.jpg")
    (tmp_path / "undo").write_text("{}\n")
    with pytest.raises(RetouchError, match="another run"):
        write({one: 4}, tmp_path / "undo")
    with pytest.raises(RetouchError, match="undo"):
        undo_stars(tmp_path / "undo")


def test_problems_are_told_photo_by_photo(tmp_path, picture):
    good = made(picture, tmp_path / "good.jpg")
    broken = made(picture, tmp_path / "broken.jpg", xmp=b"<x:xmpmeta")
    text = tmp_path / "text.jpg"
    text.write_text("no photo")
    plan = plan_stars({broken: 3, text: 3, good: 3, tmp_path / "none.jpg": 3})
    assert [change.photo for change in plan.changes] == [good]
    assert [photo.name for photo, _ in plan.problems] == ["broken.jpg", "text.jpg", "none.jpg"]
    with pytest.raises(UsageError, match="-1"):
        plan_stars({good: 6})


def test_a_jpeg_whose_packet_is_full_gets_a_sidecar(tmp_path, picture):
    name, most = b"http://ns.adobe.com/xap/1.0/\x00", 65_533
    bare = new_packet('xmlns:q="http://q/" q:a=""').replace(b" " * 99 + b"\n", b"").replace(b"\n", b"")
    packet = bare.replace(b'q:a=""', b'q:a="' + b"a" * (most - len(name) - len(bare)) + b'"')
    path = made(picture, tmp_path / "full.jpg")
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", most + 2) + name + packet + data[2:])
    done = write({path: 4}, tmp_path / "undo")
    assert {change.target.name for change in done.changes} == {"full.xmp", "full.jpg.xmp"}


@pytest.mark.parametrize(
    ("properties", "stars", "flag", "label"),
    [
        (f'xmlns:a="{XMP}" a:Rating="4"', 4, "", ""),
        (f'xmlns:a="{XMP}" a:Rating="-1" a:Label="Blue"', 0, "rejected", "Blue"),
        ('xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="75"', 4, "", ""),
        ('xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="99"', 5, "", ""),
        ('xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="1"', 1, "", ""),
        ('xmlns:d="http://ns.adobe.com/xmp/1.0/DynamicMedia/" d:pick="1"', 0, "picked", ""),
        ('xmlns:d="http://ns.adobe.com/xmp/1.0/DynamicMedia/" d:pick="-1"', 0, "rejected", ""),
        ('xmlns:k="http://www.digikam.org/ns/1.0/" k:PickLabel="1" k:ColorLabel="4"', 0, "rejected", "Green"),
        ('xmlns:k="http://www.digikam.org/ns/1.0/" k:PickLabel="3"', 0, "picked", ""),
        ('xmlns:p="http://ns.camerabits.com/photomechanic/1.0/" p:Tagged="True"', 0, "picked", ""),
        ('xmlns:a="http://ns.acdsee.com/iptc/1.0/" a:rating="3"', 3, "", ""),
    ],
)
def test_what_programs_write_is_understood(tmp_path, picture, properties, stars, flag, label):
    path = made(picture, tmp_path / "a.jpg", xmp=new_packet(properties))
    found = read_stars(path)
    assert (found.stars, found.flag, found.label) == (stars, flag, label)
    assert found.source == path


def test_stars_of_the_camera_are_in_exif(tmp_path, picture):
    exif = Image.Exif()
    exif[0x4746] = 3
    assert read_stars(made(picture, tmp_path / "a.jpg", exif=exif)).stars == 3
    assert read_stars(made(picture, tmp_path / "a.png", exif=exif)).stars == 3


def test_rawtherapees_rank_is_read(tmp_path, picture):
    path = made(picture, tmp_path / "a.jpg")
    (tmp_path / "a.jpg.pp3").write_text("[General]\nRank=4\nColorLabel=1\nInTrash=false\n")
    assert (read_stars(path).stars, read_stars(path).label) == (4, "Red")


def test_a_photo_that_says_nothing(tmp_path, picture):
    found = read_stars(made(picture, tmp_path / "a.jpg"))
    assert not found.said
    assert found.source is None or not found.stars


def test_splices_undo_themselves():
    data = b"0123456789"
    splices = (Splice(2, b"23", b""), Splice(5, b"", b"xyz"), Splice(9, b"9", b"nine"))
    assert spliced(spliced(data, splices), reversed_splices(splices)) == data
    with pytest.raises(PhotoError):
        spliced(b"something else", splices)


def test_a_damaged_photo_never_ends_in_anything_but_a_photo_error(photo):
    """Cut anywhere, bytes turned over: a rating is read, or the file is refused."""
    data, generator = photo.read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        broken = bytearray(data[: generator.integers(4, len(data))])
        for at in generator.integers(2, min(len(broken), 400), size=3):
            broken[at] = generator.integers(256)
        photo.write_bytes(broken)
        try:
            read_stars(photo)
        except PhotoError:
            continue
        plan_stars({photo: 3}, replace=True)

"""Files and folders become photos, sorted, each once."""

import unicodedata

import pytest

from retouch_aes.errors import PhotoError
from retouch_aes.photo import find_photos, survey
from retouch_aes.photo.finding import as_on_disk


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def names(found, folder):
    return [str(path.relative_to(folder)) for path in found]


def test_folders_are_walked_in_order(tmp_path):
    make(
        tmp_path, "b.JPG", "a.png", "notes.txt", ".hidden.jpg", ".cache/x.jpg", "day 2/c.NEF", "day 1/d.heic"
    )
    assert names(find_photos([tmp_path]), tmp_path) == ["a.png", "b.JPG", "day 1/d.heic", "day 2/c.NEF"]
    assert names(find_photos(tmp_path, recursive=False), tmp_path) == ["a.png", "b.JPG"]


def test_explicit_files_always_count_and_nothing_twice(tmp_path):
    make(tmp_path, "a.jpg", "odd.xyz", ".hidden.jpg")
    given = [tmp_path / "odd.xyz", tmp_path / ".hidden.jpg", tmp_path, tmp_path / "a.jpg"]
    assert names(find_photos(given), tmp_path) == ["odd.xyz", ".hidden.jpg", "a.jpg"]


def test_links_in_a_circle_end(tmp_path):
    make(tmp_path, "in/a.jpg")
    (tmp_path / "in" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names(find_photos([tmp_path]), tmp_path) == ["in/a.jpg"]


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(PhotoError, match=r"gone\.jpg"):
        find_photos([tmp_path / "gone.jpg"])
    assert find_photos([]) == []


def test_every_name_of_a_jpeg_is_a_photo_in_any_case(tmp_path):
    endings = [
        "jpg",
        "JPEG",
        "jfif",
        "JFIF",
        "jpe",
        "JPE",
        "pjpeg",
        "pjp",
        "mpo",
        "insp",
        "Insp",
        "jps",
        "DNG",
        "hif",
    ]
    make(tmp_path, *(f"{number:02}.{ending}" for number, ending in enumerate(endings)))
    assert len(find_photos(tmp_path)) == len(endings)
    assert survey(tmp_path).left_out == ()


def test_what_is_left_out_is_counted_with_its_reason(tmp_path):
    make(tmp_path, "a.jpg", "notes.txt", "a.xmp", ".hidden.gif", "sub/b.bmp", "empty")
    (tmp_path / "c.gif").write_bytes(b"GIF89a" + bytes(9))
    (tmp_path / "D.GIF").write_bytes(b"GIF89a" + bytes(9))
    (tmp_path / "e.jpg_large").write_bytes(b"\xff\xd8\xff\xe0" + bytes(9))
    (tmp_path / "f.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(9))
    seen = survey(tmp_path)
    assert names(seen.photos, tmp_path) == ["a.jpg"]
    assert seen.report.startswith("6 files left out: 2 .gif (a GIF), ")
    for words in (
        "1 .bmp (an empty file)",
        "1 no ending (an empty file)",
        "1 .mp4 (a film or another media file (brand 'isom'))",
        "1 .jpg_large (a JPEG under another ending: call it .jpg",
    ):
        assert words in seen.report
    named = survey([tmp_path / "c.gif", tmp_path])
    assert names(named.photos, tmp_path) == ["c.gif", "a.jpg"]
    assert named.report.startswith("5 files left out")
    assert survey(tmp_path / "a.jpg").report == ""


def test_names_are_found_composed_and_decomposed(tmp_path):
    for form, other in (("NFC", "NFD"), ("NFD", "NFC")):
        folder = tmp_path / form
        stored = folder / unicodedata.normalize(form, "Größe é") / unicodedata.normalize(form, "ü 1.jpg")
        make(folder, str(stored.relative_to(folder)))
        asked = folder / unicodedata.normalize(other, "Größe é") / unicodedata.normalize(other, "ü 1.jpg")
        assert as_on_disk(asked) == as_on_disk(stored) == stored
        assert as_on_disk(folder / "gone" / "é.jpg") == folder / "gone" / "é.jpg"

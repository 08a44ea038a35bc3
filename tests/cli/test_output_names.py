"""What results are called."""

from pathlib import Path

import pytest

from retouch_aes.cli.output_names import LONGEST, apart, fitted, long_stem, one_of_pairs
from retouch_aes.cli.real_paths import real_paths

IN = Path("in")


def names(*photos, suffix=".jpg"):
    paths = [IN / photo for photo in photos]
    return [place.name for place in apart(paths, lambda _, stem: Path("out") / f"{stem}{suffix}")]


def test_a_pair_becomes_two_results():
    assert names("IMG_1.dng", "IMG_1.jpg", "IMG_2.dng") == ["IMG_1_dng.jpg", "IMG_1.jpg", "IMG_2.jpg"]
    assert names("a.heic", "a.NEF", "a.jpg", suffix=".json") == ["a_heic.json", "a_NEF.json", "a.json"]
    assert names("a.CR3", "a.dng") == ["a.jpg", "a_dng.jpg"]


def test_only_what_would_be_one_is_told_apart():
    assert names("a.jpg", "b.jpg") == ["a.jpg", "b.jpg"]
    paths = [Path("x/a.jpg"), Path("y/a.jpg")]
    assert apart(paths, lambda _, stem: Path(f"{stem}.jpg")) == [Path("a.jpg")] * 2  # refused elsewhere


def test_one_of_a_pair():
    photos = [IN / name for name in ("IMG_1.DNG", "img_1.jpg", "b.jpg", "c.arw", "c.HIF", "d.png", "d.dng")]
    assert [path.name for path in one_of_pairs(photos, "both")] == [path.name for path in photos]
    kept = [path.name for path in one_of_pairs(photos, "raw")]
    assert kept == ["IMG_1.DNG", "b.jpg", "c.arw", "d.png", "d.dng"]
    kept = [path.name for path in one_of_pairs(photos, "jpeg")]
    assert kept == ["img_1.jpg", "b.jpg", "c.HIF", "d.png", "d.dng"]


@pytest.mark.parametrize("letter", ["x", "é", "日", "🙂", "\udcff"])
@pytest.mark.parametrize("tail", [".jpg", "_retouched.jpg", "_compare.jpg", ".json"])
def test_no_name_is_too_long_and_none_is_given_twice(letter, tail):
    size = len(letter.encode("utf-8", "surrogateescape"))
    for length in range(220, 256):
        stem = letter * (length // size)
        name = fitted(stem, tail)
        assert len(name.encode("utf-8", "surrogateescape")) <= LONGEST
        assert name.endswith(tail)
        if len((stem + tail).encode("utf-8", "surrogateescape")) <= LONGEST:
            assert name == stem + tail
    assert fitted("x" * 251 + "a", ".json") != fitted("x" * 251 + "b", ".json")
    assert long_stem(Path("IMG_1.DNG")) == "IMG_1_DNG"


def test_real_paths_are_those_of_resolve(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.jpg").touch()
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "y.jpg").symlink_to(tmp_path / "a" / "x.jpg")
    real = real_paths()
    names = (
        "a/x.jpg",
        "a/y.jpg",
        "linked/x.jpg",
        "linked",
        "linked/..",
        "a/../a/x.jpg",
        "a/none.jpg",
        ".",
    )
    for path in 20 * names:  # from the 17th file of a folder on, all of its links are known
        assert real(tmp_path / path) == str((tmp_path / path).resolve())
    for path in ("x.jpg", "..", "/", "."):
        assert real(Path(path)) == str(Path(path).resolve())


def test_links_of_a_folder_that_may_not_be_listed_are_asked_for_one_by_one(tmp_path, monkeypatch):
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "link.jpg").symlink_to(tmp_path / "photo.jpg")

    def refuse(folder):
        raise PermissionError(folder)

    monkeypatch.setattr("os.scandir", refuse)
    real = real_paths()
    for number in range(20):
        assert real(tmp_path / f"{number}.jpg") == str(tmp_path.resolve() / f"{number}.jpg")
    assert real(tmp_path / "link.jpg") == str(tmp_path.resolve() / "photo.jpg")

"""Names and paths of every desktop, as pure functions: this machine's system does not matter."""

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from retouch_aes import file_names
from retouch_aes.cli.output_names import apart
from retouch_aes.file_names import alike, extended, folds_case, parts_of, reachable, trouble
from retouch_aes.photo.finding import as_on_disk


@pytest.mark.parametrize(
    "name", ["a.jpg", "Größe 写真.png", "console.jpg", "com10.jpg", "COM.jpg", ".x", "a..jpg"]
)
def test_names_that_every_desktop_takes(name):
    assert trouble(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, "device") for name in ("CON", "con.jpg", "Nul.tar.gz", "aux .jpg", "COM1.jpg", "LPT¹.png")),
        *((name, "blank or a dot") for name in ("a.jpg.", "a.jpg ", "a. ")),
        *((name, "one of") for name in ("a:b.jpg", "a\\b.jpg", "a?.jpg", 'a".jpg', "a\n.jpg", "a|b", "a/b")),
        *((name, "is no name") for name in ("", ".", "..", " . ")),
        *((name, "longer") for name in ("x" * 256, "日" * 86)),
    ],
)
def test_names_that_some_desktop_does_not_take(name, why):
    assert why in trouble(name)


def test_paths_that_some_file_system_takes_for_one():
    composed, decomposed = (unicodedata.normalize(form, "Größe é.jpg") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert alike(PurePosixPath(composed)) == alike(PurePosixPath(decomposed.upper().replace("SS", "ß")))
    assert alike(PurePosixPath("a/IMG.jpg")) == alike(PurePosixPath("A/img.JPG"))
    assert alike(PureWindowsPath("C:/IMG.jpg")) == alike(PureWindowsPath("c:\\img.jpg"))
    assert alike(PurePosixPath("a.jpg")) != alike(PurePosixPath("b.jpg"))


def test_long_paths_of_windows():
    deep = "\\".join(["x" * 50] * 6)
    drive, server = (
        PureWindowsPath(f"C:\\{deep}\\a.jpg"),
        PureWindowsPath(f"\\\\server\\share\\{deep}\\a.jpg"),
    )
    assert extended(drive) == f"\\\\?\\C:\\{deep}\\a.jpg"
    assert extended(server) == f"\\\\?\\UNC\\server\\share\\{deep}\\a.jpg"
    for path in (drive, server):
        assert extended(PureWindowsPath(extended(path))) == extended(path)
    short = PureWindowsPath("C:\\a.jpg")
    assert extended(short) == "C:\\a.jpg"
    assert extended(PureWindowsPath(f"{deep}\\a.jpg")) == f"{deep}\\a.jpg"  # relative: it cannot have one
    assert reachable(Path("a.jpg")) == Path("a.jpg")


def test_whether_a_file_system_folds_case_is_asked(tmp_path, monkeypatch):
    here = tmp_path / "Folder"
    here.mkdir()
    assert folds_case(here) == (tmp_path / "fOLDER").exists()
    assert folds_case(here / "to be made" / "and more") == (tmp_path / "fOLDER").exists()
    monkeypatch.setattr(Path, "exists", lambda _: False)
    for platform, folds in (("win32", True), ("darwin", True), ("linux", False)):
        monkeypatch.setattr(file_names.sys, "platform", platform)
        assert folds_case(here) is folds


@pytest.mark.parametrize(
    ("folds", "names"),
    [
        (True, ["IMG.jpg", "img-2.jpg", "b.jpg", "B_dng.jpg", "é.jpg", "é-2.jpg"]),
        (False, ["IMG.jpg", "img.jpg", "b.jpg", "B.jpg", "é.jpg", "e\u0301.jpg"]),
    ],
)
def test_results_that_a_file_system_would_take_for_one(folds, names):
    photos = [Path(name) for name in ("IMG.jpg", "img.jpg", "b.jpg", "B.dng", "é.jpg", "e\u0301.jpg")]
    made = apart(photos, lambda _, stem: Path("out") / f"{stem}.jpg", lambda _: folds)
    assert [unicodedata.normalize("NFC", place.name) if folds else place.name for place in made] == names


def test_tables_that_were_made_on_windows(tmp_path):
    (tmp_path / "day 1" / "best").mkdir(parents=True)
    photo = tmp_path / "day 1" / "best" / "a é.jpg"
    photo.touch()
    assert as_on_disk(tmp_path / "day 1\\best\\a e\u0301.jpg") == photo
    assert as_on_disk(tmp_path / ".\\day 1\\best\\a é.jpg") == photo
    assert as_on_disk(tmp_path / "gone\\a.jpg") == tmp_path / "gone" / "a.jpg"
    assert parts_of("a\\.\\b//c.jpg") == ("a", "b", "c.jpg")

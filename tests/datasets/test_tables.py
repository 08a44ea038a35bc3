"""Tables as people export them."""

import unicodedata

import pytest

from retouch_aes.datasets import RatingsCSV
from retouch_aes.datasets.rows import read_table
from retouch_aes.datasets.skipped import SkipLog
from retouch_aes.datasets.tables import Table, columns_of
from retouch_aes.errors import DatasetError
from retouch_aes.preferences.choice_log import read_answers

ROWS = [("anna", "a, b.jpg", "3.5"), ("anna", "Größe.jpg", "4")]


def text(separator, decimal=".", before=""):
    rows = [("user", "Photo", "rating"), *((u, p, r.replace(".", decimal)) for u, p, r in ROWS)]
    lines = [separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows]
    return before + "\r\n".join(lines) + "\r\n"


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for _, name, _ in ROWS:
        (folder / name).write_bytes(b"")
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "content",
    [
        text(","),
        text(";"),
        text(";", ","),
        text("\t"),
        text("|"),
        text(";", ",", "sep=;\r\n"),
        text(",", before="sep=,\n"),
    ],
)
def test_every_separator(content, encoding, tmp_path, photos):
    path = tmp_path / "ratings.csv"
    path.write_bytes(content.encode(encoding))
    found = RatingsCSV(path, photos, (1, 5)).read()
    by_name = {found.photos[photo].name: value for photo, value in zip(found.photo_index, found.original)}  # noqa: B905
    assert by_name == {"a, b.jpg": 3.5, "Größe.jpg": 4.0}


def test_lines_are_counted_with_the_line_before_the_heading(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=;\na;b\n1;2\n1;2;3\n")
    problems = []
    table = Table(path, ("a", "b"), lambda *told: problems.append(told))
    assert list(table) == [(3, ["1", "2"])]
    assert problems == [(f"{path}:4", "expected 2 values, got 3")]


def test_what_is_no_such_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("better;worse\n")
    with pytest.raises(DatasetError, match=":1: expected the columns a,b"):
        list(Table(path, ("a", "b"), print))
    path.write_bytes(b"a,b\n\xff\xff,1\n")
    with pytest.raises(DatasetError, match="no UTF-8"):
        list(Table(path, ("a", "b"), print))
    path.write_bytes(b"")
    with pytest.raises(DatasetError, match="expected the columns"):
        list(Table(path, ("a", "b"), print))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_composed_and_decomposed_are_one(form, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    stored = folder / unicodedata.normalize(form, "Größe é 1.jpg")
    stored.write_bytes(b"")
    path = tmp_path / "ratings.csv"
    names = [unicodedata.normalize(kind, "Größe é 1.jpg") for kind in (form, other)]
    path.write_text("user,photo,rating\n" + "".join(f"anna,{name},3\n" for name in names), encoding="utf-8")
    found = RatingsCSV(path, folder, (1, 5)).read()
    assert found.photos == (stored,)
    assert list(found.original) == [3.0, 3.0]


def test_winners_and_losers_by_semicolon(tmp_path):
    path = tmp_path / "choices.csv"
    path.write_text("winner;loser\na.jpg;b.jpg\n")
    [answer] = read_answers(path)
    assert (answer.winner.photo, answer.loser.photo) == ("a.jpg", "b.jpg")


def test_one_reader_for_datasets_and_for_people(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('sep=;\nUserID; age ;note\nu1;31;"a;b"\nu2;40\n', encoding="utf-16")
    log = SkipLog()
    assert list(read_table(path, ("userId",), log, optional=("age", "gender"))) == [(3, ["u1", "31", ""])]
    assert "expected 3 values, got 2" in str(log.closed().summary())
    assert columns_of(path) == ["UserID", "age", "note"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (r"day 1\a.jpg,day 2\b.jpg", ("day 1/a.jpg", "day 2/b.jpg")),
        (r"C:\Photos\a.jpg,\\nas\photos\b.jpg", ("C:/Photos/a.jpg", "//nas/photos/b.jpg")),
        (r"x/a\1.jpg,b.jpg", (r"x/a\1.jpg", "b.jpg")),
    ],
)
def test_choices_made_on_windows(rows, expected, tmp_path):
    path = tmp_path / "choices.csv"
    path.write_text(f"winner,loser\n{rows}\n")
    [answer] = read_answers(path)
    assert (answer.winner.photo, answer.loser.photo) == expected

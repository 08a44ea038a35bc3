from pathlib import Path

import numpy as np
import pytest

from retouch_aes.datasets import RatingsCSV
from retouch_aes.errors import DatasetError, UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for name in ("a", "b"):
        (tmp_path / "photos" / f"{name}.jpg").touch()
    return tmp_path


def reader(folder: Path, text: str, scale: tuple[float, float] | None = None) -> RatingsCSV:
    path = folder / "ratings.csv"
    path.write_text(text, encoding="utf-8")
    return RatingsCSV(path, folder, scale)


def test_reads_rows(folder: Path) -> None:
    ratings = reader(folder, "user,photo,rating\nbob,photos/b.jpg,7\nann,photos/a.jpg,1\n").read()
    assert ratings.users == ("ann", "bob")
    assert ratings.photos == (folder / "photos/a.jpg", folder / "photos/b.jpg")
    assert ratings.scale == (1, 7)
    assert ratings.mean_scores().tolist() == [1, 10]


def test_other_columns_orders_and_a_byte_order_mark(folder: Path) -> None:
    text = '\ufeffwhen, Rating ,photo,user\n2024,3,photos/a.jpg,"Ann, B."\n\n2024,2.5,photos/a.jpg,bob\n'
    ratings = reader(folder, text).read()
    assert ratings.users == ("Ann, B.", "bob")
    assert sorted(ratings.original) == [2.5, 3]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ((0, 1), (0, 1)),
        ((1, 5), (1, 5)),
        ((2, 6), (1, 7)),
        ((1, 9), (1, 10)),
        ((0, 3), (0, 10)),
        ((0, 80), (0, 100)),
    ],
)
def test_scale_is_detected(folder: Path, values, scale) -> None:
    rows = "".join(f"ann,photos/a.jpg,{value}\n" for value in values)
    assert reader(folder, "user,photo,rating\n" + rows).read().scale == scale


def test_scale_can_be_given_or_must_be(folder: Path) -> None:
    text = "user,photo,rating\nann,photos/a.jpg,-2\nann,photos/b.jpg,2\n"
    assert reader(folder, text, (-3, 3)).read().scores.tolist() == [2.5, 8.5]
    with pytest.raises(DatasetError, match="from -2 to 2: give their scale"):
        reader(folder, text).read()
    with pytest.raises(UsageError, match="lowest, highest"):
        reader(folder, text, (3, 3)).read()


def test_all_problems_come_together_with_their_lines(folder: Path) -> None:
    text = (
        "user,photo,rating\n"
        "ann,photos/a.jpg,5\n"
        "ann,photos/gone.jpg,5\n"
        "bob,photos/gone.jpg,5\n"
        "ann,photos/a.jpg\n"
        "ann,photos/a.jpg,good\n"
        ",photos/a.jpg,3\n"
        "ann,photos/a.jpg,nan\n"
        "ann,photos/a.jpg,11\n"
    )
    with pytest.raises(DatasetError) as caught:
        reader(folder, text, (1, 10)).read()
    message = str(caught.value)
    for part in (
        "6 problems",
        "ratings.csv:5: expected 3 values, got 2",
        "ratings.csv:6: expected a number as rating, got 'good'",
        "ratings.csv:7: expected a user and a photo, got '' and 'photos/a.jpg'",
        "ratings.csv:8: expected a number as rating, got 'nan'",
        "ratings.csv:9: expected a rating in 1..10, got 11",
        f"ratings.csv:3: photo not found: {folder / 'photos/gone.jpg'}",
    ):
        assert part in message


def test_a_long_list_of_problems_is_cut(folder: Path) -> None:
    rows = "".join(f"ann,photos/{i}.jpg,5\n" for i in range(50))
    with pytest.raises(DatasetError, match=r"50 problems(?s:.)*\.\.\. and 30 more"):
        reader(folder, "user,photo,rating\n" + rows).read()


@pytest.mark.parametrize("text", ["", "photo,score\n", "user,photo,rating\n"])
def test_files_without_ratings(folder: Path, text: str) -> None:
    with pytest.raises(DatasetError, match=r"columns|no ratings"):
        reader(folder, text).read()


def test_files_that_are_no_text(folder: Path) -> None:
    (folder / "ratings.csv").write_bytes(b"\xff\xfe\x00user")
    with pytest.raises(DatasetError, match="UTF-8"):
        RatingsCSV(folder / "ratings.csv", folder).read()
    with pytest.raises(DatasetError, match="cannot be read"):
        RatingsCSV(folder / "absent.csv", folder).read()


def test_a_published_set(test_data: Path) -> None:
    folder = test_data / "data" / "oasis"
    if not folder.is_dir():
        pytest.skip("needs the OASIS ratings")
    ratings = RatingsCSV(folder / "ratings.csv", folder).read()
    assert ratings.scale == (1, 7)
    assert (len(ratings), len(ratings.users), len(ratings.photos)) == (72712, 531, 541)
    assert ratings.histograms() @ np.arange(1, 11) == pytest.approx(ratings.mean_scores())

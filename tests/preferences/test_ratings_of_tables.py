"""Ratings of a table as answers."""

from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.preferences.ratings import read_ratings


@pytest.mark.parametrize("elsewhere", [False, True])
def test_photos_below_the_folder_and_elsewhere(tmp_path: Path, elsewhere: bool) -> None:
    folder, other = tmp_path / "photos", tmp_path / "other"
    for place in (folder / "day 1", other):
        place.mkdir(parents=True)
        Image.new("RGB", (40, 40)).save(place / "a.png")
    named = str(other / "a.png") if elsewhere else "day 1/a.png"
    table = tmp_path / "ratings.csv"
    table.write_text(f"user,photo,rating\nanna,{named},3\nanna,day 1/a.png,5\n")
    found = read_ratings(table, folder, scale=(1, 5))
    expected = (other / "a.png").as_posix() if elsewhere else "day 1/a.png"
    assert [answer.photo.photo for answer in found] == [expected, "day 1/a.png"]

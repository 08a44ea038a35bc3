"""An address where only a path will do is refused; no folder `s3:` is made."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from retouch_aes.cli import main


@pytest.mark.parametrize(
    "command",
    [
        ["retouch", "photo.png", "-o", "s3://bucket/photo.png"],
        ["batch", ".", "out", "--lut", "s3://bucket/tables"],
        ["batch", ".", "out", "--recipes", "s3://bucket/recipes"],
        ["learn", ".", "--choices", "me.jsonl", "-o", "gs://bucket/me.taste"],
        ["bench", "gallery", ".", "-o", "s3://bucket/sheet.html"],
    ],
)
def test_an_address_is_no_path(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (32, 32)).save("photo.png")
    Path("me.jsonl").touch()
    address = next(part for part in command if "://" in part)
    for _ in range(2):  # refused once more where the command was loaded before
        said = CliRunner().invoke(main, command, standalone_mode=False)
        assert isinstance(said.exception, Exception)
        assert f"{address} is an address" in str(said.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["me.jsonl", "photo.png"]


def test_a_path_with_a_colon_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["explain", "trip: rome/a.png", "b.png"], standalone_mode=False)
    assert "does not exist" in str(said.exception)

"""An address where only a path will do is refused; no folder `s3:` is made."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from retouch_aes.cli import main
from retouch_aes.errors import UsageError


@pytest.mark.parametrize(
    "command",
    [
        ["retouch", "photo.png", "-o", "s3://bucket/photo.png"],
        ["batch", ".", "out", "--lut", "s3://bucket/tables"],
        ["batch", ".", "out", "--recipes", "s3://bucket/recipes"],
        ["learn", ".", "--choices", "me.jsonl", "-o", "gs://bucket/me.taste"],
        ["bench", "gallery", ".", "-o", "s3://bucket/sheet.html"],
        ["retouch", "memory://photos"],  # one that must exist, too
        ["explain", "photo.png", "s3://bucket/photo.png"],
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


def test_an_address_of_a_file_here_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a #1 b?"
    folder.mkdir()
    Image.new("RGB", (40, 32), "teal").save(folder / "photo.png")
    address = f"file://{folder.as_posix().replace(' ', '%20')}"
    ran = CliRunner().invoke(
        main, ["explain", f"{address}/photo.png", f"{address}/photo.png"], standalone_mode=False
    )
    assert ran.exception is None, ran.output


@pytest.mark.parametrize("address", ["file://", "file://photos", "FILE://server/photos"])
@pytest.mark.parametrize("command", [["batch", "{}", "out"], ["score", "{}"], ["retouch", "{}"]])
def test_an_address_without_a_path_is_not_the_folder_here(
    address: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (32, 32)).save("photo.png")
    said = CliRunner().invoke(main, [part.format(address) for part in command], standalone_mode=False)
    assert isinstance(said.exception, UsageError)
    assert f"{address}: expected a whole path" in str(said.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]

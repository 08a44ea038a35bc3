"""Files and folders become photos, sorted, each once."""

import pytest

from retouch_aes.errors import PhotoError
from retouch_aes.photo import find_photos


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

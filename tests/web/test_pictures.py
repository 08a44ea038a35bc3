"""Pictures for the screen: right, made once, and kept where only their owner looks."""

import io
import os
import threading

import numpy as np
import pytest
from PIL import Image

from retouch_aes.editing.render import render
from retouch_aes.errors import PhotoError
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.photo import read
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web import pictures as module
from retouch_aes.web.cache import cache_folder, prune
from retouch_aes.web.pictures import FULL, SIDES, Pictures

BRIGHT = Recipe((Step(OPERATORS["exposure"], (0.7,)),))


@pytest.fixture
def pictures(album, cache) -> Pictures:
    return Pictures(album, cache / "pictures")


@pytest.fixture
def made(monkeypatch):
    """How often a picture was made."""
    count = []
    make = module._make
    monkeypatch.setattr(module, "_make", lambda *args: (count.append(args), make(*args))[1])
    return count


def pixels(picture) -> np.ndarray:
    image = Image.open(io.BytesIO(picture.jpeg))
    assert image.mode == "RGB"
    assert not image.getexif()
    return np.asarray(image, float)


def test_a_photo_is_shown_as_it_is_read(pictures, album, folder):
    for name in album.photos:
        whole = read(folder / name)
        picture = pictures.get(Rendition(name), SIDES[3])
        assert (picture.width, picture.height) == (whole.width, whole.height)
        expected = whole.image[0].permute(1, 2, 0).numpy() * 255
        assert np.abs(pixels(picture) - expected).mean() < 2
    assert pictures.get(Rendition("turned.jpg"), FULL).height == 72


def test_an_edited_photo_is_shown_as_it_is_rendered(pictures, folder):
    expected = render(read(folder / "a.jpg").image, BRIGHT)[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(pixels(pictures.get(Rendition("a.jpg", BRIGHT), 800)) - expected).mean() < 2


def test_a_small_side_makes_a_small_picture_that_still_knows_the_size(pictures, folder):
    Image.new("RGB", (900, 300), (120, 90, 60)).save(folder / "a.jpg")
    picture = pictures.get(Rendition("a.jpg"), SIDES[0])
    assert pixels(picture).shape[:2] == (53, 160)
    assert (picture.width, picture.height) == (900, 300)


def test_a_picture_is_made_once_and_found_again(pictures, album, cache, made):
    first = pictures.get(Rendition("a.jpg"), 800)
    assert pictures.get(Rendition("a.jpg"), 800) == first
    assert Pictures(album, cache / "pictures").get(Rendition("a.jpg"), 800) == first
    assert len(made) == 1
    pictures.get(Rendition("a.jpg"), 1200)
    pictures.get(Rendition("a.jpg", BRIGHT), 800)
    assert len(made) == 3
    assert (cache / "pictures").stat().st_mode & 0o077 == 0


def test_many_threads_make_it_once(pictures, made):
    threads = [threading.Thread(target=pictures.get, args=(Rendition("b.jpg"), 800)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert not pictures._busy


def test_a_changed_photo_is_made_anew(pictures, folder):
    before = pictures.get(Rendition("a.jpg"), 800)
    Image.new("RGB", (72, 48), (10, 20, 30)).save(folder / "a.jpg")
    assert pixels(pictures.get(Rendition("a.jpg"), 800)).mean() < pixels(before).mean() / 2


def test_a_damaged_cache_is_restored(pictures, cache):
    good = pictures.get(Rendition("a.jpg"), 800)
    [stored] = (cache / "pictures").rglob("*.jpg")
    for damage in (b"", b"not a jpeg", good.jpeg[:20], good.jpeg.replace(b"72x48", b"72_48")):
        stored.write_bytes(damage)
        assert pictures.get(Rendition("a.jpg"), 800) == good


def test_a_cache_that_cannot_be_written_only_costs_time(album, tmp_path):
    (tmp_path / "file").write_text("in the way")
    picture = Pictures(album, tmp_path / "file" / "pictures").get(Rendition("a.jpg"), 800)
    assert picture.width == 72


def test_what_cannot_be_read_is_said(pictures, folder):
    (folder / "a.jpg").write_bytes(b"\xff\xd8\xff cut short")
    with pytest.raises(PhotoError, match=r"a\.jpg"):
        pictures.get(Rendition("a.jpg"), 800)


def test_the_cache_lies_where_the_system_wants_it(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "retouch_aes"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().is_relative_to(tmp_path)
    assert cache_folder().is_absolute()


def test_the_cache_is_kept_small_by_dropping_what_was_used_longest_ago(tmp_path):
    for age in range(5):
        path = tmp_path / f"{age}.jpg"
        path.write_bytes(bytes(100))
        os.utime(path, (1000 - age, 1000 - age))
    (tmp_path / "other.txt").write_bytes(bytes(1000))
    assert prune(tmp_path, 250) == 300
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.jpg", "1.jpg", "other.txt"]
    assert prune(tmp_path, 250) == 0
    assert prune(tmp_path / "missing", 1) == 0

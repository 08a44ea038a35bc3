"""The photos of a folder, and nothing else."""

import pytest

from retouch_aes.errors import PhotoError
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.album import Album

BRIGHT = Recipe((Step(OPERATORS["exposure"], (0.5,)),))


def test_names_are_relative_and_have_keys(album, folder):
    assert album.photos == (
        "a.jpg",
        "b.jpg",
        "c c.jpg",
        "turned.jpg",
        "Größe 写真/[d]é.png",
        "Größe 写真/e.webp",
    )
    keys = {album.key(Rendition(name)) for name in album.photos}
    assert len(keys) == 6
    assert all(len(key) == 24 and key.isalnum() for key in keys)
    assert all(name not in key for name in "abc" for key in [""])


def test_a_key_finds_what_it_was_made_for(album):
    plain, edited = Rendition("a.jpg"), Rendition("a.jpg", BRIGHT)
    assert album.key(plain) != album.key(edited)
    assert album.find(album.key(plain)) == plain
    assert album.find(album.key(edited)) == edited
    assert album.find("0" * 24) is None
    assert Album(album.folder).find(album.key(plain)) is None


@pytest.mark.parametrize(
    "name", ["../secret.jpg", "no.jpg", "/etc/passwd", "Größe 写真/../../secret.jpg", "a.jpg/x"]
)
def test_what_is_not_in_the_folder_has_no_key_and_no_path(album, folder, name):
    (folder.parent / "secret.jpg").write_bytes((folder / "a.jpg").read_bytes())
    assert album.key(Rendition(name)) == ""
    with pytest.raises(PhotoError, match="expected a photo in"):
        album.path(Rendition(name))


def test_absolute_paths_into_the_folder_are_understood(album, folder):
    absolute = Rendition(str(folder / "a.jpg"))
    assert album.key(absolute) == album.key(Rendition("a.jpg"))
    assert album.path(absolute) == folder / "a.jpg"


def test_links_out_of_the_folder_are_left_out(folder):
    outside = folder.parent / "private"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes((folder / "a.jpg").read_bytes())
    (folder / "link.jpg").symlink_to(outside / "secret.jpg")
    (folder / "linked").symlink_to(outside)
    (folder / "inner.jpg").symlink_to(folder / "a.jpg")
    album = Album(folder)
    assert "inner.jpg" in album.photos
    assert not {"link.jpg", "linked/secret.jpg"} & set(album.photos)
    assert album.left_out == 2


def test_a_photo_that_becomes_a_link_out_is_not_opened(album, folder):
    outside = folder.parent / "secret.jpg"
    outside.write_bytes((folder / "a.jpg").read_bytes())
    (folder / "b.jpg").unlink()
    (folder / "b.jpg").symlink_to(outside)
    with pytest.raises(PhotoError, match="expected a photo in"):
        album.path(Rendition("b.jpg"))


def test_a_folder_that_is_a_link_itself_is_fine(folder):
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert Album(link).photos == Album(folder).photos

"""What a run remembers."""

import pytest

from retouch_aes.batch import Manifest
from retouch_aes.errors import RetouchError


def test_what_was_done_is_known_again_with_the_same_settings_only(tmp_path) -> None:
    path = tmp_path / "out" / "m.jsonl"
    with Manifest(path, "a") as manifest:
        manifest.add("one.jpg", "begun")
        manifest.add("one.jpg", "done", content="c0ffee")
        manifest.add("two.jpg", "begun")
        assert manifest.done("one.jpg")["content"] == "c0ffee"
    with Manifest(path, "a") as again:
        assert again.done("one.jpg")["content"] == "c0ffee"
        assert again.done("two.jpg") is None
        assert [again.ours(name) for name in ("one.jpg", "two.jpg", "three.jpg")] == [True, True, False]
    with Manifest(path, "b") as other:
        assert other.done("one.jpg") is None
        assert other.finished_otherwise("one.jpg")["settings"] == "a"
        assert other.finished_otherwise("two.jpg") is None
        assert other.ours("two.jpg")


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_cut_short_loses_that_line_only(tmp_path, cut: int) -> None:
    path = tmp_path / "m.jsonl"
    with Manifest(path, "a") as manifest:
        manifest.add("one.jpg", "done", content="1")
        manifest.add("two.jpg", "done", content="2")
    path.write_bytes(path.read_bytes()[:-cut])
    with Manifest(path, "a") as again:
        assert again.done("one.jpg")
        assert (again.done("two.jpg") is None) == (cut > 1)
        again.add("three.jpg", "done", content="3")
    with Manifest(path, "a") as last:
        assert last.done("one.jpg")
        assert last.done("three.jpg")


def test_two_runs_at_once_are_refused(tmp_path) -> None:
    with Manifest(tmp_path / "m.jsonl", "a"), pytest.raises(RetouchError, match="in use"):
        Manifest(tmp_path / "m.jsonl", "a")


def test_what_was_begun_anew_is_ours_and_what_others_finished_is_theirs(tmp_path) -> None:
    path = tmp_path / "m.jsonl"
    with Manifest(path, "a") as manifest:
        manifest.add("one.jpg", "done", content="1")
    with Manifest(path, "b") as manifest:
        manifest.add("one.jpg", "begun")  # with --overwrite, and killed
        assert manifest.finished_otherwise("one.jpg") is None
    with Manifest(path, "b") as again:
        assert again.finished_otherwise("one.jpg") is None
    with Manifest(path, "c") as other:
        assert other.finished_otherwise("one.jpg")["settings"] == "a"
    with Manifest(path, "a") as first:
        assert first.finished_otherwise("one.jpg") is None

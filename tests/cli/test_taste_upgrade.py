"""`taste upgrade`: an old taste learned again on the score of today."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from retouch_aes.models import load_model
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.taste import load_taste
from retouch_aes.taste.gp.usual_edit import UsualEdit

OLD = Path(__file__).parent.parent / "fixtures" / "first_edition"


@pytest.fixture
def old(tmp_path, picture, monkeypatch):
    """A folder as commit 2fdeaf8 left it: photos, and the taste learned from them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "holiday"
    folder.mkdir()
    for place, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        picture.point(lambda value, part=place: value * (10 + part) // 16).save(folder / name)
    shutil.copy(OLD / "gp.taste", folder / "me.taste")
    return folder


def test_a_taste_of_the_first_edition_is_learned_again(scored, old, weights):
    before = (old / "me.taste").read_bytes()
    shutil.copy(OLD / "choices.jsonl", old)
    result = scored("taste upgrade", old / "me.taste")
    assert result.exit_code == 0, result.output
    new = load_taste(old / "me_upgraded.taste")
    assert new.info.fingerprint == load_model(weights[0]).fingerprint
    assert new.info.choices > 0
    assert (old / "me.taste").read_bytes() == before
    assert scored("score", old, "--taste", old / "me_upgraded.taste").exit_code == 0
    assert scored("taste upgrade", old / "me.taste").exit_code == 2  # never over the last one unasked
    assert scored("taste upgrade", old / "me.taste", "--overwrite").exit_code == 0
    assert load_taste(old / "me.taste").info.fingerprint == new.info.fingerprint


def test_answers_elsewhere_are_named(scored, old, tmp_path):
    arguments = ("--choices", OLD / "choices.jsonl", "--photos", old, "-o", tmp_path / "new.taste")
    assert scored("taste upgrade", old / "me.taste", *arguments).exit_code == 0
    assert load_taste(tmp_path / "new.taste").info.choices > 0


def test_ratings_teach_it_too(scored, old, tmp_path):
    table = tmp_path / "ratings.csv"
    rows = [
        f"{user},{name}.jpg,{rating}" for user in "xy" for name, rating in zip("abc", (1, 5, 3), strict=True)
    ]
    table.write_text("\n".join(("user,photo,rating", *rows)) + "\n")
    arguments = ("--ratings", table, "--photos", old)
    assert "--user" in scored("taste upgrade", old / "me.taste", *arguments).output  # two people, none named
    result = scored("taste upgrade", old / "me.taste", *arguments, "--user", "x")
    assert result.exit_code == 0, result.output
    assert load_taste(old / "me_upgraded.taste").info.ratings == 3
    alone = scored("taste upgrade", old / "me.taste", "--user", "x")
    assert alone.exit_code == 2
    assert "go with --ratings" in alone.output


def test_a_usual_edit_goes_with_it(scored, old):
    taste = load_taste(old / "me.taste")
    usual = UsualEdit(Recipe((Step(OPERATORS["exposure"], (0.4,)),)), 10)
    replace(taste, usual=usual).save(old / "me.taste", overwrite=True)
    shutil.copy(OLD / "choices.jsonl", old)
    assert scored("taste upgrade", old / "me.taste").exit_code == 0
    assert load_taste(old / "me_upgraded.taste").usual == usual


def test_without_answers_it_says_what_to_do(scored, old):
    result = scored("taste upgrade", old / "me.taste")
    assert result.exit_code == 2
    assert "holds no answers" in result.stderr
    assert "--choices" in result.stderr
    assert sorted(path.name for path in old.glob("*.taste")) == ["me.taste"]


def test_without_its_photos_they_are_named(scored, old, tmp_path):
    result = scored(
        "taste upgrade", old / "me.taste", "--choices", OLD / "choices.jsonl", "--photos", tmp_path
    )
    assert result.exit_code == 1
    assert "a.jpg" in result.stderr

"""`learn --edits`: ten edits with a habit become a taste that edits in that direction."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retouch_aes.models.edit_prior import LEAST_SPREAD
from retouch_aes.taste import load_taste
from retouch_aes.taste.gp.usual_edit import BESIDE_ANSWERS


@pytest.fixture
def edits(tmp_path: Path, picture: Image.Image) -> tuple[Path, Path]:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    for number in range(2):
        levels = np.asarray(picture.rotate(90 * (number % 2), expand=True)) * 0.6 + 10 * number
        Image.fromarray(levels.astype(np.uint8)).save(before / f"{number}.png")
        warm = (levels * [1.25, 1.05, 0.8]).clip(0, 255).astype(np.uint8)
        Image.fromarray(warm).save(after / f"{number}.jpg")
    return before, after


def test_a_taste_leans_to_what_was_done(scored, edits, tmp_path):
    made = scored("learn", "--edits", *edits, "-o", tmp_path / "me.taste", "--cache", tmp_path / "seen")
    assert made.exit_code == 0, made.output
    assert "2 edits" in made.stderr
    assert "fewer than 10" in made.stderr
    taste = load_taste(tmp_path / "me.taste")
    assert taste.info.choices == 2
    assert taste.adjustment.best_style["warmth"] > 0.2
    assert taste.usual is not None
    assert taste.usual.edits == 2
    assert "usual edit, of 2, with which every retouch starts: " in made.output
    assert taste.usual.spread == LEAST_SPREAD


def test_other_answers_beside_edits_loosen_the_usual_one(scored, edits, tmp_path):
    (tmp_path / "said.csv").write_text("winner,loser\n0.png,1.png\n")
    beside = ("--choices", tmp_path / "said.csv", "-o", tmp_path / "me.taste", "--cache", tmp_path / "seen")
    made = scored("learn", edits[0], "--edits", *edits, *beside)
    assert made.exit_code == 0, made.output
    usual = load_taste(tmp_path / "me.taste").usual
    assert usual is not None
    assert usual.spread == BESIDE_ANSWERS


def test_the_folder_of_photos_is_for_answers_about_it(scored, edits, tmp_path):
    told = scored("learn", "--stars", "--edits", *edits, "-o", tmp_path / "me.taste")
    assert told.exit_code == 2
    assert "PHOTOS" in told.stderr
    assert scored("learn", "-o", tmp_path / "me.taste").exit_code == 2

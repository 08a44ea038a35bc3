"""`learn --edits`: ten edits with a habit become a taste that edits in that direction."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retouch_aes.taste import load_taste


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
    told = scored("looks", "export", tmp_path / "me.taste", "--photos", edits[0], "-o", tmp_path / "presets")
    assert told.exit_code == 0, told.output
    assert (tmp_path / "presets" / "me.xmp").exists()


def test_the_folder_of_photos_is_for_answers_about_it(scored, edits, tmp_path):
    told = scored("learn", "--stars", "--edits", *edits, "-o", tmp_path / "me.taste")
    assert told.exit_code == 2
    assert "PHOTOS" in told.stderr
    assert scored("learn", "-o", tmp_path / "me.taste").exit_code == 2

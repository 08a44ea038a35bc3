"""`apply --mask`: an edit in a part of the photo, and what other programs are told of it."""

import numpy as np
import pytest
from PIL import Image

from retouch_aes.operators import OPERATORS, Recipe, Step


@pytest.fixture
def darker(tmp_path):
    path = tmp_path / "darker.json"
    Recipe((Step(OPERATORS["exposure"], (-1.0,)), Step(OPERATORS["contrast"], (0.0,)))).save(path)
    return path


def test_the_edit_stays_within_the_mask(run, darker, tmp_path):
    photo, out = tmp_path / "grey.png", tmp_path / "out.png"
    Image.new("RGB", (90, 120), (128, 128, 128)).save(photo)
    mask = ("--mask", "exposure=linear:full_y=0.1,zero_y=0.5")
    result = run("apply", darker, photo, "-o", out, *mask, "--sidecar", "xmp")
    assert result.exit_code == 0, result.stderr
    rows = np.asarray(Image.open(out)).mean(axis=(1, 2))
    assert rows[:10].max() < 97
    assert abs(rows[65:] - 128).max() < 1
    assert "exposure (linear 0.5 0.1 0.5 0.5): cannot be said there" in result.stderr
    [sidecar] = tmp_path.glob("*.xmp")
    assert "Exposure2012" not in sidecar.read_text()


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        ("hat", "unknown mask 'hat'; there are: luminance"),
        ("luminance:low=900", "expected 0 to 100 for low, got 900"),
        ("hsl=sky", "no step 'hsl' to bind to a mask; there are: contrast, exposure"),
        ("", "unknown mask ''"),
    ],
)
def test_a_mask_that_is_none_is_told(run, darker, photo, tmp_path, mask, told):
    result = run("apply", darker, photo, "-o", tmp_path / "out.jpg", "--mask", mask)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert not (tmp_path / "out.jpg").exists()

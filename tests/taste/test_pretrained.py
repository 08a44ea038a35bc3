"""A taste in a folder, to keep or to upload."""

import pytest
import torch

from retouch_aes.errors import RetouchError, WeightsError
from retouch_aes.taste import taste_from_pretrained
from retouch_aes.taste.gp.learn import learn_gp
from retouch_aes.taste.gp.taste import GPTaste


@pytest.fixture(scope="module")
def taste(bright_answers, folder, generic) -> GPTaste:
    return learn_gp(bright_answers[:12], folder, generic)


def test_a_folder_gives_the_taste_back(taste, tmp_path):
    path = taste.save_pretrained(tmp_path / "mine")
    assert sorted(one.name for one in path.parent.iterdir()) == ["README.md", "taste.safetensors"]
    again = taste_from_pretrained(tmp_path / "mine")
    assert again.card == taste.card
    assert torch.allclose(again.adjustment.weights, taste.adjustment.weights)
    page = (tmp_path / "mine" / "README.md").read_text()
    assert "Licence: none granted" in page
    assert taste.card.fingerprint in page
    with pytest.raises(RetouchError, match="exists already"):
        taste.save_pretrained(tmp_path / "mine")
    taste.save_pretrained(tmp_path / "mine", licence="CC0-1.0", overwrite=True)
    assert "license: cc0-1.0" in (tmp_path / "mine" / "README.md").read_text()


def test_a_folder_without_one(tmp_path):
    with pytest.raises(WeightsError, match=r"holds no taste\.safetensors"):
        taste_from_pretrained(tmp_path)

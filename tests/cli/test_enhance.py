"""`enhance`: which networks it takes, what it writes, and what it refuses before any photo is read."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

NETS = """
from torch import nn

class Darker(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(__import__("torch").tensor(0.5))
    def forward(self, image):
        return image * self.gain

class Grey(nn.Module):
    def forward(self, image):
        return image[:, :1]
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    (tmp_path / "nets_for_cli.py").write_text(NETS)
    monkeypatch.syspath_prepend(tmp_path)
    return "nets_for_cli"


def mean(path):
    return float(np.asarray(Image.open(path), dtype=float).mean())


def test_a_class_of_ones_own(run, nets, photo, tmp_path):
    out = tmp_path / "dark.png"
    result = run("enhance", photo, "--enhancer", f"{nets}:Darker", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert mean(out) == pytest.approx(mean(photo) / 2, abs=0.6)
    save_file({"gain": torch.tensor(0.25)}, tmp_path / "w.safetensors")
    run("enhance", photo, "--enhancer", f"{nets}:Darker", "-o", out, "--overwrite",
        "--enhancer-weights", tmp_path / "w.safetensors")  # fmt: skip
    assert mean(out) == pytest.approx(mean(photo) / 4, abs=0.6)


def test_strength_blends_and_tiles_change_nothing(run, nets, photo, tmp_path):
    out = tmp_path / "half.png"
    result = run(
        "enhance", photo, "--enhancer", f"{nets}:Darker", "-o", out, "--strength", 0.5, "--tiles", 64
    )
    assert result.exit_code == 0, result.stderr
    assert mean(out) == pytest.approx(mean(photo) * 0.75, abs=0.6)


def test_a_folder_with_broken_photos(run, nets, tree, tmp_path):
    result = run("enhance", tree, "--enhancer", f"{nets}:Darker", "-o", tmp_path / "out", "--json", "-")
    assert result.exit_code == 1
    records = json.loads(result.stdout)
    assert sum("error" in record for record in records) == 3
    assert (tmp_path / "out" / "one two.jpg").is_file()


@pytest.mark.parametrize(
    ("enhancer", "code", "message"),
    [
        ("nets_for_cli:Grey", 2, "(1, 1, 96, 128)"),
        ("nets_for_cli:Nobody", 2, "has no Nobody"),
        ("nothing.here:Net", 2, "importing nothing.here failed"),
        ("nobody", 2, "nobody"),
    ],
)
def test_what_does_not_fit_is_refused_before_any_work(run, nets, photo, enhancer, code, message):
    result = run("enhance", photo, "--enhancer", enhancer)
    assert result.exit_code == code
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not photo.with_name("photo_retouched.jpg").exists()


def test_an_enhancer_is_asked_for(run, photo):
    assert run("enhance", photo).exit_code == 2

"""Every demo runs, offline, and leaves what it promises."""

import json
import runpy
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from retouch_aes.photo import read

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a demo with the output folder `tmp_path`, without a network; what it printed comes back."""

    def refuse(*_):
        raise AssertionError("a demo asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    def execute(name):
        monkeypatch.setattr(sys, "argv", [name, str(tmp_path)])
        runpy.run_path(str(DEMOS / name), run_name="__main__")
        return capsys.readouterr().out

    return execute


def test_no_demo_is_long():
    for path in sorted(DEMOS.glob("*.py")):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 120, path


def test_retouch_a_photo(run, tmp_path):
    printed = run("01_retouch_a_photo.py")
    for name in ("china", "china_dark", "flower", "flower_dark"):
        before, after = (read(tmp_path / f"{name}{end}.jpg") for end in ("", "_retouched"))
        assert before.image.shape == after.image.shape
        assert json.loads((tmp_path / f"{name}_recipe.json").read_text())["format"] == "retouch_aes.recipe"
        assert str(tmp_path / f"{name}_before_after.jpg") in printed
        assert (tmp_path / f"{name}_before_after.jpg").is_file()
    for name in ("china", "flower"):
        ends = ("", "_dark", "_dark_retouched")
        good, dark, restored = (read(tmp_path / f"{name}{end}.jpg").image for end in ends)
        assert (restored - good).abs().mean() < 0.6 * (dark - good).abs().mean()
    assert printed.count(" -> ") == 4


def test_aesthetic_loss_in_your_training(run, tmp_path):
    printed = run("02_aesthetic_loss_in_your_training.py")
    fidelity = [float(line.split()[3]) for line in printed.splitlines() if line.startswith("step")]
    assert np.mean(fidelity[-3:]) < np.mean(fidelity[:3])
    text = (DEMOS / "02_aesthetic_loss_in_your_training.py").read_text()
    assert all(f"# [{number}]" in text for number in range(1, 6))
    assert (tmp_path / "02_tiny_enhancer.jpg").is_file()


def test_your_own_operator(run):
    printed = run("03_your_own_operator.py")
    assert "obeys the laws" in printed
    assert "split_tone" in printed


def test_batch_in_python(run, tmp_path):
    first = run("04_batch_in_python.py")
    assert "3 done, 0 done before, 1 failed" in first
    assert "broken.jpg: expected" in first
    second = run("04_batch_in_python.py")
    assert "0 done, 3 done before, 1 failed" in second
    made = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "04_batch/out").rglob("*.*"))
    assert len(made) == 6


def test_learn_a_taste(run, tmp_path):
    printed = run("05_learn_a_taste.py")
    assert "learned from 40 choices" in printed
    liked = [
        [float(part.split()[-1]) for part in line.split(", ")]
        for line in printed.splitlines()
        if " liked " in line
    ]
    assert len(liked) == 2
    assert all(personal > generic for _, generic, personal in liked)
    assert (tmp_path / "05_before_generic_personal.jpg").is_file()
    assert (tmp_path / "05_bright.taste").stat().st_size < 1_000_000


def test_train_an_enhancer_to_a_taste(run, tmp_path):
    printed = run("06_train_an_enhancer_to_a_taste.py")
    assert printed.count("taste ") == printed.count("fidelity ") == 3
    assert (tmp_path / "06_enhanced.jpg").is_file()
    text = (DEMOS / "06_train_an_enhancer_to_a_taste.py").read_text()
    assert all(f"# [{number}]" in text for number in range(1, 6))

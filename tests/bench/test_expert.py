"""Editors with one plain habit: their taste is learned and followed on photos left out."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_images

from retouch_aes import load_model, load_prior
from retouch_aes.bench.editing.expert import expert
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.optim.bfgs import BFGS


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[Path, Path]]:
    """Seven parts of two real photographs, and versions of them that are warmer."""
    found, warm = [], torch.tensor([1.2, 1.0, 0.75]).view(3, 1, 1)
    scenes = [torch.from_numpy(image.copy()).permute(2, 0, 1) / 255 for image in load_sample_images().images]
    for number in range(7):
        top, left = 70 * (number // 2), 120 * (number // 2)
        photo = 0.05 + 0.75 * scenes[number % 2][:, top : top + 192, left : left + 256]
        paths = tmp_path / f"{number}_input.png", tmp_path / f"{number}_editor.png"
        for path, image in zip(paths, (photo, (warm * photo).clamp(0, 1)), strict=True):
            Image.fromarray((image.permute(1, 2, 0) * 255).round().byte().numpy()).save(path)
        found.append(paths)
    return found


def test_a_habit_is_learned(pairs: list[tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_STEPS", "_LOOKS"):  # of the fit: a plain habit takes few
        monkeypatch.setattr(f"retouch_aes.export.projection.{name}", 15)
    settings = RetouchSettings(proxy=96, solver=BFGS(steps=4))
    report = expert(pairs, load_model("aesthetic-compact"), load_prior("edit-prior"), settings=settings)
    assert report.nearer.value > 0  # six choices tell little of six sliders, and a little is followed
    assert len(report.each) == 7
    assert report.distances["personal retouch"].value < report.distances["generic retouch"].value
    assert "nearer than generic" in report.to_markdown()
    floor = report.distances["sliders fitted to the answer (the floor)"].value
    median = report.distances["the median of their other edits"].value
    assert floor < median < report.distances["the photo as it was"].value
    edits = report.distances["personal, from edits (learn --edits)"].value
    assert floor < edits < report.distances["generic retouch"].value


def test_two_pairs_are_too_few(pairs: list[tuple[Path, Path]]) -> None:
    with pytest.raises(UsageError, match="three pairs"):
        expert(pairs[:2], load_model("aesthetic-compact"), None)

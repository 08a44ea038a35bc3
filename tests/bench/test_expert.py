"""Editors with one plain habit: their taste is learned and followed on photos left out."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from retouch_aes import load_model, load_prior
from retouch_aes.bench.expert import expert
from retouch_aes.errors import UsageError
from retouch_aes.retouch import QuasiNewton, Settings
from retouch_aes.testing import smooth_photo


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[Path, Path]]:
    """Seven photos, and versions of them that are warmer."""
    found, warm = [], torch.tensor([1.2, 1.0, 0.75]).view(3, 1, 1)
    for number in range(7):
        photo = 0.15 + 0.5 * smooth_photo(torch.Generator().manual_seed(number), 1, 96, 128)[0]
        paths = tmp_path / f"{number}_input.png", tmp_path / f"{number}_editor.png"
        for path, image in zip(paths, (photo, (warm * photo).clamp(0, 1)), strict=True):
            Image.fromarray((image.permute(1, 2, 0) * 255).round().byte().numpy()).save(path)
        found.append(paths)
    return found


def test_a_habit_is_learned(pairs: list[tuple[Path, Path]]) -> None:
    settings = Settings(proxy=96, solver=QuasiNewton(steps=4))
    report = expert(pairs, load_model("aesthetic"), load_prior("edit-prior"), settings=settings)
    assert report.nearer.value > 0.5
    assert len(report.each) == 7
    assert report.distances["personal retouch"].value < report.distances["generic retouch"].value
    assert "nearer than generic" in report.to_markdown()


def test_two_pairs_are_too_few(pairs: list[tuple[Path, Path]]) -> None:
    with pytest.raises(UsageError, match="three pairs"):
        expert(pairs[:2], load_model("aesthetic"), None)

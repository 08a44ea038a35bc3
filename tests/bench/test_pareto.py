"""More steps cost more and raise the score more."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from retouch_aes import load_model
from retouch_aes.bench.editing.pareto import pareto
from retouch_aes.errors import UsageError
from retouch_aes.testing import smooth_photo


def test_steps_cost_time_and_raise_the_score(tmp_path: Path) -> None:
    image = smooth_photo(torch.Generator().manual_seed(0), 1, 96, 128)[0]
    path = tmp_path / "photo.png"
    Image.fromarray((image.permute(1, 2, 0) * 255).round().byte().numpy()).save(path)
    # Without a prior: one weighs what it knows against the score, and a search may then give score away.
    report = pareto([path], load_model("aesthetic-compact"), None, proxies=(64,), steps=(0, 12))
    none, some = report.points
    assert none.seconds < some.seconds
    assert abs(none.rise) < 1e-6 < some.rise
    assert report.picture().size == (720, 420)
    assert "64 px, 12 steps" in report.to_markdown()


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(UsageError, match="expected photos"):
        pareto([], load_model("aesthetic-compact"), None)

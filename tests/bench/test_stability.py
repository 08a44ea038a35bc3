import json

import pytest
from torch import Tensor

from retouch_aes.bench.scoring.stability import CHANGES, stability
from retouch_aes.errors import UsageError


def mean(image: Tensor) -> Tensor:
    return 10 * image.mean((1, 2, 3))


def left(image: Tensor) -> Tensor:
    return 10 * image[..., : image.shape[-1] // 2].mean((1, 2, 3))


def test_a_score_of_the_mean_hardly_moves(photos):
    report = stability(photos, mean, side=96)
    assert list(report.moved) == list(CHANGES)
    assert all(abs(v) < 0.2 for name, vs in report.moved.items() if "cut" not in name for v in vs)
    assert report.moved["mirrored"] == pytest.approx([0] * len(photos), abs=1e-5)
    assert json.loads(json.dumps(report.to_json()))["photos"] == [path.name for path in photos]
    assert "mirrored" in report.to_markdown()


def test_a_score_of_one_half_moves_when_mirrored(photos):
    report = stability(photos, left, side=96)
    assert max(map(abs, report.moved["mirrored"])) > 0.05


def test_no_photos_are_refused():
    with pytest.raises(UsageError, match="expected photos"):
        stability([], mean)

"""The lean of a photo: found where lines agree, and 0 where they do not."""

import pytest
import torch

from retouch_aes.operators import Framing
from retouch_aes.operators.horizon import horizon
from retouch_aes.testing import smooth_photo


def sea(height: int = 320, width: int = 480) -> torch.Tensor:
    """A level horizon under a bright sky, with a mast."""
    image = torch.full((1, 3, height, width), 0.8)
    image[..., height * 3 // 5 :, :] = 0.3
    image[..., height // 5 : height * 4 // 5, width // 3 : width // 3 + 5] = 0.1
    grain = torch.rand(image.shape, generator=torch.Generator().manual_seed(0))
    return image + 0.02 * grain


@pytest.mark.parametrize("angle", [-6.0, -1.5, 2.0, 5.0])
def test_a_horizon_is_found(angle: float) -> None:
    found = horizon(Framing(angle).apply(sea()))
    assert found.correction == pytest.approx(-angle, abs=0.4)


def test_a_level_photo_is_left() -> None:
    assert horizon(sea()).correction == 0


def test_without_lines_there_is_doubt() -> None:
    assert horizon(smooth_photo(torch.Generator().manual_seed(0), 1, 200, 300)).correction == 0
    assert horizon(torch.rand(1, 3, 200, 300, generator=torch.Generator().manual_seed(1))).correction == 0
    assert horizon(torch.zeros(1, 3, 64, 64)).correction == 0


def test_lines_that_do_not_agree_are_doubt() -> None:
    fan = torch.zeros(1, 3, 320, 480)
    rows, columns = torch.meshgrid(torch.arange(320.0), torch.arange(480.0), indexing="ij")
    for slope in (-0.14, -0.07, 0.0, 0.07, 0.14):  # lines that meet far away, as of a wall seen aslant
        fan += ((rows - 160 - 500 * slope - slope * columns).abs() < 3).float()
    assert horizon(fan.clamp(0, 1)).correction == 0

"""Patches of one crop in another: maps, crops and opinions stay of one mind."""

import pytest
import torch
from torch import Generator, Tensor

from retouch_aes.training.score.patch_mixing import mix_patches


def examples(count: int = 8, side: int = 192) -> tuple[Tensor, list[Tensor], Tensor]:
    """Crops, maps and opinions that all say which crop they belong to."""
    number = torch.arange(float(count))
    grids = (side // 8, side // 16, side // 32)
    plane = number.view(-1, 1, 1, 1)
    return plane.expand(count, 3, side, side), [plane.expand(count, 2, g, g) for g in grids], number


@pytest.mark.parametrize("side", [64, 160, 192])
def test_crops_maps_and_opinions_agree_on_what_lies_where(side: int) -> None:
    crops, maps, opinions = mix_patches(*examples(side=side), 1.0, Generator().manual_seed(0))
    assert any(crop.unique().numel() == 2 for crop in crops)
    for crop, opinion in zip(crops, opinions, strict=True):
        assert opinion.item() == pytest.approx(crop.mean().item(), abs=1e-3)
    for m in maps:
        stride = side // m.shape[-1]
        torch.testing.assert_close(m[:, 0], crops[:, 0, ::stride, ::stride])


def test_a_patch_is_smaller_than_its_crop_and_most_of_the_asked_share_is_patched() -> None:
    crops, _, _ = mix_patches(*examples(200), 0.5, Generator().manual_seed(1))
    own = (crops[:, 0] == torch.arange(200.0).view(-1, 1, 1)).flatten(1).float().mean(1)
    assert own.min() > 0
    assert 0.35 < (own < 1).float().mean() < 0.65


def test_without_a_share_nothing_changes() -> None:
    before = examples()
    after = mix_patches(*before, 0.0, Generator().manual_seed(2))
    torch.testing.assert_close(after, before)

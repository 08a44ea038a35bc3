"""The losses of Zero-DCE against loops, and where each is least."""

import pytest
import torch

from retouch_aes.losses.zero_reference import (
    colour_constancy,
    exposure_control,
    spatial_consistency,
    total_variation,
)


def photos(seed: int) -> torch.Tensor:
    return torch.rand(2, 3, 16, 20, generator=torch.Generator().manual_seed(seed))


def test_spatial_consistency_in_loops() -> None:
    enhanced, image = photos(0), photos(1)
    total, count = 0.0, 0
    for n in range(2):
        means = []
        for x in (enhanced, image):
            grid = {}
            for i in range(4):
                for j in range(5):
                    grid[i, j] = float(x[n, :, 4 * i : 4 * i + 4, 4 * j : 4 * j + 4].mean())
            means.append(grid)
        for i, j in means[0]:
            for step in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                there = (i + step[0], j + step[1])
                y, x = (grid[i, j] - grid.get(there, 0.0) for grid in means)
                total += (y - x) ** 2
            count += 1
    assert float(spatial_consistency(enhanced, image)) == pytest.approx(total / count, rel=1e-4)
    assert float(spatial_consistency(image, image)) == 0


def test_exposure_is_best_at_the_level() -> None:
    values = [float(exposure_control(torch.full((1, 3, 32, 32), x))) for x in (0.2, 0.6, 0.9)]
    assert values == pytest.approx([0.16, 0.0, 0.09], abs=1e-5)


def test_colour_is_best_at_grey() -> None:
    grey = torch.full((1, 3, 8, 8), 0.4)
    assert float(colour_constancy(grey)) == pytest.approx(0, abs=1e-5)
    red = grey.clone()
    red[:, 0] += 0.2
    assert float(colour_constancy(red)) == pytest.approx((2 * 0.2**4) ** 0.5, rel=1e-3)


def test_variation_counts_steps() -> None:
    curves = torch.zeros(1, 2, 4, 5)
    curves[0, 1, :, 2:] = 0.5
    assert float(total_variation(curves)) == pytest.approx(2 * (4 * 0.25) / (4 * 4))
    assert float(total_variation(curves[:, :1])) == 0

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor


@pytest.fixture(scope="session")
def leaves() -> Callable[[int], Tensor]:
    """Dead leaves, `(1, 3, 256, 384)`: discs of all sizes over one another, edges as in nature."""

    def draw(seed: int) -> Tensor:
        generator = np.random.default_rng(seed)
        y, x = np.mgrid[0:256, 0:384]
        picture = np.empty((256, 384, 3), np.float32)
        picture[:] = generator.uniform(0.2, 0.8, 3)
        for radius in sorted(4 * generator.pareto(1.2, 220) + 4, reverse=True):
            inside = (y - generator.uniform(0, 256)) ** 2 + (x - generator.uniform(0, 384)) ** 2 < radius**2
            picture[inside] = generator.uniform(0.1, 0.9, 3)
        return torch.from_numpy(picture).permute(2, 0, 1)[None]

    return draw

"""Full size for networks that measure a small copy and then act on every pixel by what they found.

`measure` looks once at the photo, reduced to `side`, and returns `Stats` (numbers for the frame, coarse
maps); `edit` acts on any part of it by them. This is the contract of the operators, with one difference:
gradients flow through `measure`, because that is where the weights are.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.color.resize import proxy
from retouch_aes.enhancers.full_size import FullSize
from retouch_aes.operators import Stats, Tile

STRIP = 262_144  # pixels


@dataclass(frozen=True)
class MeasuredFullSize(FullSize):
    """Measure at a long side of `side` pixels (None: at full size), apply in strips."""

    side: int | None = None

    def run(self, network: nn.Module, image: Tensor) -> Tensor:
        """See `FullSize.run`."""
        measuring: Any = network
        stats = measuring.measure(image if self.side is None else proxy(image, self.side))
        height, width = image.shape[-2:]
        rows = max(1, STRIP // width)
        strips = [
            measuring.edit(image[..., top : top + rows, :], Stats(stats.values, Tile(top, 0, height, width)))
            for top in range(0, height, rows)
        ]
        return torch.cat(strips, dim=-2)

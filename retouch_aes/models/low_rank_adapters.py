"""Low-rank adapters: what a frozen trunk's last 1x1 convolutions have to add to their weights.

    W' = W + U D,      W (out, in),  D (rank, in),  U (out, rank)

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (ICLR 2022). Only `D` and `U` are ours, and
stored; added to `W` once, when a file is loaded, they cost no time. With `U = 0`, as they begin, the trunk is
what it was.
"""

from collections.abc import Mapping
from math import sqrt

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError


class LowRankAdapters(nn.Module):
    """Of `rank`, one for each of `convolutions`, 1x1 and by name; random `D`, `U = 0`."""

    def __init__(self, convolutions: Mapping[str, nn.Conv2d], rank: int) -> None:
        super().__init__()
        fewest = min(min(one.in_channels, one.out_channels) for one in convolutions.values())
        if not 1 <= rank <= fewest:
            raise UsageError(f"expected adapters of a rank of 1 to {fewest}, got {rank!r}")
        self.rank = rank
        self.names = tuple(convolutions)
        self.down, self.up = nn.ParameterList(), nn.ParameterList()
        for one in convolutions.values():
            down = nn.Parameter(torch.empty(rank, one.in_channels))
            bound = 1 / sqrt(one.in_channels)
            nn.init.uniform_(down, -bound, bound)
            self.down.append(down)
            self.up.append(nn.Parameter(torch.zeros(one.out_channels, rank)))

    def forward(self) -> dict[str, Tensor]:
        """What they add to the weight `(out, in, 1, 1)` of each convolution, by its name."""
        products = (up @ down for up, down in zip(self.up, self.down, strict=True))
        return {name: one[:, :, None, None] for name, one in zip(self.names, products, strict=True)}

"""Feature maps made small enough to train a person's network on them in a second.

    c(m) = M (pool(m) - mu)

`pool` averages a map onto a grid of `grid x grid` positions; `mu` and the rows of `M` are the mean and the
first principal components of all positions of a study's photos, scaled so that the components have a mean
variance of 1. Fixed for a study, no person's ratings in it, and differentiable to the maps.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.papers.common.described import described
from retouch_aes.papers.stored_maps import Maps

_POSITIONS, _BLOCK = 20_000, 1000


@described
class CondensedMaps(nn.Module):
    """Maps `(B, C_l, h_l, w_l)` of some levels -> `(B, c_l, g, g)` each; `widths` are the c_l."""

    def __init__(self, means: Sequence[Tensor], matrices: Sequence[Tensor], grid: int) -> None:
        super().__init__()
        self.grid = grid
        self.sources = tuple(matrix.shape[1] for matrix in matrices)
        self.widths = tuple(len(matrix) for matrix in matrices)
        for level, (mean, matrix) in enumerate(zip(means, matrices, strict=True)):
            self.register_buffer(f"mean{level}", mean)
            self.register_buffer(f"matrix{level}", matrix)

    @staticmethod
    def of(maps: Sequence[Maps], channels: int, grid: int, seed: int = 0) -> "CondensedMaps":
        """Learned from the `maps` of a study, one entry a level; `channels` are kept of each at most."""
        if not maps or any(len(m.shape) != 4 for m in maps):
            got = [tuple(m.shape) for m in maps]
            raise UsageError(f"expected a study with feature maps (P, C, h, w), one a level, got {got}")
        generator = torch.Generator().manual_seed(seed)
        means, matrices = [], []
        for level in maps:
            kept = torch.randperm(len(level) * grid * grid, generator=generator)[:_POSITIONS]
            rows = _positions(level, grid, kept).double()
            mean = rows.mean(0)
            covariance = (rows - mean).T @ (rows - mean) / max(1, len(rows) - 1)
            values, vectors = torch.linalg.eigh(covariance)
            count = min(channels, len(values))
            first = vectors[:, -count:].flip(1)
            first = first * torch.sign(first.gather(0, first.abs().argmax(0, keepdim=True)))
            scale = values[-count:].clamp(min=0).mean().clamp(min=1e-12).sqrt()
            means.append(mean.float())
            matrices.append((first.T / scale).float())
        return CondensedMaps(means, matrices, grid)

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"sources": list(self.sources), "widths": list(self.widths), "grid": self.grid}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CondensedMaps":
        """The part that `config` describes, without its numbers."""
        return cls(
            [torch.zeros(source) for source in config["sources"]],
            [
                torch.zeros(width, source)
                for width, source in zip(config["widths"], config["sources"], strict=True)
            ],
            int(config["grid"]),
        )

    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """See the class. `UsageError` for maps of other channels."""
        got = tuple(m.shape[1] for m in maps)
        if got != self.sources:
            raise UsageError(f"expected maps with the channels {self.sources}, got {got}")
        found = []
        for level, m in enumerate(maps):
            mean, matrix = self.get_buffer(f"mean{level}"), self.get_buffer(f"matrix{level}")
            pooled = F.adaptive_avg_pool2d(m.to(mean.dtype), self.grid)
            found.append(torch.einsum("oc,bchw->bohw", matrix, pooled - mean[:, None, None]))
        return tuple(found)


def _positions(maps: Maps, grid: int, kept: Tensor) -> Tensor:
    """What stands at the places `kept` `(K,)` of all photos' grids, one after the other: `(K, C)`."""
    if isinstance(maps, Tensor):
        every = F.adaptive_avg_pool2d(maps.float(), grid).flatten(2).transpose(1, 2).flatten(0, 1)
        return every[kept]
    rows = []
    for some in torch.split(kept, _BLOCK):
        read = F.adaptive_avg_pool2d(maps.rows(some // grid**2), grid).flatten(2)
        rows.append(read[torch.arange(len(some)), :, some % grid**2])
    return torch.cat(rows)

"""Edits that treat every pixel alone, baked into one 3D lookup table.

A table holds the edited colour at `size^3` colours evenly spread over a cube; between them it is trilinear:
the error falls with the square of the spacing. Colours outside the cube (an earlier operator may pass them
on) are edited exactly. `bake` takes the smallest of `SIZES` whose largest error over `_PROBES` random colours
stays well within the tolerance, and None where none does. Values are baked before the final clamp, so that
clipping stays where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SIZES = (33, 49, 65, 97)
_PROBES = 16_384
_SAFE = 0.75  # of the tolerance: the worst colour of all is a little worse than the worst of the probes
_LEAST = 0.7  # the error falls about with the square of the spacing; sizes that clearly miss are skipped
_ROWS = 64  # of a table, edited at a time

Edit = Callable[[Tensor], Tensor]
"""`(B, 3, H, W)` -> the same shape; every pixel alone."""


@dataclass(frozen=True)
class Table:
    """`values` `(1, 3, S, S, S)`, by blue, green and red, over the cube [low, high]^3; `edit` beyond it."""

    values: Tensor
    low: float
    high: float
    edit: Edit

    def __call__(self, image: Tensor) -> Tensor:
        """The edited `image` `(1, 3, H, W)`, sRGB about [0, 1]."""
        result = self._look_up(image)
        least, most = image.aminmax()
        if least < self.low or most > self.high:
            rows, columns = ((image < self.low) | (image > self.high)).any(dim=1)[0].nonzero(as_tuple=True)
            result[:, :, rows, columns] = self.edit(image[:, :, rows, columns][:, :, None])[:, :, 0]
        return result

    def _look_up(self, image: Tensor) -> Tensor:
        """Trilinear. Every row counts as a photo of its own, since PyTorch shares out work by photo."""
        rows = image.shape[2]
        places = (image[0].permute(1, 2, 0) - (self.low + self.high) / 2) * (2 / (self.high - self.low))
        found = F.grid_sample(
            self.values.expand(rows, -1, -1, -1, -1),
            places[:, None, None],
            padding_mode="border",
            align_corners=True,
        )
        return found[:, :, 0, 0].transpose(0, 1)[None]


def bake(edit: Edit, low: float, high: float, tolerance: float, pixels: int) -> Table | None:
    """The smallest table within `tolerance` of `edit`; None where it would not pay for that many `pixels`."""
    generator = torch.Generator().manual_seed(0)
    probes = low + (high - low) * torch.rand(1, 3, 1, _PROBES, generator=generator)
    exact = edit(probes).clamp(0, 1)
    error, tried = 0.0, SIZES[0]
    for size in SIZES:
        if pixels < 4 * size**3:
            return None
        if _LEAST * error * (tried / size) ** 2 > _SAFE * tolerance:
            continue
        table = Table(_values(edit, low, high, size), low, high, edit)
        error, tried = float((table(probes).clamp(0, 1) - exact).abs().max()), size
        if error <= _SAFE * tolerance:
            return table
    return None


def _values(edit: Edit, low: float, high: float, size: int) -> Tensor:
    steps = torch.linspace(low, high, size)
    blue, green, red = torch.meshgrid(steps, steps, steps, indexing="ij")
    colours = torch.stack([red, green, blue]).reshape(1, 3, size * size, size)
    done = torch.cat([edit(part) for part in torch.split(colours, _ROWS, dim=2)], dim=2)
    return done.reshape(1, 3, size, size, size).contiguous(memory_format=torch.channels_last_3d)

"""Edits that treat every pixel alone, baked into one 3D lookup table.

A table holds what the edit adds to a colour, at `size^3` colours evenly spread over a cube; between them
it is trilinear: the error falls with the square of the spacing. Blue is interpolated beforehand, to 256 or
1,024 levels of which a look-up takes the nearest: what is left is bilinear, which takes a third of the time.
Colours outside the cube (an earlier operator may pass them on) are edited exactly.

`bake_lut` takes the smallest of `SIZES` whose largest error over `_PROBES` random colours stays well within
the tolerance, and None where none does. Values are baked before the final clamp, so that clipping stays
where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SIZES = (33, 49, 65, 97)
BLUES = (256, 1024)
_PROBES = 16_384
_SAFE = 0.75  # of the tolerance: the worst colour of all is a little worse than the worst of the probes
_LEAST = 0.7  # the error falls about with the square of the spacing; sizes that clearly miss are skipped
_COLOURS = 49_152  # of a table, edited at a time

Edit = Callable[[Tensor], Tensor]
"""`(B, 3, H, W)` -> the same shape; every pixel alone."""


@dataclass(frozen=True)
class ColorLUT:
    """What `edit` adds over the cube [low, high]^3; `edit` itself beyond it.

    `values` `(1, 3, L (S + 2), S)` holds the `L` levels of blue one above the other, each a picture by green
    and red with its first and last row twice, so that no level runs into the next.
    """

    values: Tensor
    low: float
    high: float
    edit: Edit

    def __call__(self, image: Tensor) -> Tensor:
        """The edited `image` `(1, 3, H, W)`, sRGB about [0, 1]."""
        result = self._look_up(image)
        least, most = image.aminmax()
        if least < self.low or most > self.high:
            beyond = (image.amin(dim=1) < self.low) | (image.amax(dim=1) > self.high)
            places = torch.from_numpy(np.flatnonzero(beyond.numpy()))  # many times as fast as nonzero()
            result.flatten(2)[:, :, places] = self.edit(image.flatten(2)[:, :, None, places])[:, :, 0]
        return result

    def _look_up(self, image: Tensor) -> Tensor:
        """Right within the cube only. `places` holds columns and rows, each in a plane of its own."""
        height, size = self.values.shape[2:]
        levels, scale = height // (size + 2), 1 / (self.high - self.low)
        red, green, blue = image[0]
        places, pixel = image.new_empty(2, *red.shape), 2 / (height - 1)
        torch.mul(red, 2 * scale, out=places[0]).sub_(2 * scale * self.low + 1)
        row = torch.sub(blue, self.low, out=places[1]).mul_(scale * (levels - 1)).round_()
        row.mul_((size + 2) * pixel).add_(green, alpha=scale * (size - 1) * pixel)
        row.add_((1 - scale * self.low * (size - 1)) * pixel - 1)
        found = F.grid_sample(
            self.values, places.permute(1, 2, 0)[None], padding_mode="border", align_corners=True
        )
        return found.add_(image)


def bake_lut(edit: Edit, low: float, high: float, tolerance: float, pixels: int) -> ColorLUT | None:
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
        added = _added(edit, low, high, size)
        for levels in BLUES:
            table = ColorLUT(_by_level(added, levels), low, high, edit)
            error, tried = float((table(probes).clamp(0, 1) - exact).abs().max()), size
            if error <= _SAFE * tolerance:
                return table
    return None


def _added(edit: Edit, low: float, high: float, size: int) -> Tensor:
    """What `edit` adds to the colours of the cube, `(3, S, S, S)` by blue, green and red."""
    steps = torch.linspace(low, high, size)
    blue, green, red = torch.meshgrid(steps, steps, steps, indexing="ij")
    colours = torch.stack([red, green, blue]).reshape(1, 3, size * size, size)
    done = torch.cat([edit(part) for part in torch.split(colours, max(1, _COLOURS // size), dim=2)], dim=2)
    return (done - colours).reshape(3, size, size, size)


def _by_level(added: Tensor, levels: int) -> Tensor:
    """The values of a `ColorLUT`."""
    size = added.shape[-1]
    weights = F.interpolate(torch.eye(size)[None], size=levels, mode="linear", align_corners=True)[0].T
    padded = torch.cat([added[:, :, :1], added, added[:, :, -1:]], dim=2)
    return (weights @ padded.flatten(2)).reshape(1, 3, levels * (size + 2), size)

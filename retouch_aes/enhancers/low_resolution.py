"""Full size by a low-resolution prediction, for networks that need the whole frame at once.

The network works on a small copy. What it did there is described, around every pixel and channel by channel,
as a linear function `after = a * before + b` (the guided filter of He, Sun & Tang, with the photo as its own
guide); the maps `a` and `b` are smooth, are sampled at full size, and the edges come from the photo itself.
Colour and light carry over; detail that the network invented or removed does not.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from retouch_aes.color.guided import guided_coefficients
from retouch_aes.color.resize import proxy
from retouch_aes.enhancers.full_size import FullSize, answer
from retouch_aes.enhancers.measured import STRIP
from retouch_aes.operators import Stats, Tile

RADIUS = 1 / 128  # of the long side
FLAT = 1e-4  # variance below which an area counts as flat


@dataclass(frozen=True)
class LowResolution(FullSize):
    """A photo with a long side of at most `side` pixels goes through the network as it is."""

    side: int = 1024

    def run(self, network: nn.Module, image: Tensor) -> Tensor:
        """See `FullSize.run`."""
        small = proxy(image, self.side)
        after = answer(network, small)
        return after if small is image else carried_over(image, small, after)


def carried_over(image: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """On `image` `(B, 3, H, W)` the change that made `after` of its small copy `before` `(B, 3, h, w)`."""
    single = (-1, 1, *before.shape[-2:])
    radius = max(1, round(RADIUS * max(before.shape[-2:])))
    a, b = guided_coefficients(before.reshape(single), after.reshape(single), radius, FLAT)
    maps = {"a": a.reshape(before.shape), "b": b.reshape(before.shape)}
    height, width = image.shape[-2:]
    rows = max(1, STRIP // width)
    strips = []
    for top in range(0, height, rows):
        strip = image[..., top : top + rows, :]
        here = Stats(maps, Tile(top, 0, height, width))
        strips.append(here.on("a", strip) * strip + here.on("b", strip))
    return torch.cat(strips, dim=-2)

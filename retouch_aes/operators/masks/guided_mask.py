"""A mask made of what is seen: a weight for every pixel of a small copy, carried to full size along edges.

The weights of the small copy are a linear function of colour within every window (guided filter with a
colour guide: He, Sun, Tang, ECCV 2010), `w = a . rgb + b`. The maps `a` and `b` are smooth, the edges come
from the photo at full size: the mask ends where things end, and leaves no halo.
"""

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.guided import MAP_SIDE, colour_guided_coefficients
from retouch_aes.color.resize import proxy
from retouch_aes.operators.masks.mask import Mask
from retouch_aes.operators.operator import Stats

_RADIUS = 0.025  # of the long side
_EPSILON = 4e-4  # variance of colour below which an area is flat


@dataclass(frozen=True)
class GuidedMask(Mask):
    """A mask whose weights follow from the picture; `seen` finds them on a small copy."""

    @abstractmethod
    def seen(self, small: Tensor) -> Tensor:
        """The weights `(B, 1, h, w)` in [0, 1] on a small copy `(B, 3, h, w)`, sRGB [0, 1]."""

    def measure(self, image: Tensor) -> Stats:
        """Look once at the whole frame. No gradient flows through the answer.

        Args:
            image: The frame as it reaches the edit, or a small copy, `(B, 3, H, W)`, sRGB, about [0, 1].

        Returns:
            The coefficients of the weights over the colour, `a` `(B, 3, h, w)` and `b` `(B, 1, h, w)`.
        """
        with torch.no_grad():
            small = proxy(image.clamp(0, 1), MAP_SIDE)
            radius = max(1, round(_RADIUS * max(small.shape[-2:])))
            a, b = colour_guided_coefficients(small, self.seen(small), radius, _EPSILON)
        return Stats({"a": a, "b": b})

    def weight(self, image: Tensor, stats: Stats) -> Tensor:
        """See `Mask.weight`."""
        slope = (stats.on("a", image) * image.clamp(0, 1)).sum(dim=1, keepdim=True)
        return (stats.on("b", image) + slope).clamp(0, 1)


def ramp(value: Tensor, low: float, high: float) -> Tensor:
    """0 below `low`, 1 above `high`, smooth between (smoothstep); a step where the two meet."""
    share = ((value - low) / max(high - low, 1e-6)).clamp(0, 1)
    return share * share * (3 - 2 * share)


def band(value: Tensor, low: float, high: float, feather: float) -> Tensor:
    """1 from `low` to `high`, falling smoothly to 0 over `feather` on either side."""
    return ramp(value, low - feather, low) * (1 - ramp(value, high, high + feather))

"""A tone curve that cannot fold: its parameters are slopes, not points.

The slope of the curve at black, at the quarter, half and three-quarter tones and at white is `2^p`, linear
in between; the curve is its integral, scaled so that black stays black and white stays white. It is
monotone and smooth for every choice of `p`, and the same for the three channels of encoded sRGB.

kornia has no curve of several points: `enhance.adjust_gamma` has one, an infinite slope at black, and is
not-a-number below it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.operators.operator import Operator, Param, Stats

_NODES = (0.0, 0.25, 0.5, 0.75, 1.0)
_STEP = 0.25


def _slope(name: str, where: str) -> Param:
    return Param(name, -1.5, 1.5, 0.0, "stops of slope", f"slope of the curve {where}; 0 leaves it")


@dataclass(frozen=True)
class ToneCurve(Operator):
    """A smooth monotone curve through black and white."""

    name: str = "tone_curve"
    version: int = 1
    params: tuple[Param, ...] = (
        _slope("black", "at black"),
        _slope("quarter", "at the quarter tones"),
        _slope("half", "at mid grey"),
        _slope("three_quarter", "at the three-quarter tones"),
        _slope("white", "at white"),
    )
    doc: str = "monotone curve, given by its slopes"
    pointwise: bool = True

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        slopes = 2.0 ** params[:, :, None, None]
        bends = (slopes[:, 1:] - slopes[:, :-1]) / _STEP  # slope of the slope, by segment
        turns = torch.diff(
            bends, dim=1, prepend=torch.zeros_like(bends[:, :1]), append=torch.zeros_like(bends[:, :1])
        )
        curve = slopes[:, :1] * image
        for node, turn in zip(_NODES, torch.split(turns, 1, dim=1), strict=True):
            curve = curve + turn / 2 * (image - node).clamp(min=0) ** 2
        total = _STEP * (slopes[:, :-1] + slopes[:, 1:]).sum(dim=1, keepdim=True) / 2
        return curve / total

"""Vibrance: saturation for the pale colours, sparing those that are strong already.

`x' = luma + (x - luma) (1 + v / 100 * k^2 / (c^2 + k^2))`, where `c` is the colour's distance from its grey
and `k = 0.2`, about the strength of a clear sky's blue. kornia has
no vibrance; the grey is kornia's.
"""

from dataclasses import dataclass

from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.operators.operator import Operator, Param, Stats

_STRONG = 0.2**2


@dataclass(frozen=True)
class Vibrance(Operator):
    """Scale pale colours more than strong ones."""

    name: str = "vibrance"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("vibrance", -100.0, 100.0, 0.0, "%", "+100 doubles the palest colours and spares strong ones"),
    )
    doc: str = "more or less colour where it is pale"
    pointwise: bool = True
    colour: bool = True
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        colour = image - luma(image)
        pale = _STRONG / ((colour * colour).sum(dim=1, keepdim=True) + _STRONG)
        return image + colour * pale * (params[:, 0:1, None, None] / 100)

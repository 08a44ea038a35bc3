"""Saturation: every colour's distance from its grey, scaled. `x' = luma + (x - luma) (1 + s / 100)`.

On kornia's grey. `kornia.enhance.adjust_saturation_with_gray_subtraction` is the same formula, but it clips
(off by up to .45 at +50 %, and no gradient there) and weighs by Rec. 601; `adjust_saturation` clips in HSV.
"""

from dataclasses import dataclass

from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.operators.operator import Operator, Param, Stats


@dataclass(frozen=True)
class Saturation(Operator):
    """Scale all colours about grey, in encoded sRGB; luma stays."""

    name: str = "saturation"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("saturation", -100.0, 100.0, 0.0, "%", "-100 is black and white, +100 doubles every colour"),
    )
    doc: str = "more or less colour, everywhere"
    pointwise: bool = True
    colour: bool = True
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        return image + (image - luma(image)) * (params[:, 0:1, None, None] / 100)

"""Exposure: more or less light, in stops. `linear' = linear * 2^EV`, as opening the shutter longer would.

All of it is kornia's: the curve to linear light and back, and the gain between them.
"""

from dataclasses import dataclass

from torch import Tensor

from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.operators.operator import Operator, Param, Stats


@dataclass(frozen=True)
class Exposure(Operator):
    """Multiply linear light by `2^ev`."""

    name: str = "exposure"
    version: int = 1
    params: tuple[Param, ...] = (Param("ev", -2.0, 2.0, 0.0, "EV", "stops of light; +1 doubles it"),)
    doc: str = "more or less light"
    working_space: str = "linear light"
    pointwise: bool = True
    kornia: tuple[str, ...] = (
        "color.rgb_to_linear_rgb",
        "enhance.adjust_brightness_accumulative",
        "color.linear_rgb_to_rgb",
    )

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        from kornia.enhance import adjust_brightness_accumulative

        light = adjust_brightness_accumulative(srgb_to_linear(image), 2.0 ** params[:, 0], clip_output=False)
        return linear_to_srgb(light)

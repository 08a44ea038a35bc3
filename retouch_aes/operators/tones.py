"""Highlights, shadows, whites and blacks: four smooth bumps added to the luma.

Every pixel moves by `D(luma)`, the same amount in its three channels, so that hue and the distance between
channels stay. The bumps are cubic: whites `L^3`, blacks `(1 - L)^3` move the ends; highlights
`27/4 L^2 (1 - L)`, shadows `27/4 L (1 - L)^2` move the inside and leave the ends. At 100 each moves its
tones by a tenth of the range. Every combination keeps tones in order. Beyond [0, 1] the slope goes on.
kornia has nothing that moves a range of tones; the luma is kornia's.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.operators.operator import Operator, Param, Stats

_FULL = 0.1 / 100
_BUMP = 27 / 4


@dataclass(frozen=True)
class Tones(Operator):
    """Move highlights, shadows, whites and blacks, each up or down."""

    name: str = "tones"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("highlights", -100.0, 100.0, 0.0, "%", "bright tones, short of white"),
        Param("shadows", -100.0, 100.0, 0.0, "%", "dark tones, short of black"),
        Param("whites", -100.0, 100.0, 0.0, "%", "the white end"),
        Param("blacks", -100.0, 100.0, 0.0, "%", "the black end"),
    )
    doc: str = "highlights, shadows, whites and blacks"
    pointwise: bool = True
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        tone = luma(image)
        light = tone.clamp(0, 1)
        dark = 1 - light
        highlights, shadows, whites, blacks = torch.split(_FULL * params[:, :, None, None], 1, dim=1)
        move = (
            highlights * _BUMP * light**2 * dark
            + shadows * _BUMP * light * dark**2
            + whites * light**3
            + blacks * dark**3
        )
        slope = (
            highlights * _BUMP * (2 * light * dark - light**2)
            + shadows * _BUMP * (dark**2 - 2 * light * dark)
            + whites * 3 * light**2
            - blacks * 3 * dark**2
        )
        return image + move + slope * (tone - light)

"""Hue, saturation and lightness in eight colour bands.

The photo is split into luma and two opponent axes, `alpha = R - (G + B) / 2` and `beta = sqrt(3)/2 (G - B)`,
whose angle is the hue and whose length the chroma; both are linear in RGB, so nothing is unstable at grey.
Each band has a smooth bell over the hue circle (von Mises, concentration 10); the bells of a pixel are
scaled to sum to one, so that neighbouring bands blend. Hue shifts rotate (alpha, beta), saturation scales
it, lightness moves luma in proportion to how coloured the pixel is: greys never move.

Ours, not kornia's: the hue of `kornia.color.rgb_to_hsv` and `rgb_to_hls` has a slope of 1e6 beside grey and
jumps at red, and `enhance.adjust_hue` turns all colours alike. The luma is kornia's.
"""

from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt

import torch
from torch import Tensor

from retouch_aes.color.luma import GREEN, RED, luma
from retouch_aes.operators.operator import Operator, Param, Stats

BANDS = {
    "red": 0,
    "orange": 30,
    "yellow": 60,
    "green": 120,
    "aqua": 180,
    "blue": 225,
    "purple": 270,
    "magenta": 315,
}
_CONCENTRATION = 10.0
_GREY = 0.05**2  # squared chroma at which a pixel counts as half coloured
_FULL_LIGHT = 0.2


def _params() -> tuple[Param, ...]:
    return tuple(
        param
        for band in BANDS
        for param in (
            Param(f"{band}_hue", -30.0, 30.0, 0.0, "degrees", f"rotate the {band}s"),
            Param(f"{band}_saturation", -100.0, 100.0, 0.0, "%", f"colour of the {band}s"),
            Param(f"{band}_lightness", -100.0, 100.0, 0.0, "%", f"lightness of the {band}s"),
        )
    )


@dataclass(frozen=True)
class HSL(Operator):
    """Move hue, saturation and lightness of eight bands of colour."""

    name: str = "hsl"
    version: int = 1
    params: tuple[Param, ...] = _params()
    doc: str = "hue, saturation and lightness by colour band"
    pointwise: bool = True
    colour: bool = True
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        red, green, blue = torch.split(image, 1, dim=1)
        alpha, beta = red - (green + blue) / 2, (green - blue) * (sqrt(3) / 2)
        chroma = alpha**2 + beta**2
        length = (chroma + _GREY * 1e-2).sqrt()
        coloured = chroma / (chroma + _GREY)
        turn, scale, lift = self._blend(alpha / length, beta / length, params)
        cosine, sine = torch.cos(turn), torch.sin(turn)
        new_alpha = (alpha * cosine - beta * sine) * (1 + scale)
        new_beta = (alpha * sine + beta * cosine) * (1 + scale)
        d_alpha, d_beta = new_alpha - alpha, new_beta - beta
        # RGB from the changes of the axes at constant luma: solve for (dR, dG, dB).
        d_green_minus_blue = d_beta * (2 / sqrt(3))
        d_blue = -RED * d_alpha - (RED / 2 + GREEN) * d_green_minus_blue
        d_green = d_blue + d_green_minus_blue
        d_red = d_alpha + (d_green + d_blue) / 2
        light = luma(image).clamp(0, 1)
        room = 4 * light * (1 - light)
        return image + torch.cat([d_red, d_green, d_blue], dim=1) + _FULL_LIGHT * lift * coloured * room

    def _blend(self, x: Tensor, y: Tensor, params: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Per pixel `(B, 1, H, W)`: hue turn in radians, saturation factor minus one, lightness share."""
        bells = [
            torch.exp(_CONCENTRATION * (x * cos(radians(hue)) + y * sin(radians(hue)) - 1))
            for hue in BANDS.values()
        ]
        weights = torch.cat(bells, dim=1)
        weights = weights / weights.sum(dim=1, keepdim=True)
        table = params.reshape(-1, len(BANDS), 3) * params.new_tensor([pi / 180, 0.01, 0.01])
        blended = torch.einsum("bkhw,bkc->bchw", weights, table)
        turn, scale, lift = torch.split(blended, 1, dim=1)
        return turn, scale, lift

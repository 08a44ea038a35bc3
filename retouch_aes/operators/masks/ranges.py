"""Masks by what a pixel looks like: its lightness, or its hue and chroma."""

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.errors import RecipeError
from retouch_aes.operators.masks.guided_mask import GuidedMask, band, ramp
from retouch_aes.operators.masks.mask import setting


@dataclass(frozen=True)
class LuminanceMask(GuidedMask):
    """The tones between two levels of luma.

    Attributes:
        low: The darkest tone that the edit reaches in full, in % of white.
        high: The brightest.
        feather: Width of the soft ends beyond them, in %.

    Examples:
        >>> from retouch_aes import LuminanceMask
        >>> LuminanceMask(low=60).label  # the highlights
        'luminance 60 100 10'
    """

    kind: ClassVar[str] = "luminance"
    low: float = setting(0.0, 0.0, 100.0, "darkest tone reached in full, % of white")
    high: float = setting(100.0, 0.0, 100.0, "brightest tone reached in full, % of white")
    feather: float = setting(10.0, 0.0, 100.0, "width of the soft ends, % of white")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low > self.high:
            raise RecipeError(f"mask luminance: expected low <= high, got {self.low:g} and {self.high:g}")

    def seen(self, small: Tensor) -> Tensor:
        """See `GuidedMask.seen`."""
        return band(luma(small), self.low / 100, self.high / 100, self.feather / 100)


@dataclass(frozen=True)
class ColourMask(GuidedMask):
    """The colours around a hue: 0 red, 60 yellow, 120 green, 180 aqua, 240 blue, 300 magenta.

    Attributes:
        hue: The middle, in degrees.
        width: Of the hues that the edit reaches in full, in degrees.
        feather: Width of the soft ends beyond them, in degrees.
        chroma: Colours paler than that are left out, softly, in % of the strongest.

    Examples:
        >>> from retouch_aes import ColourMask
        >>> ColourMask(hue=225).label  # blues
        'colour 225 40 20 8'
    """

    kind: ClassVar[str] = "colour"
    hue: float = setting(0.0, 0.0, 360.0, "middle of the hues, degrees: 0 red, 120 green, 240 blue")
    width: float = setting(40.0, 0.0, 360.0, "of the hues reached in full, degrees")
    feather: float = setting(20.0, 0.0, 180.0, "width of the soft ends, degrees")
    chroma: float = setting(8.0, 0.0, 100.0, "paler colours are left out, % of the strongest")

    def seen(self, small: Tensor) -> Tensor:
        """See `GuidedMask.seen`."""
        hue, chroma = hue_and_chroma(small)
        away = (hue - self.hue + 180).remainder(360) - 180
        near = 1 - ramp(away.abs(), self.width / 2, self.width / 2 + self.feather)
        return near * ramp(chroma, self.chroma / 200, self.chroma / 100)


def hue_and_chroma(image: Tensor) -> tuple[Tensor, Tensor]:
    """`(B, 3, H, W)` sRGB -> hue in degrees, 0 to 360, and chroma, 0 to 1; `(B, 1, H, W)` each.

    The axes of the operator `hsl`, so that the hues are the same.
    """
    red, green, blue = torch.split(image, 1, dim=1)
    alpha, beta = red - (green + blue) / 2, sqrt(3) / 2 * (green - blue)
    return torch.rad2deg(torch.atan2(beta, alpha)).remainder(360), torch.hypot(alpha, beta)

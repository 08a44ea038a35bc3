"""Masks by place: the graduated and the radial filter. Exact at any size; nothing is measured.

Places are fractions of the frame, 0 to 1 from its left and its top, so that a mask fits a photo of any size.
"""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import ClassVar

import torch
from torch import Tensor

from retouch_aes.errors import RecipeError
from retouch_aes.operators.masks.guided_mask import ramp
from retouch_aes.operators.masks.mask import Mask, setting
from retouch_aes.operators.operator import Stats, Tile


@dataclass(frozen=True)
class LinearMask(Mask):
    """A graduated filter: in full at one point, gone at another, smooth between, straight across.

    Attributes:
        full_x: Where the edit applies in full, from the left; beyond it, too.
        full_y: The same, from the top.
        zero_x: Where it ends, from the left.
        zero_y: The same, from the top.

    Examples:
        >>> from retouch_aes import LinearMask
        >>> LinearMask(zero_y=0.4).label  # from the top edge down to two fifths
        'linear 0.5 0 0.5 0.4'
    """

    kind: ClassVar[str] = "linear"
    full_x: float = setting(0.5, -2.0, 3.0, "where the edit applies in full, from the left")
    full_y: float = setting(0.0, -2.0, 3.0, "where the edit applies in full, from the top")
    zero_x: float = setting(0.5, -2.0, 3.0, "where it ends, from the left")
    zero_y: float = setting(0.5, -2.0, 3.0, "where it ends, from the top")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.full_x, self.full_y) == (self.zero_x, self.zero_y):
            raise RecipeError("mask linear: expected two different points, got one twice")

    def weight(self, image: Tensor, stats: Stats) -> Tensor:
        """See `Mask.weight`."""
        across, down, width, height = _places(image, stats)
        along_x, along_y = (self.full_x - self.zero_x) * width, (self.full_y - self.zero_y) * height
        length = along_x**2 + along_y**2
        x, y = across - self.zero_x * width, down - self.zero_y * height
        share = y[:, None] * (along_y / length) + x * (along_x / length)
        return ramp(share, 0.0, 1.0).to(image)[None, None]


@dataclass(frozen=True)
class RadialMask(Mask):
    """A radial filter: an ellipse, the edit inside.

    Attributes:
        x: Its centre, from the left.
        y: The same, from the top.
        width: Of the ellipse, in widths of the frame.
        height: Of the ellipse, in heights of the frame.
        angle: Turned clockwise, in degrees.
        feather: The part of the way from the rim to the centre over which the edit grows, in %.

    Examples:
        >>> from retouch_aes import RadialMask
        >>> RadialMask(invert=True).label  # everything but the middle
        'not radial 0.5 0.5 0.6 0.6 0 50'
    """

    kind: ClassVar[str] = "radial"
    x: float = setting(0.5, -1.0, 2.0, "centre, from the left")
    y: float = setting(0.5, -1.0, 2.0, "centre, from the top")
    width: float = setting(0.6, 0.01, 4.0, "of the ellipse, in widths of the frame")
    height: float = setting(0.6, 0.01, 4.0, "of the ellipse, in heights of the frame")
    angle: float = setting(0.0, -180.0, 180.0, "turned clockwise, degrees")
    feather: float = setting(50.0, 0.0, 100.0, "soft part of the way from the rim to the centre, %")

    def weight(self, image: Tensor, stats: Stats) -> Tensor:
        """See `Mask.weight`."""
        across, down, width, height = _places(image, stats)
        x, y = (across - self.x * width)[None, :], (down - self.y * height)[:, None]
        c, s = cos(radians(self.angle)), sin(radians(self.angle))
        along, athwart = (
            (c * x + s * y) / (self.width * width / 2),
            (c * y - s * x) / (self.height * height / 2),
        )
        away = (along**2 + athwart**2).sqrt()
        return (1 - ramp(away, 1 - self.feather / 100, 1.0)).to(image)[None, None]


def _places(image: Tensor, stats: Stats) -> tuple[Tensor, Tensor, int, int]:
    """Centres of the pixels of an image or tile in the frame, float64 on the CPU, and the frame's size."""
    height, width = image.shape[-2:]
    tile = stats.tile or Tile(0, 0, height, width)
    across = torch.arange(tile.left, tile.left + width, dtype=torch.float64) + 0.5
    down = torch.arange(tile.top, tile.top + height, dtype=torch.float64) + 0.5
    return across, down, tile.frame_width, tile.frame_height

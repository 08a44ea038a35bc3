"""Dehaze as it was in version 1, for the recipes that were saved with it; see `dehaze` for today's.

`measure` finds the airlight `A` and the veil `v = 1 - t` once, on the small copy; a guided filter ties the
veil to the luma, so that it follows the edges of the photo at any size. With strength `s` in [-1, 1] the
scene is `J = (I - A) / (1 - s v) + A`: at `s > 0` the veil is divided out, at `s < 0` more of it is laid.
A photo without haze has next to no veil, and hardly changes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.guided import MAP_SIDE, guided_coefficients
from retouch_aes.color.haze import airlight, dark_channel
from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.operators.operator import Operator, Param, Stats

_OMEGA = 0.95  # a little haze is kept for depth, as in the paper
_THICKEST = 0.8  # beyond this veil there is only noise left to amplify
_DARKEST_AIR = 0.2
_PATCH, _SMOOTH = 0.02, 0.06  # radii, as fractions of the long side
_EPSILON = 1e-3


@dataclass(frozen=True)
class DehazeVersion1(Operator):
    """Remove haze, or add it, as saved recipes of version 1 mean it."""

    name: str = "dehaze"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("strength", -100.0, 100.0, 0.0, "%", "+100 removes the haze found, negative adds more of it"),
    )
    doc: str = "remove or add haze"
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def measure(self, image: Tensor) -> Stats:
        """The airlight `(B, 3)` and the coefficients of the veil over luma, `(B, 1, h, w)` each."""
        with torch.no_grad():
            image = proxy(image, MAP_SIDE)
            long_side = max(image.shape[-2:])
            patch, smooth = max(1, round(_PATCH * long_side)), max(2, round(_SMOOTH * long_side))
            air = airlight(image, dark_channel(image, patch)).clamp(min=_DARKEST_AIR)
            veil = _OMEGA * dark_channel(image / air[:, :, None, None], patch).clamp(0, 1)
            a, b = guided_coefficients(luma(image), veil, smooth, _EPSILON)
        return Stats({"airlight": air, "a": a, "b": b})

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        veil = torch.addcmul(stats.on("b", image), stats.on("a", image), luma(image)).clamp(0, _THICKEST)
        strength = params[:, 0:1, None, None] / 100
        gain = (1 - strength * veil).reciprocal()
        return torch.lerp(stats.of_frame("airlight").to(gain), image.to(gain), gain)

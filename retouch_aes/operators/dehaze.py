"""Dehaze: lift the veil of haze, or lay one (dark channel prior: He, Sun, Tang, CVPR 2009).

`measure` finds the airlight `A` and the veil `v = 1 - t` once, on the small copy; a guided filter ties the
veil to the luma, so that it follows the edges of the photo at any size. With strength `s` in [-1, 1]

    J = I + min(I - A, 0) (1 / (1 - s v) - 1)

so at `s > 0` the veil is divided out, at `s < 0` more of it is laid, and what is brighter than the air stays.

The dark channel alone takes every pale thing for haze. What else is known of haze bounds the veil:

* it is the light of day: air as dark as a night sky is none;
* it hides something: where the photo is flat (a wall, a white ground, a clear sky) there is nothing to bring
  out but noise and the blocks of a JPEG;
* paper and clipped skies are white, air is not: a white area is no air, and not under it;
* no scene is darker than black, `v <= min_c I_c / A_c`: at every pixel of the photo, so that a dark thing
  before a bright one keeps its tone to its very edge, and black stays black.

The least of an area is followed, for the most part, by the greatest of the least (an opening), which gives a
dark thing its own outline back; without it a rim that is not dehazed runs around everything dark.

The luma is kornia's; why the dark channel and the guided filter are ours say `color.haze` and `color.guided`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.guided import box_mean, guided_coefficients
from retouch_aes.color.haze import airlight, dark_channel, opened
from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.operators.dehaze_version_1 import DehazeVersion1
from retouch_aes.operators.operator import Operator, Param, Stats

_SIDE = 192  # long side of the copy that is measured
_OMEGA = 0.95  # a little haze is kept for depth, as in the paper
_THICKEST = 0.7  # beyond this veil there is only noise left to amplify
_NIGHT, _DAY = 0.25, 0.5  # luma of the air
_FLAT, _TEXTURED = 0.006, 0.02  # deviation of the luma within an area
_PALE, _WHITE = 0.93, 0.98  # of the darkest channel
_PATCH, _SMOOTH, _AREA = 0.03, 0.04, 0.03  # radii, as fractions of the long side
_EPSILON = 1e-3
_OUTLINED = 0.7  # share of the opening; the rest says that near something clear there is less haze
_SOFT = 0.014  # of sRGB, the radius of the corner at the air


@dataclass(frozen=True)
class Dehaze(Operator):
    """Remove haze, or add it."""

    name: str = "dehaze"
    version: int = 2
    params: tuple[Param, ...] = (
        Param("strength", -100.0, 100.0, 0.0, "%", "+100 removes the haze found, negative adds more of it"),
    )
    doc: str = "remove or add haze"
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)
    earlier: tuple[Operator, ...] = (DehazeVersion1(),)

    def measure(self, image: Tensor) -> Stats:
        """The airlight `(B, 3)` and the coefficients of the veil over luma, `(B, 1, h, w)` each."""
        with torch.no_grad():
            image = proxy(image, _SIDE)
            long_side = max(image.shape[-2:])
            patch, smooth, area = (
                max(least, round(part * long_side)) for part, least in ((_PATCH, 1), (_SMOOTH, 2), (_AREA, 2))
            )
            light = luma(image)
            white = _rising(image.amin(dim=1, keepdim=True), _PALE, _WHITE)
            dark = dark_channel(image, patch)
            air = airlight(image, dark - 2 * white).clamp(min=_NIGHT)
            deviation = (box_mean(light.square(), area) - box_mean(light, area).square()).clamp(min=0).sqrt()
            share = image / air[:, :, None, None]
            outlined = opened(share.amin(dim=1, keepdim=True), patch)
            veil = torch.lerp(dark_channel(share, patch), outlined, _OUTLINED).clamp(0, 1)
            day = _rising(luma(air[:, :, None, None]), _NIGHT, _DAY)
            veil = _OMEGA * day * veil * (1 - white) * _rising(deviation, _FLAT, _TEXTURED)
            a, b = guided_coefficients(light, veil, smooth, _EPSILON)
        return Stats({"airlight": air, "a": a, "b": b})

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        air = stats.of_frame("airlight").to(image)
        most = (image * (_OMEGA / air)).amin(dim=1, keepdim=True).clamp(0, _THICKEST)
        veil = torch.addcmul(stats.on("b", image), stats.on("a", image), luma(image)).clamp(min=0)
        removed = torch.minimum(veil, most) * (params[:, 0:1, None, None] / 100)
        half = removed / (2 * removed - 2)  # of 1 - 1 / (1 - s v)
        below = air - image  # with its corner twice max(A - I, 0), made round; no pass more, photos are large
        corner = torch.addcmul(air.new_tensor(_SOFT**2), below, below).sqrt_()
        return torch.addcmul(image, below, half).addcmul_(corner, half)


def _rising(value: Tensor, low: float, high: float) -> Tensor:
    """0 below `low`, 1 above `high`, smooth between them."""
    share = ((value - low) / (high - low)).clamp(0, 1)
    return share.square() * (3 - 2 * share)

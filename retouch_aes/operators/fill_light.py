"""Fill light and recovery: dark areas lifted, bright ones held back, each as a whole: detail stays.

How bright an area is says the base, luma smoothed along edges: a guided filter gives it on the small copy as
`base = a luma + b`, and the edges come from the photo at full size, so that light ends where things end (no
halos) and strips agree with the whole. The encoded light of an area is multiplied by

    g = exp(F (1 - base)^3 - R base^3),      x' = x g / (1 + (g - 1) v)

with `v` the brightness of the pixel, `(r^2 + g^2 + b^2) / (r + g + b)`: black stays black and white white,
what is bright within a lifted area (a lamp, a white shirt) is not blown out, and hue stays. Near black, where
there is mostly noise, the lift fades: no grey blacks, no violet shadows. `F` is 1.1 at +100 (2 EV at
a base of .15), `R` .7, both below where areas would change their order.

Ours, not kornia's: see `color.guided`. The luma is kornia's.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.guided import MAP_SIDE, guided_coefficients
from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.operators.operator import Operator, Param, Stats

_RADIUS = 0.05  # of the long side
_EPSILON = 2.5e-3  # (.05)^2: smaller changes of luma are detail
_FILL, _RECOVER = 1.1, 0.7
_NOISE = 0.012  # brightness at which half of the lift is left
_TINY = 1e-4


@dataclass(frozen=True)
class FillLight(Operator):
    """Lift dark areas, hold back bright ones."""

    name: str = "fill_light"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("fill", -100.0, 100.0, 0.0, "%", "light on dark areas, as of a reflector; less below 0"),
        Param("recovery", -100.0, 100.0, 0.0, "%", "bright areas held back, as a sky; brighter below 0"),
    )
    doc: str = "lift dark areas and hold back bright ones, along the edges of things"
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def measure(self, image: Tensor) -> Stats:
        """The coefficients of the base over luma, `(B, 1, h, w)` each."""
        with torch.no_grad():
            grey = luma(proxy(image.clamp(0, 1), MAP_SIDE))
            radius = max(2, round(_RADIUS * max(grey.shape[-2:])))
            a, b = guided_coefficients(grey, grey, radius, _EPSILON)
        return Stats({"a": a, "b": b})

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        fill, recover = (params / 100)[:, :, None, None, None].unbind(1)
        grey = luma(image)
        base = (stats.on("b", image) + stats.on("a", image) * grey).clamp(0, 1)
        light = image.clamp(min=0)
        bright = light.square().sum(1, keepdim=True) / (light.sum(1, keepdim=True) + _TINY)
        heard = bright / (bright + _NOISE)
        lift = (_FILL * fill * (1 - base) ** 3 * heard - _RECOVER * recover * base**3).exp()
        gain = lift / (1 + (lift - 1) * bright.clamp(max=1.5))
        return image * gain

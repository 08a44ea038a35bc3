"""Sharpening: an unsharp mask on luma, with a radius that follows the frame.

`x' = x + k (luma - blur(luma))`, with a Gaussian of 0.08 % of the long side (3 pixels at 4,000), so that a
small copy and the full photo look alike. The blur, kornia's, takes in neighbours up to `halo` away.
`kornia.filters.unsharp_mask` is the same with one fixed amount, on every channel.
"""

from dataclasses import dataclass

from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.luma import luma
from retouch_aes.operators.operator import Operator, Param, Stats

_SIGMA = 0.0008
_REACH = 4  # sigmas


@dataclass(frozen=True)
class Sharpening(Operator):
    """Sharpen fine detail."""

    name: str = "sharpening"
    version: int = 1
    params: tuple[Param, ...] = (Param("amount", 0.0, 200.0, 0.0, "%", "+100 doubles the finest detail"),)
    doc: str = "crisper fine detail"
    halo: float = _SIGMA * _REACH
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale", "filters.gaussian_blur2d")

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        tone = luma(image)
        sigma = _SIGMA * stats.long_side(image)
        reach = max(1, int(_REACH * sigma))
        blurred = gaussian_blur(tone, sigma, reach)
        return image + (tone - blurred) * (params[:, 0:1, None, None] / 100)

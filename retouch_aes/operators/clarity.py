"""Clarity: local contrast at middle scales, without halos at strong edges.

A guided filter (He, Sun, Tang, ECCV 2010) splits luma into an edge-keeping base and its detail. The detail
is scaled, most in the mid tones: `x' = x + k (luma - base) 4 luma (1 - luma)`. The luma is kornia's; why the
guided filter is ours says `color.guided`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.guided import MAP_SIDE, guided_coefficients
from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.operators.operator import Operator, Param, Stats

_RADIUS = 0.03  # fraction of the long side
_EPSILON = 0.02  # variance of luma above which an edge is kept


@dataclass(frozen=True)
class Clarity(Operator):
    """Strengthen or soften local contrast."""

    name: str = "clarity"
    version: int = 1
    params: tuple[Param, ...] = (
        Param(
            "clarity",
            -100.0,
            100.0,
            0.0,
            "%",
            "+100 doubles local contrast, -100 removes it",
        ),
    )
    doc: str = "local contrast, edges kept"
    kornia: tuple[str, ...] = ("color.rgb_to_grayscale",)

    def measure(self, image: Tensor) -> Stats:
        """The coefficients of the base over luma, `(B, 1, h, w)` each."""
        with torch.no_grad():
            tone = luma(proxy(image, MAP_SIDE))
            radius = max(1, round(_RADIUS * max(tone.shape[-2:])))
            a, b = guided_coefficients(tone, tone, radius, _EPSILON)
        return Stats({"a": a, "b": b})

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        tone = luma(image)
        detail = tone - (stats.on("a", image) * tone + stats.on("b", image))
        inside = tone.clamp(0, 1)
        return image + detail * 4 * inside * (1 - inside) * (params[:, 0:1, None, None] / 100)

"""White balance: the photo as if its white had another colour temperature and tint.

The white point moves along the Planckian locus (temperature, in mired, where equal steps look equal) and
across it (tint, in thousandths of Duv), and a von Kries adaptation in the Bradford cone space carries the
photo from the neutral white to that one. The locus is Krystek's rational approximation (Color Research and
Application 10, 1985; 1,000 to 15,000 K), in CIE 1960 uv. The luminance of white stays.
The curve to linear light is kornia's; its Planckian jitter is a table of 25 temperatures, without a
gradient to the temperature and without a tint.
"""

from dataclasses import dataclass
from math import hypot

import torch
from torch import Tensor

from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.operators.operator import Operator, Param, Stats

_NEUTRAL_MIRED = 1e6 / 6504
_RGB_TO_CONE = (  # sRGB primaries to XYZ, then Bradford
    (0.42266, 0.49136, 0.02737),
    (0.05559, 0.96148, 0.02316),
    (0.02136, 0.08767, 0.98013),
)
_XYZ_TO_CONE = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)


def _planckian(mired: Tensor) -> tuple[Tensor, Tensor]:
    t = 1e6 / mired
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t**2) / (
        1 + 8.42420235e-4 * t + 7.08145163e-7 * t**2
    )
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t**2) / (
        1 - 2.89741816e-5 * t + 1.61456053e-7 * t**2
    )
    return u, v


def _normal() -> tuple[float, float]:
    """Unit vector across the locus at the neutral white, towards magenta."""
    ends = torch.tensor([_NEUTRAL_MIRED - 1, _NEUTRAL_MIRED + 1], dtype=torch.float64)
    u, v = _planckian(ends)
    along_u, along_v = float(u[1] - u[0]), float(v[1] - v[0])
    length = hypot(along_u, along_v)
    return along_v / length, -along_u / length


_NORMAL = _normal()


def _white_in_cones(mired: Tensor, tint: Tensor) -> Tensor:
    """White points `(B, 3)` in cone space, of luminance 1."""
    u, v = _planckian(mired)
    u, v = u + 1e-3 * tint * _NORMAL[0], v + 1e-3 * tint * _NORMAL[1]
    x_over_y, y = 1.5 * u / v, 2 * v / (2 * u - 8 * v + 4)
    xyz = torch.stack([x_over_y, torch.ones_like(u), (1 - y) / y - x_over_y], dim=1)
    return xyz @ xyz.new_tensor(_XYZ_TO_CONE).T


@dataclass(frozen=True)
class WhiteBalance(Operator):
    """Warm or cool the photo, and move it between green and magenta."""

    name: str = "white_balance"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("temperature", -80.0, 80.0, 0.0, "mired", "positive is warmer"),
        Param("tint", -30.0, 30.0, 0.0, "Duv/1000", "positive is more magenta, negative greener"),
    )
    doc: str = "warmer or cooler, greener or more magenta"
    working_space: str = "linear light, Bradford cones"
    pointwise: bool = True
    colour: bool = True
    kornia: tuple[str, ...] = ("color.rgb_to_linear_rgb", "color.linear_rgb_to_rgb")

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        neutral = torch.zeros_like(params[:, 0])
        target = _white_in_cones(_NEUTRAL_MIRED + params[:, 0], params[:, 1])
        gains = target / _white_in_cones(_NEUTRAL_MIRED + neutral, neutral)
        to_cone = image.new_tensor(_RGB_TO_CONE)
        change = torch.linalg.inv(to_cone) @ torch.diag_embed(gains - 1) @ to_cone
        light = srgb_to_linear(image)
        return linear_to_srgb(light + torch.einsum("bij,bjhw->bihw", change, light))

"""CIELAB (CIE 1976) under D65: lightness and two opponent colours, for differences as people see them.

kornia's. Its white point and its threshold are rounded to six and four digits: greys keep |a| and |b| below
.005, and Delta E 2000 differs by at most .005 from that of the standard's own numbers. The slope is finite
at black.
"""

from torch import Tensor


def srgb_to_lab(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` sRGB [0, 1] -> `(B, 3, H, W)`: L in [0, 100], a and b in about [-110, 100]."""
    from kornia.color import rgb_to_lab

    lab: Tensor = rgb_to_lab(image)
    return lab

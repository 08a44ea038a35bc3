"""CIELAB (CIE 1976) under D65: lightness and two opponent colours, for differences as people see them.

`L = 116 f(Y) - 16`, `a = 500 (f(X) - f(Y))`, `b = 200 (f(Y) - f(Z))` with X, Y, Z relative to white and `f`
the cube root, continued by its tangent below `(6/29)^3`, as the standard has it: the slope is finite at
black. White is the colour of sRGB (1, 1, 1), so that greys have a = b = 0 exactly.
"""

import torch
from torch import Tensor

from retouch_aes.color.transfer import srgb_to_linear

# IEC 61966-2-1, each row divided by its sum (the white point): X/Xn, Y/Yn, Z/Zn of linear RGB.
_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_TO_RELATIVE_XYZ = tuple(tuple(value / sum(row) for value in row) for row in _XYZ)
_TO_LAB = ((0.0, 116.0, 0.0), (500.0, -500.0, 0.0), (0.0, 200.0, -200.0))
_DELTA = 6 / 29


def srgb_to_lab(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` sRGB [0, 1] -> `(B, 3, H, W)`: L in [0, 100], a and b in about [-110, 100]."""
    xyz = torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_RELATIVE_XYZ), srgb_to_linear(image))
    root = xyz.clamp(min=_DELTA**3) ** (1 / 3)
    f = torch.where(xyz > _DELTA**3, root, xyz / (3 * _DELTA**2) + 4 / 29)
    lab = torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_LAB), f)
    return lab - image.new_tensor((16.0, 0.0, 0.0)).reshape(1, 3, 1, 1)

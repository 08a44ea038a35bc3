"""The sRGB transfer function (IEC 61966-2-1), extended smoothly beyond [0, 1].

`kornia.color.rgb_to_linear_rgb` is the same curve, but its gradient is not-a-number below about -0.055
(a negative base under a fractional power); operators here may pass such values on, so the power sees only
its own side of the threshold. Below zero the linear segment goes on, above one the power does.

Each curve is the sum of its two sides, and the power is `exp(2.4 log(x))`: the same numbers within 1e-7, and
forward and backward in two thirds of the time that a power and a choice by mask take.
"""

from torch import Tensor

_THRESHOLD = 0.04045
_SLOPE = 12.92


def srgb_to_linear(image: Tensor) -> Tensor:
    """Encoded sRGB, any shape, about [0, 1] -> linear light."""
    root = (image.clamp(min=_THRESHOLD) + 0.055) / 1.055
    return (2.4 * root.log()).exp() + (image - _THRESHOLD).clamp(max=0) / _SLOPE


def linear_to_srgb(light: Tensor) -> Tensor:
    """Linear light, any shape, about [0, 1] -> encoded sRGB. The inverse of `srgb_to_linear`."""
    threshold = _THRESHOLD / _SLOPE
    root = (light.clamp(min=threshold).log() / 2.4).exp()
    return 1.055 * root - 0.055 + _SLOPE * (light - threshold).clamp(max=0)

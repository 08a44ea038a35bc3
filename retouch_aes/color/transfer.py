"""The sRGB transfer function (IEC 61966-2-1), extended smoothly beyond [0, 1].

`kornia.color.rgb_to_linear_rgb` is the same curve, but its gradient is not-a-number below about -0.055
(a negative base under a fractional power); operators here may pass such values on, so the power sees only
its own side of the threshold. Below zero the linear segment goes on, above one the power does.
"""

import torch
from torch import Tensor

_THRESHOLD = 0.04045
_SLOPE = 12.92


def srgb_to_linear(image: Tensor) -> Tensor:
    """Encoded sRGB, any shape, about [0, 1] -> linear light."""
    power = ((image.clamp(min=_THRESHOLD) + 0.055) / 1.055) ** 2.4
    return torch.where(image > _THRESHOLD, power, image / _SLOPE)


def linear_to_srgb(light: Tensor) -> Tensor:
    """Linear light, any shape, about [0, 1] -> encoded sRGB. The inverse of `srgb_to_linear`."""
    threshold = _THRESHOLD / _SLOPE
    power = 1.055 * light.clamp(min=threshold) ** (1 / 2.4) - 0.055
    return torch.where(light > threshold, power, light * _SLOPE)

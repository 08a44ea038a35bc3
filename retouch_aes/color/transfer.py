"""The sRGB transfer function (IEC 61966-2-1), extended beyond [0, 1]: kornia's.

Below zero the linear segment goes on, above one the power does; the gradient is finite everywhere (kornia
before 0.9 answered not-a-number below -0.055). Within 1e-7 of the curve that stood here before.
"""

from torch import Tensor


def srgb_to_linear(image: Tensor) -> Tensor:
    """Encoded sRGB `(..., 3, H, W)`, about [0, 1] -> linear light."""
    from kornia.color import rgb_to_linear_rgb

    light: Tensor = rgb_to_linear_rgb(image)
    return light


def linear_to_srgb(light: Tensor) -> Tensor:
    """Linear light `(..., 3, H, W)`, about [0, 1] -> encoded sRGB. The inverse of `srgb_to_linear`."""
    from kornia.color import linear_rgb_to_rgb

    image: Tensor = linear_rgb_to_rgb(light)
    return image

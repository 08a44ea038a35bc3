"""Unprocessing: what a finished photo may have been before somebody developed it.

A neutral development is darker, flatter, paler and less well balanced *at once*, which single faults do not
teach. As in Brooks et al. (CVPR 2019) the steps of a development are drawn at random and taken back, last
first: the tone curve, the colour, then exposure and white balance in linear light; at last a veil, as of
stray light or haze. What leaves [0, 1] is lost and the rest is rounded to 8 bit, as in a file.
"""

import torch
from torch import Generator, Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear

_EV = (-0.7, 1.9)  # stops that the development gave
_CURVE = (-0.15, 0.8)  # stops of slope at mid grey
_COLOUR = (-0.2, 0.75)  # of saturation
_RED_BLUE, _GREEN = 0.16, 0.06  # deviations of the balance, in stops
_VEILED, _VEIL = 0.4, 0.25  # share of the photos, and the thickest


def unprocess(image: Tensor, generator: Generator) -> Tensor:
    """Finished photos `(B, 3, H, W)`, sRGB [0, 1], as they may have come from the camera."""
    count = len(image)

    def between(low: float, high: float) -> Tensor:
        drawn = low + (high - low) * torch.rand(count, 1, 1, 1, generator=generator)
        return drawn.to(image)

    def normal(deviation: float) -> Tensor:
        return deviation * torch.randn(count, 1, 1, 1, generator=generator).to(image)

    slope = 2.0 ** -between(*_CURVE)
    centred = 2 * image - 1
    image = 0.5 + 0.5 * centred * slope / (1 + (slope - 1) * centred.abs())
    grey = luma(image)
    image = grey + (image - grey) / (1 + between(*_COLOUR))
    warm, green = normal(_RED_BLUE), normal(_GREEN)
    stops = torch.cat([warm - green, green, -warm - green], dim=1) - between(*_EV)
    image = linear_to_srgb(srgb_to_linear(image.clamp(0, 1)) * 2.0**stops)
    veil = between(0, _VEIL) * (between(0, 1) < _VEILED)
    image = image + veil * (between(0.55, 0.95) - image)
    return (image.clamp(0, 1) * 255).round() / 255

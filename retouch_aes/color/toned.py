"""Whether a photo is black and white: no colour at all, or one tone laid over the greys (sepia, duotone).

In such a photo the colour is a function of the lightness. So its opponent colours are averaged over narrow
bins of luma, and what is left over, the deviation within the bins, is next to nothing:

    r = sqrt(mean |c - mean(c | bin of luma)|^2),    toned:  r <= least + share * sqrt(mean |c|^2)

`least` is what 8 bits and a JPEG leave of a clean tone; `share` allows for as much more as a strong one
blurs. A photo in colour has things of different colour but the same lightness.
"""

import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy

_SIDE = 96
_BINS = 48
_GREY = 1e-3  # between channels: a quarter of an 8 bit step
_LEAST, _SHARE = 0.003, 0.09


def is_toned(image: Tensor) -> Tensor:
    """`(B, 3, H, W)`, sRGB [0, 1] -> `(B,)` bool: black and white, toned or not."""
    with torch.no_grad():
        residual, chroma = tone_residual(image)
        return residual <= _LEAST + _SHARE * chroma


def is_grey(image: Tensor, tolerance: float = _GREY) -> Tensor:
    """`(B, 3, H, W)` -> `(B,)` bool: the three channels are equal, to a quarter of an 8 bit step."""
    red, green, blue = image.unbind(dim=1)
    spread = torch.maximum((red - green).abs(), (blue - green).abs())
    return spread.flatten(1).amax(dim=1) <= tolerance


def tone_residual(image: Tensor) -> tuple[Tensor, Tensor]:
    """Root mean squares `(B,)` of the colour that lightness does not explain, and of the whole colour."""
    small = proxy(image.float(), _SIDE)
    grey = luma(small)
    colour = (small - grey).flatten(2)  # (B, 3, N)
    place = (grey.flatten(2) * _BINS).long().clamp(0, _BINS - 1).expand_as(colour)
    sums = colour.new_zeros(len(colour), 3, _BINS).scatter_add_(2, place, colour)
    counts = torch.zeros_like(sums).scatter_add_(2, place, torch.ones_like(colour))
    left = colour - (sums / counts.clamp(min=1)).gather(2, place)
    return left.square().sum(1).mean(1).sqrt(), colour.square().sum(1).mean(1).sqrt()

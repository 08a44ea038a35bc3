"""Oklab (Björn Ottosson, 2020): a small perceptual colour space, for distances.

The cube root has no finite slope at black, so it is continued by its tangent below one eighth of a percent
of white: the gradient stays finite everywhere and colours above that point are exactly Oklab's.
kornia has no Oklab; the curve to linear light is kornia's.
"""

import torch
from torch import Tensor

from retouch_aes.color.transfer import srgb_to_linear

_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_KNEE = 0.00125


def srgb_to_oklab(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` sRGB [0, 1] -> `(B, 3, H, W)`: lightness [0, 1], and a and b in about [-0.4, 0.4]."""
    cone = torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_LMS), srgb_to_linear(image))
    root = (cone.clamp(min=_KNEE).log() / 3).exp()
    tangent = (cone - _KNEE).clamp(max=0) / (3 * _KNEE ** (2 / 3))
    return torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_LAB), root + tangent)


def oklab_distance(image: Tensor, reference: Tensor) -> Tensor:
    """Mean Oklab distance per photo, a and b doubled: two `(B, 3, H, W)` -> `(B,)`; 0.02 is just visible."""
    difference = srgb_to_oklab(image) - srgb_to_oklab(reference)
    weighted = difference * difference.new_tensor([1.0, 2.0, 2.0])[:, None, None]
    return (weighted.square().sum(dim=1) + 1e-8).sqrt().mean((-2, -1))

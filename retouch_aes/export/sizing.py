"""A photo made smaller for the screen: in linear light, and sharpened for its new size.

Averaging encoded values darkens fine detail (two lines, black and white, become 188, not 128, where light is
averaged), so the reduction works on linear light. What a reduction softens comes back by an unsharp mask on
luma at the scale of the new pixels, more the more the photo shrank, up to `SHARPEN`; nothing is enlarged.
"""

from dataclasses import replace
from math import log2

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.luma import luma
from retouch_aes.color.proxy_size import proxy_size
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.errors import UsageError
from retouch_aes.photo import Photo

SHARPEN = 0.35
_SIGMA, _REACH = 0.6, 2  # pixels of the result


def resized(photo: Photo, long_side: int, *, sharpen: float = SHARPEN) -> Photo:
    """`photo` with its long side at most `long_side` pixels; itself where it is no larger.

    `sharpen` is the share of the finest detail that is added again; 0 adds none.
    """
    if long_side < 1 or sharpen < 0:
        raise UsageError(
            f"expected a side of 1 or more and no negative sharpening, got {long_side}, {sharpen}"
        )
    size = proxy_size(photo.height, photo.width, long_side)
    if size == (photo.height, photo.width):
        return photo
    with torch.no_grad():
        small = reduced(photo.image, size, sharpen=sharpen)
        alpha = None if photo.alpha is None else _interpolated(photo.alpha, size)
    return replace(photo, pixels=small, alpha=alpha)


def reduced(image: Tensor, size: tuple[int, int], *, sharpen: float = SHARPEN) -> Tensor:
    """`image` `(B, 3, H, W)`, sRGB [0, 1], at the smaller `size` (height, width); in [0, 1]."""
    small = linear_to_srgb(_interpolated(srgb_to_linear(image), size))
    shrunk = max(image.shape[-2] / size[0], image.shape[-1] / size[1])
    amount = sharpen * min(1.0, log2(max(1.0, shrunk)))
    if amount:
        tone = luma(small)
        small = small + amount * (tone - gaussian_blur(tone, _SIGMA, _REACH))
    return small.clamp(0, 1)


def _interpolated(image: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(image, size=size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)

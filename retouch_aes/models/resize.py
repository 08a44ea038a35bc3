"""The whole frame brought to a working size: `fit_whole`, pure and differentiable.

The long side becomes `side` and the shape is kept, by antialiased bilinear interpolation. Two guards for
extreme panoramas: the short side never falls below 32 px (then the long side exceeds `side`), and the area
never exceeds `side * side` (then, from about 1:49 on for 224, the long side is squeezed).
"""

import warnings

import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.tracing import is_tracing

SHORTEST = 32


def whole_size(height: int, width: int, side: int, step: int = 1) -> tuple[int, int]:
    """The `(height, width)` that `fit_whole` gives a photo of `height` x `width` pixels."""
    short, long = (height, width) if height <= width else (width, height)  # no sort: sizes may be symbolic
    new_short, new_long = max(1, round(short * side / long)), side
    if new_short < SHORTEST:
        new_short = SHORTEST
        new_long = min(round(long * SHORTEST / short), max(side * side // SHORTEST, SHORTEST))
    new_short, new_long = (max(SHORTEST, step * round(n / step)) for n in (new_short, new_long))
    return (new_short, new_long) if height <= width else (new_long, new_short)


def fit_whole(image: Tensor, side: int, step: int = 1) -> Tensor:
    """`image` `(B, C, H, W)` resized so that its long side is `side`; itself where it fits already.

    Both sides are brought to the nearest multiple of `step`. Nothing is cropped and nothing is clamped; the
    gradient reaches every pixel.
    """
    height, width = sides(image)
    size = whole_size(height, width, side, step)
    return image if size == (height, width) else resize(image, size)


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """`image` `(B, C, H, W)` brought to `size` `(height, width)` by antialiased bilinear interpolation."""
    return F.interpolate(image, size=size, mode="bilinear", antialias=True, align_corners=False)


def sides(image: Tensor) -> tuple[int, int]:
    """Height and width; as plain numbers under `torch.jit.trace`, which holds for one size."""
    if not is_tracing():
        return image.shape[-2], image.shape[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that numbers are taken from a shape
        return int(image.shape[-2]), int(image.shape[-1])

"""The small copy of a photo that is not yet a tensor, strip by strip.

As `color.resize.proxy` of the whole, to the rounding of float32: each strip's share of the small rows is a
matrix product, which leaves a few rows to be made narrower.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retouch_aes.photo.source import LevelsSource, PixelSource, TensorSource, gathered, in_strips

if TYPE_CHECKING:
    from torch import Tensor


def small(source: PixelSource, long_side: int) -> "Tensor":
    """`source` with its long side at most `long_side` pixels, `(1, 3, h, w)`; never enlarged.

    Of decoded pixels it is made once.
    """
    if not isinstance(source, LevelsSource):
        return _small(source, long_side)
    made = source.small_copies.get(long_side)
    if made is None:
        made = source.small_copies[long_side] = _small(source, long_side)
    return made.clone()


def _small(source: PixelSource, long_side: int) -> "Tensor":
    import torch
    import torch.nn.functional as F

    from retouch_aes.color.resize import proxy, proxy_size

    if isinstance(source, TensorSource):
        return proxy(source.image, long_side)
    (height, width), (rows, columns) = source.size, proxy_size(*source.size, long_side)
    if (rows, columns) == (height, width):
        return gathered(source)
    weights, step = _weights(height, rows), height / rows
    low = np.zeros((1, 3, rows, columns), np.float32)

    def part(top: int, strip: "Tensor") -> tuple[slice, NDArray[np.float32]]:
        bottom = top + strip.shape[2]
        seen = slice(max(0, int(top / step - 1.5)), min(rows, int(bottom / step + 1.5)))
        sums, size = weights[seen, top:bottom] @ strip, (seen.stop - seen.start, columns)
        return seen, F.interpolate(sums, size=size, mode="bilinear", antialias=True).numpy()

    for seen, sums in in_strips(source, part):  # NumPy: threads of PyTorch would be in the way of the strips'
        low[:, :, seen] += sums
    return torch.from_numpy(low).clamp(0, 1)


def _weights(count: int, fewer: int) -> "Tensor":
    """`(fewer, count)`: what each of `count` samples counts in each of `fewer`, antialiased by a triangle."""
    import torch

    step = count / fewer
    centres = (torch.arange(fewer, dtype=torch.float64) + 0.5) * step
    away = (torch.arange(count, dtype=torch.float64) + 0.5 - centres[:, None]).abs() / step
    weights = (1 - away).clamp(min=0)
    return (weights / weights.sum(dim=1, keepdim=True)).float()

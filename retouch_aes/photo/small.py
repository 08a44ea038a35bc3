"""The small copy of a photo that is not yet a tensor, strip by strip.

As `color.resize.proxy` of the whole, to the rounding of float32: each strip's share of the small rows is a
matrix product, and so are the columns of them all. That of decoded pixels needs no PyTorch, so that it is
made while PyTorch is imported.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retouch_aes.color.proxy_size import proxy_size
from retouch_aes.photo.source import LevelsSource, PixelSource, TensorSource, gathered, in_strips, strip_rows

if TYPE_CHECKING:
    from torch import Tensor

_COLUMNS = 16

_Strip = tuple[int, NDArray[np.float32]]


def small(source: PixelSource, long_side: int) -> "Tensor":
    """`source` with its long side at most `long_side` pixels, `(1, 3, h, w)`; never enlarged.

    Of decoded pixels it is made once.
    """
    import torch

    from retouch_aes.color.resize import proxy

    if isinstance(source, LevelsSource):
        return torch.from_numpy(small_levels(source, long_side).copy())
    if isinstance(source, TensorSource):
        return proxy(source.image, long_side)
    if proxy_size(*source.size, long_side) == source.size:
        return gathered(source)
    strips = in_strips(source, lambda top, strip: (top, strip.numpy()))
    return torch.from_numpy(_shrunk(source, long_side, strips))


def small_levels(source: LevelsSource, long_side: int) -> NDArray[np.float32]:
    """That of decoded pixels, which is kept with them: not to be changed."""
    made = source.small_copies.get(long_side)
    if made is None:
        (height, width), rows = source.size, strip_rows(source)
        if proxy_size(height, width, long_side) == (height, width):
            made = source.values(0, height, 0, width)
        else:
            tops = range(0, height, rows)
            strips = ((top, source.values(top, min(top + rows, height), 0, width)) for top in tops)
            made = _shrunk(source, long_side, strips)
        source.small_copies[long_side] = made
    return made


def _shrunk(source: PixelSource, long_side: int, strips: Iterable[_Strip]) -> NDArray[np.float32]:
    """`strips` are all rows of `source`, `(1, 3, r, W)` each, with the first row of each."""
    (height, width), (rows, columns) = source.size, proxy_size(*source.size, long_side)
    weights, step = _weights(height, rows), height / rows
    low = np.zeros((1, 3, rows, width), np.float32)
    for top, strip in strips:
        bottom = top + strip.shape[2]
        seen = slice(max(0, int(top / step - 1.5)), min(rows, int(bottom / step + 1.5)))
        low[:, :, seen] += weights[seen, top:bottom] @ strip
    shrunk: NDArray[np.float32] = _narrower(low, columns).clip(0, 1)
    return shrunk


def _narrower(low: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """`(1, 3, h, W)` -> `(1, 3, h, columns)`, a few columns at a time: most weights are 0."""
    width = low.shape[3]
    weights, step = _weights(width, columns), width / columns
    out = np.empty((*low.shape[:3], columns), np.float32)
    for first in range(0, columns, _COLUMNS):
        last = min(first + _COLUMNS, columns)
        seen = slice(max(0, int((first - 0.5) * step)), min(width, int((last + 0.5) * step) + 1))
        out[..., first:last] = low[..., seen] @ weights[first:last, seen].T
    return out


def _weights(count: int, fewer: int) -> NDArray[np.float32]:
    """`(fewer, count)`: what each of `count` samples counts in each of `fewer`, antialiased by a triangle."""
    step = count / fewer
    centres = (np.arange(fewer) + 0.5) * step
    away = np.abs(np.arange(count) + 0.5 - centres[:, None]) / step
    weights = (1 - away).clip(min=0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

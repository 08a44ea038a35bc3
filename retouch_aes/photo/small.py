"""The small copy of a photo that is not yet a tensor, strip by strip.

As `color.resize.proxy` of the whole, to the rounding of float32: Pillow's resampling of floats has the same
weights. It makes the columns of each strip fewer and, when all are there, the rows. That of decoded pixels
needs no PyTorch, so that it is made while PyTorch is imported; then in few and large steps, since after each
of them it may wait for the thread that imports, and without matrix products, whose threads would spin.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.color.proxy_size import proxy_size
from retouch_aes.photo.source import LevelsSource, PixelSource, TensorSource, gathered, in_strips

if TYPE_CHECKING:
    from torch import Tensor

_LARGE = 4_194_304  # pixels of a strip of decoded ones


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
    columns = proxy_size(*source.size, long_side)[1]
    if proxy_size(*source.size, long_side) == source.size:
        return gathered(source)

    def part(_top: int, strip: "Tensor") -> NDArray[np.float32]:
        return _narrowed([Image.fromarray(plane) for plane in strip[0].numpy()], columns)

    return torch.from_numpy(_lowered(in_strips(source, part), source.size, long_side))


def small_levels(source: LevelsSource, long_side: int) -> NDArray[np.float32]:
    """That of decoded pixels, which is kept with them: not to be changed."""
    made = source.small_copies.get(long_side)
    if made is None:
        height, width = source.size
        if proxy_size(height, width, long_side) == (height, width):
            made = source.values(0, height, 0, width)
        else:
            made = _lowered(_narrowed_levels(source, long_side), source.size, long_side)
        source.small_copies[long_side] = made
    return made


def _narrowed_levels(source: LevelsSource, long_side: int) -> Iterable[NDArray[np.float32]]:
    (height, width), columns = source.size, proxy_size(*source.size, long_side)[1]
    rows = max(1, _LARGE // width)
    for top in range(0, height, rows):
        bands, white = source.bands(top, min(top + rows, height))
        yield _narrowed(bands, columns) / np.float32(white)


def _narrowed(bands: Sequence[Image.Image], columns: int) -> NDArray[np.float32]:
    """Strips of floats, one a channel, each of fewer columns: `(C, r, columns)`."""
    return np.stack([_resized(band, columns, band.height) for band in bands])


def _lowered(
    strips: Iterable[NDArray[np.float32]], size: tuple[int, int], long_side: int
) -> NDArray[np.float32]:
    """All strips of a photo of that `size`, narrow already, as its small copy `(1, 3, h, w)`."""
    rows, columns = proxy_size(*size, long_side)
    tall = np.concatenate(list(strips), axis=1)
    low = np.stack([_resized(Image.fromarray(plane), columns, rows) for plane in tall])
    return np.broadcast_to(low.clip(0, 1), (3, rows, columns))[None].copy()


def _resized(image: Image.Image, width: int, height: int) -> NDArray[np.float32]:
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)

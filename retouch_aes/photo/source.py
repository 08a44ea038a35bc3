"""Where the pixels of a photo come from, a few rows at a time: decoded levels, or a tensor.

A photo of 24 megapixels is 72 MB of levels and 288 MB of floats. What walks over it (the small copy, an edit,
the encoder) takes a strip of rows, which stays in the processor's cache from the decoded levels to the levels
written, and the strips are shared out among the cores. Only who asks for `Photo.image` gets the whole.

PyTorch is imported where a tensor is made, so that who only looks at photos does not wait for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")

Pixels = Image.Image | NDArray[np.uint16]
"""Decoded: an "L" or "RGB" image of 8 bit, or uint16 `(H, W)` or `(H, W, 3)`."""

_STRIP = 262_144  # pixels


class PixelSource(ABC):
    """Pixels `(1, C, H, W)`, sRGB-encoded, [0, 1], that can be had by rows, from any thread."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Height and width."""

    @property
    def channels(self) -> int:
        """3, or 1 of an alpha."""
        return 3

    @property
    def reach(self) -> int:
        """How many rows above and below a strip are looked at, too."""
        return 0

    @abstractmethod
    def rows(self, top: int, bottom: int) -> "Tensor":
        """Float rows `(1, C, bottom - top, W)`."""

    def block(self, top: int, bottom: int, left: int, right: int) -> "Tensor":
        """The columns `left` to `right` of `rows`."""
        return self.rows(top, bottom)[..., left:right]


@dataclass(frozen=True)
class LevelsSource(PixelSource):
    """Decoded pixels, upright, as float32 in [0, 1]; grey colours are repeated.

    `small_copies` keeps what `small` made of them, by its long side: decoded pixels never change.
    """

    pixels: Pixels
    alpha: bool = False
    small_copies: dict[int, NDArray[np.float32]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def channels(self) -> int:
        """3, or 1 of an alpha."""
        return 1 if self.alpha else 3

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        if isinstance(self.pixels, Image.Image):
            return self.pixels.height, self.pixels.width
        return self.pixels.shape[0], self.pixels.shape[1]

    def rows(self, top: int, bottom: int) -> "Tensor":
        """See `PixelSource.rows`."""
        return self.block(top, bottom, 0, self.size[1])

    def block(self, top: int, bottom: int, left: int, right: int) -> "Tensor":
        """See `PixelSource.block`; only its own levels are looked at."""
        import torch

        return torch.from_numpy(self.values(top, bottom, left, right))

    def values(self, top: int, bottom: int, left: int, right: int) -> NDArray[np.float32]:
        """As `block`, without PyTorch."""
        out = np.empty((1, self.channels, bottom - top, right - left), np.float32)
        planes, white = self._planes(top, bottom, left, right)
        for channel, plane in enumerate(out[0]):
            levels = planes[min(channel, len(planes) - 1)]
            np.divide(levels, np.float32(white), out=plane, dtype=np.float32)
        return out

    def bands(self, top: int, bottom: int) -> tuple[list[Image.Image], int]:
        """Rows of each channel's levels as Pillow's images of floats; the level of white."""
        if isinstance(self.pixels, Image.Image):
            strip = self.pixels.crop((0, top, self.pixels.width, bottom))
            return [band.convert("F") for band in strip.split()], 255
        planes, white = self._planes(top, bottom, 0, self.size[1])
        return [Image.fromarray(plane.astype(np.float32)) for plane in planes], white

    def _planes(self, top: int, bottom: int, left: int, right: int) -> tuple[list[NDArray[Any]], int]:
        """Each channel's levels `(bottom - top, right - left)`, and the level of white."""
        if isinstance(self.pixels, Image.Image):
            strip = self.pixels.crop((left, top, right, bottom))
            return [np.asarray(band) for band in strip.split()], 255
        rows = self.pixels[top:bottom, left:right]
        return list(np.moveaxis(rows.reshape(*rows.shape[:2], -1), -1, 0)), 65535


@dataclass(frozen=True)
class TensorSource(PixelSource):
    """A tensor `(1, C, H, W)` of any floating type, on any device."""

    image: "Tensor"

    @property
    def channels(self) -> int:
        """3, or 1 of an alpha."""
        return self.image.shape[1]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.image.shape[-2], self.image.shape[-1]

    def rows(self, top: int, bottom: int) -> "Tensor":
        """See `PixelSource.rows`; a view."""
        return self.image[:, :, top:bottom]


def in_strips(source: PixelSource, work: Callable[[int, "Tensor"], T]) -> Iterator[T]:
    """`work(top, rows)` for every strip of `source`, on as many threads as PyTorch may use; answers in order.

    No gradient flows. The strips cover the photo once, from the top.
    """
    import torch

    height, width = source.size
    rows = max(1, 2 * source.reach, _STRIP // width)

    def one(top: int) -> T:
        with torch.no_grad():
            return work(top, source.rows(top, min(top + rows, height)))

    tops, threads = range(0, height, rows), torch.get_num_threads()
    if threads == 1 or len(tops) == 1:
        yield from map(one, tops)
        return
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(one, tops)
    finally:
        torch.set_num_threads(threads)  # of threads that begin later


def gathered(source: PixelSource) -> "Tensor":
    """The whole `(1, C, H, W)` of `source`, a new tensor; of a `TensorSource` the tensor itself."""
    if isinstance(source, TensorSource):
        return source.image
    height, width = source.size
    out = source.rows(0, 1).new_empty((1, source.channels, height, width))

    def keep(top: int, strip: "Tensor") -> None:
        out[:, :, top : top + strip.shape[2]] = strip

    for _ in in_strips(source, keep):
        pass
    return out

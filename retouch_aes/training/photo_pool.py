"""Photos for training: small copies held in memory as bytes, or read again when asked for; random crops."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.photo import read


class CropSource(Protocol):
    """What a whole network trains on: some photos, and random crops of them."""

    def __len__(self) -> int:
        """How many photos."""
        ...

    def crops(self, indices: Tensor, size: tuple[int, int], least: float, generator: Generator) -> Tensor:
        """Random crops `(B, 3, *size)`, float [0, 1], of those photos."""
        ...

    def whole(self, index: int, size: tuple[int, int]) -> Tensor:
        """One photo `(1, 3, *size)`, squashed to that shape."""
        ...


@dataclass(frozen=True)
class PhotoPool:
    """Small copies `(3, H, W)`, uint8 sRGB, and the files they come from."""

    paths: tuple[Path, ...]
    images: tuple[Tensor, ...]

    @staticmethod
    def load(paths: Sequence[Path], long_side: int, *, square: bool = False) -> "PhotoPool":
        """Read photos, keep them at `long_side` pixels at most. `PhotoError` for an unreadable one.

        With `square` they are squashed to `long_side` x `long_side`.
        """
        with ThreadPoolExecutor(max_workers=2) as threads:
            images = threads.map(lambda path: _small(path, long_side, square=square), paths)
            return PhotoPool(tuple(paths), tuple(images))

    def __len__(self) -> int:
        """How many photos."""
        return len(self.images)

    def some(self, indices: Iterable[int]) -> "PhotoPool":
        """Those of the photos, which share their memory with these."""
        kept = list(indices)
        return PhotoPool(tuple(self.paths[i] for i in kept), tuple(self.images[i] for i in kept))

    def sample(self, count: int, generator: Generator) -> Tensor:
        """`count` different indices, or all in random order where there are fewer."""
        return torch.randperm(len(self), generator=generator)[:count]

    def crops(self, indices: Tensor, size: tuple[int, int], least: float, generator: Generator) -> Tensor:
        """Random crops `(B, 3, *size)`, float [0, 1]: `least` or more of the area that fits; half flipped."""
        found = [_crop(self.images[int(index)], size, least, generator) for index in indices]
        return torch.cat(found)

    def whole(self, index: int, size: tuple[int, int]) -> Tensor:
        """One photo `(1, 3, *size)`, squashed to that shape."""
        return _resize(self.images[index][None].float() / 255, size)


@dataclass(frozen=True)
class PhotoFiles:
    """Photos squashed to `side` x `side` that are read each time they are asked for: no memory but a batch's.

    `workers` are read at a time.
    """

    paths: tuple[Path, ...]
    side: int
    workers: int = 2

    def __len__(self) -> int:
        """How many photos."""
        return len(self.paths)

    def some(self, indices: Iterable[int]) -> "PhotoFiles":
        """Those of the photos."""
        return PhotoFiles(tuple(self.paths[i] for i in indices), self.side, self.workers)

    def crops(self, indices: Tensor, size: tuple[int, int], least: float, generator: Generator) -> Tensor:
        """As `PhotoPool.crops`. `PhotoError` for an unreadable photo."""
        with ThreadPoolExecutor(self.workers) as threads:
            paths = [self.paths[int(index)] for index in indices]
            images = list(threads.map(lambda path: _small(path, self.side, square=True), paths))
        return torch.cat([_crop(image, size, least, generator) for image in images])

    def whole(self, index: int, size: tuple[int, int]) -> Tensor:
        """As `PhotoPool.whole`. `PhotoError` for an unreadable photo."""
        return _resize(_small(self.paths[index], self.side, square=True)[None].float() / 255, size)


MOST_BYTES = 2 << 30
"""Of photos held in memory; more are read again for every batch."""


def square_photos(paths: Sequence[Path], side: int, *, most: int = MOST_BYTES) -> "PhotoPool | PhotoFiles":
    """`paths` squashed to `side` x `side`: in memory where they take `most` bytes or less."""
    if 3 * side * side * len(paths) <= most:
        return PhotoPool.load(paths, side, square=True)
    return PhotoFiles(tuple(paths), side)


def _small(path: Path, side: int, *, square: bool) -> Tensor:
    image = read(path).proxy(2 * side if square else side)
    if square:
        image = _resize(image, (side, side))
    return (image[0] * 255).round().to(torch.uint8)


def _crop(image: Tensor, size: tuple[int, int], least: float, generator: Generator) -> Tensor:
    height, width = image.shape[-2:]
    area, down, right, flip = torch.rand(4, generator=generator).tolist()
    fit = min(height / size[0], width / size[1]) * (least + (1 - least) * area) ** 0.5
    tall, wide = max(1, round(size[0] * fit)), max(1, round(size[1] * fit))
    top, left = int(down * (height - tall + 1)), int(right * (width - wide + 1))
    crop = _resize(image[None, :, top : top + tall, left : left + wide].float() / 255, size)
    return crop.flip(-1) if flip < 0.5 else crop


def _resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(image, size=size, mode="bilinear", antialias=True).clamp(0, 1)

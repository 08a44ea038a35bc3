"""Photos held in memory for training, small and as bytes, and random crops of them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.photo import read


@dataclass(frozen=True)
class PhotoPool:
    """Small copies `(3, H, W)`, uint8 sRGB, and the files they come from."""

    paths: tuple[Path, ...]
    images: tuple[Tensor, ...]

    @staticmethod
    def load(paths: Sequence[Path], long_side: int) -> "PhotoPool":
        """Read photos, keep them at `long_side` pixels at most. `PhotoError` for an unreadable one."""

        def small(path: Path) -> Tensor:
            return (read(path).proxy(long_side)[0] * 255).round().to(torch.uint8)

        with ThreadPoolExecutor(max_workers=2) as threads:
            return PhotoPool(tuple(paths), tuple(threads.map(small, paths)))

    def __len__(self) -> int:
        """How many photos."""
        return len(self.images)

    def sample(self, count: int, generator: Generator) -> Tensor:
        """`count` different indices, or all in random order where there are fewer."""
        return torch.randperm(len(self), generator=generator)[:count]

    def crops(self, indices: Tensor, size: tuple[int, int], least: float, generator: Generator) -> Tensor:
        """Random crops `(B, 3, *size)`, float [0, 1]: `least` or more of the area that fits; half flipped."""
        return torch.cat([self._crop(int(index), size, least, generator) for index in indices])

    def whole(self, index: int, size: tuple[int, int]) -> Tensor:
        """One photo `(1, 3, *size)`, squashed to that shape."""
        return _resize(self.images[index][None].float() / 255, size)

    def _crop(self, index: int, size: tuple[int, int], least: float, generator: Generator) -> Tensor:
        image = self.images[index]
        height, width = image.shape[-2:]
        area, down, right, flip = torch.rand(4, generator=generator).tolist()
        fit = min(height / size[0], width / size[1]) * (least + (1 - least) * area) ** 0.5
        tall, wide = max(1, round(size[0] * fit)), max(1, round(size[1] * fit))
        top, left = int(down * (height - tall + 1)), int(right * (width - wide + 1))
        crop = _resize(image[None, :, top : top + tall, left : left + wide].float() / 255, size)
        return crop.flip(-1) if flip < 0.5 else crop


def _resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(image, size=size, mode="bilinear", antialias=True).clamp(0, 1)

"""Full size by tiles with overlap, for networks that look only a little way around each pixel.

Every tile is cut larger than needed. At an inner edge its outermost `reach` pixels, which lack their
neighbours, are thrown away, and over the next `reach` pixels it fades into the next tile. A network that
looks at most `reach` pixels around comes out exactly as on the whole photo.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import ceil

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.full_size import FullSize, answer
from retouch_aes.errors import UsageError


@dataclass(frozen=True)
class Tiles(FullSize):
    """Tiles of at most `height` x `width` pixels; with `exact` never smaller (the border is repeated).

    With `framed` the photo's border is first repeated outwards by `reach`, for networks whose zero padding
    would leave a frame around the picture.
    """

    height: int = 768
    width: int = 768
    reach: int = 32
    exact: bool = False
    framed: bool = False

    def __post_init__(self) -> None:
        if self.reach < self.framed or min(self.height, self.width) <= 3 * self.reach:
            raise UsageError(
                f"expected tiles longer than 3 x reach, got {self.height} x {self.width}, reach {self.reach}"
            )

    def run(self, network: nn.Module, image: Tensor) -> Tensor:
        """See `FullSize.run`."""
        if self.framed:
            reach = self.reach
            larger = F.pad(image, [reach] * 4, mode="replicate")
            return replace(self, framed=False).run(network, larger)[..., reach:-reach, reach:-reach]
        height, width = image.shape[-2:]
        if self.exact:
            wanted = (0, max(0, self.width - width), 0, max(0, self.height - height))
            image = F.pad(image, wanted, mode="replicate")
        rows = _starts(image.shape[-2], self.height, self.reach)
        columns = _starts(image.shape[-1], self.width, self.reach)
        if len(rows) == len(columns) == 1:
            return answer(network, image)[..., :height, :width]
        result, weights = torch.zeros_like(image), torch.zeros_like(image[:1, :1])
        for top, left in product(rows, columns):
            tile = image[..., top : top + self.height, left : left + self.width]
            down = _fade(tile.shape[-2], top, image.shape[-2], self.reach).to(image)
            right = _fade(tile.shape[-1], left, image.shape[-1], self.reach).to(image)
            weight = down[:, None] * right
            place = (..., slice(top, top + tile.shape[-2]), slice(left, left + tile.shape[-1]))
            result[place] += weight * answer(network, tile)
            weights[place] += weight
        return result.div_(weights)[..., :height, :width]


def _starts(total: int, size: int, reach: int) -> list[int]:
    """Where the tiles of one axis begin: as few as cover it with an overlap of `3 * reach`, evenly spread."""
    if total <= size:
        return [0]
    count = 1 + ceil((total - size) / (size - 3 * reach))
    return [round(index * (total - size) / (count - 1)) for index in range(count)]


def _fade(size: int, start: int, total: int, reach: int) -> Tensor:
    """Weights `(size,)` of a tile along one axis: 0, then a ramp, at inner edges; 1 at those of the photo."""
    place = torch.arange(size, dtype=torch.float32)
    ramp = [torch.ones(size)]
    if start > 0:
        ramp.append(((place - reach + 0.5) / max(1, reach)).clamp(0, 1))
    if start + size < total:
        ramp.append(((size - 1 - place - reach + 0.5) / max(1, reach)).clamp(0, 1))
    return torch.stack(ramp).amin(0)

"""The contract of an edit: named parameters in photographers' units, one look at the photo, a pure function.

`measure` looks once at a small version of the whole photo (the proxy) and returns `Stats`; `apply` is a
pure, batched, differentiable function of the pixels and the parameters. Because everything that depends on
the whole frame lies in the stats, a tile of a large photo comes out exactly as it does in the whole.
Operators never clamp: values outside [0, 1] pass through, and the chain ends in one soft clamp.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from retouch_aes.errors import UsageError


@dataclass(frozen=True)
class Param:
    """One slider: its range, the value that changes nothing, its unit and what it does."""

    name: str
    low: float
    high: float
    neutral: float
    unit: str
    doc: str

    def __post_init__(self) -> None:
        if not self.low < self.high or not self.low <= self.neutral <= self.high:
            raise UsageError(f"parameter {self.name}: expected low <= neutral <= high, got {self}")


@dataclass(frozen=True)
class Tile:
    """Where an image lies in its frame, in pixels of the frame."""

    top: int
    left: int
    frame_height: int
    frame_width: int


@dataclass(frozen=True)
class Stats:
    """What an operator measured on the whole frame.

    `values` holds `(B, C)` tensors (one value for the frame) and `(B, C, h, w)` tensors (coarse maps that
    span the frame). `tile` says which part of the frame the next image is; None means all of it.
    """

    values: Mapping[str, Tensor] = field(default_factory=dict)
    tile: Tile | None = None

    def of_frame(self, name: str) -> Tensor:
        """A `(B, C)` value, shaped `(B, C, 1, 1)` so that it meets an image."""
        return self.values[name][:, :, None, None]

    def on(self, name: str, image: Tensor) -> Tensor:
        """A map `(B, C, h, w)`, bilinearly sampled at the pixel centres of `image` `(B, 3, H, W)`."""
        coarse = self.values[name]
        tile = self.tile or Tile(0, 0, image.shape[-2], image.shape[-1])
        rows = _places(coarse, 2, tile.top, image.shape[-2], tile.frame_height)
        columns = _places(coarse, 3, tile.left, image.shape[-1], tile.frame_width)
        first, last = int(rows[0]), int(rows[-1].ceil())
        near, left = coarse[:, :, first : last + 1], columns.long()
        right, share = (left + 1).clamp(max=coarse.shape[3] - 1), (columns - left).to(coarse.dtype)
        left, right = (index.expand(*near.shape[:3], -1) for index in (left, right))
        wide = torch.lerp(near.gather(3, left), near.gather(3, right), share)
        away = rows[:, None] - torch.arange(first, last + 1, device=rows.device)
        return (1 - away.abs()).clamp(min=0).to(coarse.dtype) @ wide

    def long_side(self, image: Tensor) -> int:
        """The long side of the frame in its pixels, for radii given as a fraction of it."""
        if self.tile is None:
            return max(image.shape[-2:])
        return max(self.tile.frame_height, self.tile.frame_width)


def _places(coarse: Tensor, dim: int, start: int, count: int, total: int) -> Tensor:
    """Where on `coarse` the centres of `count` pixels lie, from `start` of `total` on; float64 `(count,)`."""
    size = coarse.shape[dim]
    centres = torch.arange(start, start + count, device=coarse.device, dtype=torch.float64) + 0.5
    return (centres * (size / total) - 0.5).clamp(0, size - 1)


@dataclass(frozen=True)
class Operator(ABC):
    """An edit. Subclasses are frozen dataclasses that give every field a default and define `apply`.

    `halo` is how far `apply` looks around a pixel, as a fraction of the frame's long side (0 for an edit
    that needs no neighbours). `pointwise` promises more: a pixel's answer depends on its colour and the
    frame's `(B, C)` stats alone, not on where it lies; a render may bake such edits. `version` rises
    whenever the same parameters would give another picture. `kornia` names the functions of kornia that
    `measure` and `apply` stand on, as "color.rgb_to_lab". `colour` says that the edit is about colour: it
    would tint greys, or has nothing to do where there is no colour; black and white photos are spared it.
    """

    name: str
    version: int
    params: tuple[Param, ...]
    doc: str
    working_space: str = "sRGB"
    halo: float = 0.0
    pointwise: bool = False
    kornia: tuple[str, ...] = ()
    colour: bool = False

    def measure(self, image: Tensor) -> Stats:
        """Look once at the whole frame `(B, 3, H, W)`, sRGB [0, 1]. No gradient flows through the answer."""
        return Stats()

    @abstractmethod
    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """Edit `image` `(B, 3, H, W)`, sRGB about [0, 1], by `params` `(B, P)` in their units."""

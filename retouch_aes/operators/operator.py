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
    """One slider of an operator.

    Attributes:
        name: As recipes write it.
        low: Its lowest value.
        high: Its highest value.
        neutral: The value that changes nothing.
        unit: As photographers say it: "EV", "%", "K", or "".
        doc: What it does, in a few words.

    Raises:
        UsageError: `neutral` is not within `low` and `high`.

    Examples:
        >>> from retouch_aes import Param
        >>> Param("ev", -2.0, 2.0, 0.0, "EV", "brighter above 0").neutral
        0.0
    """

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

    Attributes:
        values: By name, `(B, C)` tensors (one value for the frame) and `(B, C, h, w)` tensors (coarse maps
            that span the frame).
        tile: Which part of the frame the next image is; None for all of it.

    Examples:
        >>> import torch
        >>> from retouch_aes import Stats
        >>> Stats({"mean": torch.zeros(2, 3)}).of_frame("mean").shape
        torch.Size([2, 3, 1, 1])
    """

    values: Mapping[str, Tensor] = field(default_factory=dict)
    tile: Tile | None = None

    def of_frame(self, name: str) -> Tensor:
        """One value for the frame.

        Args:
            name: Of a `(B, C)` tensor in `values`.

        Returns:
            `(B, C, 1, 1)`, so that it meets an image.
        """
        return self.values[name][:, :, None, None]

    def on(self, name: str, image: Tensor) -> Tensor:
        """A coarse map at every pixel of an image, or of the tile that it is, bilinearly sampled.

        Args:
            name: Of a `(B, C, h, w)` tensor in `values`.
            image: `(B, 3, H, W)`.

        Returns:
            `(B, C, H, W)`.
        """
        coarse = self.values[name]
        tile = self.tile or Tile(0, 0, image.shape[-2], image.shape[-1])
        rows = _places(coarse, 2, tile.top, image.shape[-2], tile.frame_height)
        columns = _places(coarse, 3, tile.left, image.shape[-1], tile.frame_width)
        first, last = int(rows[0]), int(rows[-1].ceil())
        near, left = coarse[:, :, first : last + 1], columns.long()
        right, share = (left + 1).clamp(max=coarse.shape[3] - 1), (columns - left).to(coarse)
        left, right = left.to(coarse.device), right.to(coarse.device)
        left, right = (index.expand(*near.shape[:3], -1) for index in (left, right))
        wide = torch.lerp(near.gather(3, left), near.gather(3, right), share)
        away = rows[:, None] - torch.arange(first, last + 1)
        return (1 - away.abs()).clamp(min=0).to(coarse) @ wide

    def long_side(self, image: Tensor) -> int:
        """The long side of the frame, for radii given as a fraction of it.

        Args:
            image: `(B, 3, H, W)`, the frame or the tile.

        Returns:
            Pixels of the frame.
        """
        if self.tile is None:
            return max(image.shape[-2:])
        return max(self.tile.frame_height, self.tile.frame_width)


def _places(coarse: Tensor, dim: int, start: int, count: int, total: int) -> Tensor:
    """Where on `coarse` the centres of `count` pixels lie, from `start` of `total` on; float64 `(count,)`.

    On the CPU, for not every device has float64.
    """
    size = coarse.shape[dim]
    centres = torch.arange(start, start + count, dtype=torch.float64) + 0.5
    return (centres * (size / total) - 0.5).clamp(0, size - 1)


@dataclass(frozen=True)
class Operator(ABC):
    """A differentiable edit with named, bounded sliders in photographers' units.

    A subclass is a frozen dataclass that gives every field a default and defines `apply`;
    `testing.check_operator` says whether it keeps the contract. Operators never clamp.

    Attributes:
        name: As recipes write it.
        version: It rises whenever the same parameters would give another picture.
        params: The sliders, `P` of them.
        doc: What it does, in a few words.
        working_space: Of `apply`: "sRGB", "linear", ...
        halo: How far `apply` looks around a pixel, as a fraction of the frame's long side; 0 for an edit that
            needs no neighbours.
        pointwise: It promises more: a pixel's answer depends on its colour and the frame's `(B, C)` stats
            alone, not on where it lies; a render may bake such edits into a table.
        kornia: The functions of kornia that `measure` and `apply` stand on, as "color.rgb_to_lab".
        colour: The edit is about colour: it would tint greys, or has nothing to do where there is no colour.
            Black and white photos are spared it.
        earlier: How the operator was in earlier versions, so that recipes saved with them give the picture
            that they gave.

    Examples:
        >>> from dataclasses import dataclass
        >>> from retouch_aes import Operator, Param
        >>> from retouch_aes.testing import check_operator
        >>> @dataclass(frozen=True)
        ... class Brighter(Operator):
        ...     name: str = "brighter"
        ...     version: int = 1
        ...     params: tuple = (Param("amount", -1.0, 1.0, 0.0, "", "lighter above 0"),)
        ...     doc: str = "adds light"
        ...     pointwise: bool = True
        ...     def apply(self, image, params, stats):
        ...         return image + 0.2 * params[:, :, None, None]
        >>> check_operator(Brighter())
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
    earlier: "tuple[Operator, ...]" = ()

    def measure(self, image: Tensor) -> Stats:
        """Look once at the whole frame. No gradient flows through the answer.

        Args:
            image: The frame, or a small copy of it, `(B, 3, H, W)`, sRGB [0, 1].

        Returns:
            What `apply` needs to know of the frame; here nothing.
        """
        return Stats()

    @abstractmethod
    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """Edit images; pure and differentiable in the pixels and the parameters.

        Args:
            image: `(B, 3, H, W)`, sRGB, about [0, 1].
            params: `(B, P)` in the units of `params`, within their ranges.
            stats: What `measure` found, on a small copy of the same frame.

        Returns:
            `(B, 3, H, W)`; values beyond [0, 1] are left as they are.
        """

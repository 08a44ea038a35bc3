"""The contract of a mask: settings in photographers' units, one look at the photo, a weight for every pixel.

As an operator does, a mask looks once at a small copy of the whole frame (`measure`) and then weighs any
tile of it (`weight`), so that strips of a large photo come out as the whole does.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any, ClassVar

from torch import Tensor

from retouch_aes.errors import RecipeError
from retouch_aes.operators.operator import Stats


def setting(default: float, low: float, high: float, doc: str) -> Any:
    """A field of a mask: a number within `low` and `high`."""
    return field(default=default, metadata={"low": low, "high": high, "doc": doc})


@dataclass(frozen=True)
class Mask(ABC):
    """Where an edit applies: a weight in [0, 1] for every pixel.

    A subclass is a frozen dataclass whose fields are `setting`s and which defines `weight`.

    Attributes:
        kind: As recipes name it.
        invert: The edit applies where it would not, and the reverse.

    Raises:
        RecipeError: A setting outside its range.

    Examples:
        >>> import torch
        >>> from retouch_aes import LinearMask, Mask
        >>> mask = LinearMask(full_y=0.0, zero_y=1.0)
        >>> isinstance(mask, Mask), mask.kind
        (True, 'linear')
    """

    kind: ClassVar[str]
    invert: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.invert, bool):
            raise RecipeError(f"mask {self.kind}: expected true or false for invert, got {self.invert!r}")
        for one in _settings(type(self)):
            value, low, high = getattr(self, one.name), one.metadata["low"], one.metadata["high"]
            number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
            if not number or not low <= value <= high:
                raise RecipeError(
                    f"mask {self.kind}: expected {low:g} to {high:g} for {one.name}, got {str(value)[:60]}"
                )

    def measure(self, image: Tensor) -> Stats:
        """Look once at the whole frame. No gradient flows through the answer.

        Args:
            image: The frame as it reaches the edit, or a small copy, `(B, 3, H, W)`, sRGB, about [0, 1].

        Returns:
            What `weight` needs to know of the frame; here nothing.
        """
        return Stats()

    @abstractmethod
    def weight(self, image: Tensor, stats: Stats) -> Tensor:
        """How much of the edit each pixel gets, `invert` aside; differentiable in the pixels.

        Args:
            image: `(B, 3, H, W)`, sRGB, about [0, 1]: the frame or a tile of it.
            stats: What `measure` found, and where the tile lies.

        Returns:
            `(B, 1, H, W)` or `(1, 1, H, W)` in [0, 1].
        """

    def at(self, image: Tensor, stats: Stats) -> Tensor:
        """As `weight`, turned round where the mask is inverted.

        Args:
            image: `(B, 3, H, W)`, sRGB, about [0, 1]: the frame or a tile of it.
            stats: What `measure` found, and where the tile lies.

        Returns:
            `(B, 1, H, W)` or `(1, 1, H, W)` in [0, 1].
        """
        weight = self.weight(image, stats)
        return 1 - weight if self.invert else weight

    @property
    def label(self) -> str:
        """Short, for people: "not luminance 60 100 10"."""
        values = [f"{getattr(self, one.name):g}" for one in _settings(type(self))]
        return " ".join([*(["not"] if self.invert else []), self.kind, *values])

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `mask_files.read_mask` reads back: the kind and every setting."""
        values = {one.name: getattr(self, one.name) for one in _settings(type(self))}
        return {"kind": self.kind, **values, **({"invert": True} if self.invert else {})}


def settings_of(kind: type[Mask]) -> Mapping[str, Mapping[str, Any]]:
    """The settings of a kind of mask by name: `low`, `high`, `doc` and `default` of each."""
    return {one.name: {**one.metadata, "default": one.default} for one in _settings(kind)}


def _settings(kind: type[Mask]) -> list[Any]:
    return [one for one in fields(kind) if "low" in one.metadata]

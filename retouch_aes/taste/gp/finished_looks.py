"""How much a photo looks as a person's photos do before their edit, rather than after it.

    amount(x) = 1 / (1 + exp(-(w . s(x) + c)))

`s` are quantiles of luma, the channels, chroma and the dark channel (`models.edit_prior.colour_statistics`).
The usual edit is scaled by it: a photo that looks finished already is spared.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from retouch_aes.models.edit_prior import colour_statistics

NUMBERS = 66
_LARGEST = 1e4


@dataclass(frozen=True)
class FinishedLooks:
    """What tells before from after.

    Attributes:
        weights: `w`, 66 numbers.
        offset: `c`.

    Examples:
        >>> import torch
        >>> from retouch_aes.taste.gp.finished_looks import FinishedLooks
        >>> FinishedLooks((0.0,) * 66, 0.0).amount(torch.rand(1, 3, 32, 48))
        tensor([0.5000])
    """

    weights: tuple[float, ...]
    offset: float

    def amount(self, image: Tensor) -> Tensor:
        """How much of the usual edit each photo is to get.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].

        Returns:
            `(B,)`, from 0, it looks finished, to 1.
        """
        seen = colour_statistics(image)
        return torch.sigmoid(seen @ seen.new_tensor(self.weights) + self.offset)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"weights": list(self.weights), "offset": self.offset}

    @staticmethod
    def from_json(value: Any) -> "FinishedLooks":
        """Read `to_json`'s value.

        Args:
            value: What JSON gave.

        Returns:
            The discriminant.

        Raises:
            ValueError: Other numbers than learning can give.
        """
        if not isinstance(value, Mapping) or not isinstance(value["weights"], list):
            raise ValueError("expected what tells before from after as weights and an offset")
        weights, offset = value["weights"], value["offset"]
        numbers = [*weights, offset]
        if len(weights) != NUMBERS or not all(type(n) is float and abs(n) <= _LARGEST for n in numbers):
            raise ValueError(f"expected {NUMBERS} finite weights and an offset, got others")
        return FinishedLooks(tuple(weights), offset)


def blended_looks(looks: Sequence[FinishedLooks | None], shares: Sequence[float]) -> FinishedLooks | None:
    """Between several people's; None unless each has one.

    Args:
        looks: Theirs.
        shares: Of each, one in sum.

    Returns:
        The discriminant of the shares.
    """
    known = [one for one in looks if one is not None]
    if not known or len(known) < len(looks):
        return None
    parts = list(zip(shares, known, strict=True))
    weights = tuple(math.fsum(share * one.weights[i] for share, one in parts) for i in range(NUMBERS))
    return FinishedLooks(weights, math.fsum(share * one.offset for share, one in parts))

"""A fixed order of operators, seen as one function of the photo and one vector of parameters.

Solvers move *units*: every parameter on a common scale where 0 is neutral, -1 its lowest and +1 its highest
value. `EditChain` translates, applies the operators one after the other, measuring each on the picture that
reaches it, and ends in the one soft clamp.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from retouch_aes.color.clamp import soft_clamp
from retouch_aes.errors import UsageError
from retouch_aes.operators.operator import Operator, Param, Stats


class EditChain:
    """Operators in order. `P` is the number of all their parameters."""

    def __init__(self, operators: Sequence[Operator]) -> None:
        names = [operator.name for operator in operators]
        if len(set(names)) != len(names):
            raise UsageError(f"expected each operator once, got {', '.join(names)}")
        self.operators = tuple(operators)
        self.params: tuple[Param, ...] = tuple(param for op in operators for param in op.params)
        self.names = tuple(f"{op.name}.{param.name}" for op in operators for param in op.params)
        self._above = torch.tensor([param.high - param.neutral for param in self.params])
        self._below = torch.tensor([param.neutral - param.low for param in self.params])
        self._neutral = torch.tensor([param.neutral for param in self.params])

    def __len__(self) -> int:
        """How many parameters there are."""
        return len(self.params)

    def from_units(self, units: Tensor) -> Tensor:
        """`(B, P)` units, -1..1 -> `(B, P)` parameters in their own units."""
        above, below, neutral = (t.to(units) for t in (self._above, self._below, self._neutral))
        return neutral + units * torch.where(units > 0, above, below)

    def to_units(self, params: Tensor) -> Tensor:
        """`(B, P)` parameters -> `(B, P)` units, -1..1. The inverse of `from_units`."""
        above, below, neutral = (t.to(params) for t in (self._above, self._below, self._neutral))
        reach = torch.where(params > neutral, above, below)
        return torch.where(params == neutral, torch.zeros_like(params), (params - neutral) / reach)

    def apply(self, image: Tensor, params: Tensor) -> Tensor:
        """Edit `(B, 3, H, W)` by `(B, P)`, each operator measuring what reaches it; result in [0, 1]."""
        return soft_clamp(self.develop(image, params))

    def develop(self, image: Tensor, params: Tensor) -> Tensor:
        """As `apply`, without the clamp: what lies outside [0, 1] would be lost."""
        for operator, values in self.split(params):
            image = operator.apply(image, values, operator.measure(image.detach()))
        return image

    def measure(self, image: Tensor, params: Tensor) -> tuple[Stats, ...]:
        """What each operator measures on its way through `image`, for `apply_measured`."""
        found = []
        with torch.no_grad():
            for operator, values in self.split(params):
                stats = operator.measure(image)
                image = operator.apply(image, values, stats)
                found.append(stats)
        return tuple(found)

    def apply_measured(self, image: Tensor, params: Tensor, stats: Sequence[Stats]) -> Tensor:
        """Edit an image, or a tile of one, with the stats measured on a small copy of its whole frame."""
        for (operator, values), known in zip(self.split(params), stats, strict=True):
            image = operator.apply(image, values, known)
        return soft_clamp(image)

    def split(self, params: Tensor) -> list[tuple[Operator, Tensor]]:
        """Each operator with its part `(B, p)` of `params` `(B, P)`."""
        if params.ndim != 2 or params.shape[1] != len(self.params):
            raise UsageError(f"expected parameters (B, {len(self.params)}), got {tuple(params.shape)}")
        counts = [len(operator.params) for operator in self.operators]
        return list(zip(self.operators, torch.split(params, counts, dim=1), strict=True))

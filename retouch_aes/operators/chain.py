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
    """Operators in order, as one function of the photo and one vector of their `P` parameters.

    Args:
        operators: In the order of application, each once.

    Attributes:
        operators: The same.
        params: All their sliders, `P` of them.
        names: "operator.slider" of each.

    Raises:
        UsageError: An operator twice.

    Examples:
        >>> import torch
        >>> from retouch_aes import OPERATORS, EditChain
        >>> chain = EditChain([OPERATORS["exposure"], OPERATORS["saturation"]])
        >>> units = torch.zeros(1, len(chain), requires_grad=True)  # 0 is neutral, -1 and 1 are the ends
        >>> edited = chain.apply(torch.full((1, 3, 8, 8), 0.25), chain.from_units(units))
        >>> edited.mean().backward()
        >>> bool(units.grad[0, 0] > 0)  # more exposure, more light
        True
    """

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
        self._first: tuple[Tensor, int, Stats] | None = None

    def __len__(self) -> int:
        """How many parameters there are."""
        return len(self.params)

    def from_units(self, units: Tensor) -> Tensor:
        """Units to parameters.

        Args:
            units: `(B, P)`; 0 is neutral, -1 and 1 the ends of a slider's range.

        Returns:
            `(B, P)`, each in its own unit.
        """
        above, below, neutral = (t.to(units) for t in (self._above, self._below, self._neutral))
        return neutral + units * torch.where(units > 0, above, below)

    def to_units(self, params: Tensor) -> Tensor:
        """Parameters to units; the inverse of `from_units`.

        Args:
            params: `(B, P)`, each in its own unit.

        Returns:
            `(B, P)` in [-1, 1].
        """
        above, below, neutral = (t.to(params) for t in (self._above, self._below, self._neutral))
        reach = torch.where(params > neutral, above, below)
        return torch.where(params == neutral, torch.zeros_like(params), (params - neutral) / reach)

    def apply(self, image: Tensor, params: Tensor) -> Tensor:
        """Edit images, each operator measuring what reaches it.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].
            params: `(B, P)`, each in its own unit.

        Returns:
            `(B, 3, H, W)` in [0, 1], by one soft clamp at the end.
        """
        return soft_clamp(self.develop(image, params))

    def develop(self, image: Tensor, params: Tensor) -> Tensor:
        """As `apply`, without the clamp: what lies outside [0, 1] would be lost.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].
            params: `(B, P)`, each in its own unit.

        Returns:
            `(B, 3, H, W)`, about [0, 1].
        """
        for place, (operator, values) in enumerate(self.split(params)):
            stats = operator.measure(image.detach()) if place else self._measured_first(image)
            image = operator.apply(image, values, stats)
        return image

    def _measured_first(self, image: Tensor) -> Stats:
        """What the first operator measures: of the photo as it is, so once for all that is tried on it."""
        if image.is_inference():
            return self.operators[0].measure(image.detach())
        if self._first is None or self._first[0] is not image or self._first[1] != image._version:
            self._first = image, image._version, self.operators[0].measure(image.detach())
        return self._first[2]

    def measure(self, image: Tensor, params: Tensor) -> tuple[Stats, ...]:
        """What each operator measures on its way through an image, for `apply_measured`.

        Args:
            image: A small copy of the whole frame, `(B, 3, h, w)`, sRGB [0, 1].
            params: `(B, P)`, each in its own unit.

        Returns:
            The stats of every operator, in order.
        """
        found = []
        with torch.no_grad():
            for operator, values in self.split(params):
                stats = operator.measure(image)
                image = operator.apply(image, values, stats)
                found.append(stats)
        return tuple(found)

    def apply_measured(self, image: Tensor, params: Tensor, stats: Sequence[Stats]) -> Tensor:
        """Edit an image, or a tile of one, with what was measured on a small copy of its whole frame.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].
            params: `(B, P)`, each in its own unit.
            stats: Of `measure`.

        Returns:
            `(B, 3, H, W)` in [0, 1].
        """
        for (operator, values), known in zip(self.split(params), stats, strict=True):
            image = operator.apply(image, values, known)
        return soft_clamp(image)

    def split(self, params: Tensor) -> list[tuple[Operator, Tensor]]:
        """Each operator with its own parameters.

        Args:
            params: `(B, P)`, those of all.

        Returns:
            Pairs of an operator and its part `(B, p)`.

        Raises:
            UsageError: Parameters of another shape.
        """
        if params.ndim != 2 or params.shape[1] != len(self.params):
            raise UsageError(f"expected parameters (B, {len(self.params)}), got {tuple(params.shape)}")
        counts = [len(operator.params) for operator in self.operators]
        return list(zip(self.operators, torch.split(params, counts, dim=1), strict=True))

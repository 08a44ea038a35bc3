"""An operator that applies where its masks say: `x' = x + m (edit(x) - x)`, `m` the product of the masks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.operators.masks.mask import Mask
from retouch_aes.operators.operator import Operator, Stats


@dataclass(frozen=True, kw_only=True)
class MaskedOperator(Operator):
    """An operator bound to masks; `masked` makes it. Everything else takes it as any operator.

    Attributes:
        edit: The operator.
        masks: Where it applies: where all of them do.
    """

    edit: Operator
    masks: tuple[Mask, ...]

    def measure(self, image: Tensor) -> Stats:
        """What the operator and the masks measure, each under a prefix of its own."""
        parts = [self.edit.measure(image), *(mask.measure(image) for mask in self.masks)]
        return Stats(
            {
                f"{index}.{name}": value
                for index, part in enumerate(parts)
                for name, value in part.values.items()
            }
        )

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        edited = self.edit.apply(image, params, _part(stats, 0))
        return torch.lerp(image.to(edited), edited, self.weight(image, stats).to(edited))

    def weight(self, image: Tensor, stats: Stats) -> Tensor:
        """How much of the edit each pixel gets.

        Args:
            image: `(B, 3, H, W)`, sRGB, about [0, 1].
            stats: Of `measure`.

        Returns:
            `(B, 1, H, W)` or `(1, 1, H, W)` in [0, 1].
        """
        weight = image.new_ones(1, 1, 1, 1)
        for index, mask in enumerate(self.masks):
            weight = weight * mask.at(image, _part(stats, 1 + index))
        return weight


def masked(operator: Operator, masks: Sequence[Mask]) -> Operator:
    """Bind an operator to masks: its edit applies where all of them do.

    Args:
        operator: Any operator; one that is bound already gets these masks as well.
        masks: None of them leaves the operator as it is.

    Returns:
        An operator with the same sliders.

    Examples:
        >>> import torch
        >>> from retouch_aes import OPERATORS, LinearMask, Recipe, Step, masked
        >>> graduated = masked(OPERATORS["exposure"], [LinearMask(full_y=0.0, zero_y=0.5)])
        >>> darker_sky = Recipe((Step(graduated, (-1.0,)),))
        >>> edited = darker_sky.apply(torch.full((1, 3, 40, 60), 0.5))
        >>> bool(edited[0, 0, 0, 0] < 0.4), round(float(edited[0, 0, 39, 0]), 3)
        (True, 0.5)
    """
    if isinstance(operator, MaskedOperator):
        return masked(operator.edit, (*operator.masks, *masks))
    if not masks:
        return operator
    where = ", ".join(mask.label for mask in masks)
    return MaskedOperator(
        name=f"{operator.name} ({where})",
        version=operator.version,
        params=operator.params,
        doc=f"{operator.doc}; where: {where}",
        working_space=operator.working_space,
        halo=operator.halo,
        kornia=operator.kornia,
        colour=operator.colour,
        edit=operator,
        masks=tuple(masks),
    )


def plain_name(operator: Operator) -> str:
    """The name of an operator without its masks."""
    return operator.edit.name if isinstance(operator, MaskedOperator) else operator.name


def _part(stats: Stats, index: int) -> Stats:
    """The stats that `measure` stored under that prefix."""
    prefix = f"{index}."
    values: Mapping[str, Tensor] = {
        name.removeprefix(prefix): value for name, value in stats.values.items() if name.startswith(prefix)
    }
    return Stats(values, stats.tile)

"""What a person does to most photos, as sliders: where an edit to their taste starts and what it is held to.

Their own edits say much of light and colour in general and little of the single photo: on photos left out
the shrunk median of ten edits comes nearer to the eleventh than a search by what was learned of all ten. So
the median is the anchor, and `spread` says how far evidence about a photo may lead from it: hardly at all
where there are edits alone, further where the person has answered other questions too. A photo that looks as
theirs do afterwards gets less of it (`gp.finished_looks`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from retouch_aes.models.edit_prior import LEAST_SPREAD, EditPrior
from retouch_aes.operators import OPERATORS, EditChain, Recipe, select
from retouch_aes.taste.gp.finished_looks import FinishedLooks, blended_looks

BESIDE_ANSWERS = 0.1
"""The spread, in units, where a taste rests on other answers beside the edits."""


@dataclass(frozen=True)
class UsualEdit:
    """The edit, what it rests on, and how tightly a search is held to it.

    Attributes:
        recipe: The edit.
        edits: How many edits it is the median of.
        spread: In units (1 is the end of a slider's range); small is tight.
        finished: What tells a photo that is to get it from one that looks finished; None gives it to all.

    Examples:
        >>> from retouch_aes import OPERATORS, Recipe, Step
        >>> from retouch_aes.taste.gp.usual_edit import UsualEdit
        >>> usual = UsualEdit(Recipe((Step(OPERATORS["exposure"], (0.5,)),)), edits=10)
        >>> UsualEdit.from_json(usual.to_json()) == usual
        True
    """

    recipe: Recipe
    edits: int
    spread: float = LEAST_SPREAD
    finished: FinishedLooks | None = None

    def amount(self, image: Tensor) -> Tensor:
        """How much of it photos `(B, 3, H, W)`, sRGB [0, 1], are to get: `(B,)`, 0 to 1."""
        return image.new_ones(len(image)) if self.finished is None else self.finished.amount(image)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        said = {"recipe": self.recipe.to_json(), "edits": self.edits, "spread": self.spread}
        return said if self.finished is None else {**said, "finished": self.finished.to_json()}

    @staticmethod
    def from_json(value: Any) -> "UsualEdit":
        """Read `to_json`'s value.

        Args:
            value: What JSON gave.

        Returns:
            The edit.

        Raises:
            RecipeError: No recipe, or sliders beyond their range.
            ValueError: Other numbers than learning can give.
        """
        if not isinstance(value, Mapping):
            raise ValueError(f"expected the usual edit as an object, got {type(value).__name__}")
        edits, spread = value["edits"], value["spread"]
        if type(edits) is not int or edits < 1:
            raise ValueError(f"expected a usual edit of 1 edit or more, got {edits!r}")
        if type(spread) is not float or not LEAST_SPREAD <= spread <= 1 or not math.isfinite(spread):
            raise ValueError(f"expected a spread of {LEAST_SPREAD:g} to 1, got {spread!r}")
        finished = FinishedLooks.from_json(value["finished"]) if "finished" in value else None
        return UsualEdit(Recipe.from_json(value["recipe"], OPERATORS), edits, spread, finished)


class UsualEditPrior(EditPrior):
    """Guesses the usual edit, as much of it as a photo needs; other sliders are guessed neutral."""

    def __init__(self, usual: UsualEdit) -> None:
        self.usual = usual

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`."""
        units = self.usual.amount(image)[:, None] * _units(self.usual, chain).to(image)
        return units, torch.full_like(units, self.usual.spread)


def blended_usual(usual: Sequence[UsualEdit | None], shares: Sequence[float]) -> UsualEdit | None:
    """The usual edit between several people's, slider by slider; None unless each has one.

    Args:
        usual: Theirs.
        shares: Of each, one in sum.

    Returns:
        The edit of the shares, held as tightly as they are on average.
    """
    known = [one for one in usual if one is not None]
    if not known or len(known) < len(usual):
        return None
    used = {step.operator.name for one in known for step in one.recipe.steps}
    chain = EditChain(select(used))
    units = sum(share * _units(one, chain) for share, one in zip(shares, known, strict=True))
    spread = sum(share * one.spread for share, one in zip(shares, known, strict=True))
    recipe = Recipe.of(chain, chain.from_units(torch.as_tensor(units)[None])[0])
    finished = blended_looks([one.finished for one in known], shares)
    return UsualEdit(recipe, sum(one.edits for one in known), max(LEAST_SPREAD, spread), finished)


def _units(usual: UsualEdit, chain: EditChain) -> Tensor:
    """Its sliders `(P,)` in the order of `chain`; what it does not move is 0."""
    own, params = usual.recipe.parts()
    known = dict(zip(own.names, own.to_units(params)[0].tolist(), strict=True))
    return torch.tensor([known.get(name, 0.0) for name in chain.names])

"""What would have to be different: the nearest recipe by which a photo's score crosses a threshold.

From the recipe that a photo has, sliders are moved up the score, held near their places (`Objective` with the
present values as the anchor, the hold loosened until the score crosses). Sliders that are not needed for that
go back, the smallest first, and along the way from the old place to the new one the first point that crosses
is sought by halving. So the answer is short, and no smaller step on its way would do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from retouch_aes.editing.objective import Objective, ObjectiveWeights
from retouch_aes.losses.fidelity import Fidelity
from retouch_aes.models.model import AestheticModel
from retouch_aes.operators import AUTO, EditChain, Operator, Recipe, installed
from retouch_aes.optim.bfgs import BFGS

HOLDS = (16.0, 2.0, 0.25)
"""Weights of the hold, tried from the firmest on."""
_REACH = 0.3  # of a slider in units, as the spread of a step
_HALVINGS = 6
_STEPS = 8


@dataclass(frozen=True)
class Counterfactual:
    """The answer for one photo.

    Attributes:
        threshold: The score to be crossed.
        score: Of the photo with the recipe that it has.
        recipe: The nearest one that crosses; the present one where that does already, and the best that was
            found where none does.
        reached: The score with `recipe`.
        changes: `(slider, from, to, unit)` of what is different, largest first.

    Examples:
        >>> from retouch_aes import Counterfactual, Recipe
        >>> Counterfactual(5.5, 6.0, Recipe(), 6.0).crosses
        True
    """

    threshold: float
    score: float
    recipe: Recipe
    reached: float
    changes: tuple[tuple[str, float, float, str], ...] = ()

    @property
    def crosses(self) -> bool:
        """Whether `recipe` crosses the threshold."""
        return self.reached >= self.threshold

    @property
    def text(self) -> str:
        """The answer in a sentence."""
        if self.score >= self.threshold:
            return f"it is liked as it is: {self.score:.2f}, liked from {self.threshold:.2f} on"
        moved = ", ".join(
            f"{name} {b:+.3g} {unit}".rstrip() + f" (now {a:+.3g})" for name, a, b, unit in self.changes
        )
        if self.crosses:
            return f"to be liked ({self.threshold:.2f}): {moved}"
        best = f"; the best found is {self.reached:.2f} with {moved}" if moved else ""
        return f"no edit of light and colour brings it to {self.threshold:.2f}{best}"


def nearest_recipe(
    small: Tensor,
    model: AestheticModel,
    recipe: Recipe,
    threshold: float,
    *,
    operators: Sequence[str] | None = None,
) -> Counterfactual:
    """The nearest recipe to `recipe` with which `model` scores a photo at `threshold` or above.

    Args:
        small: The photo as it is, small: `(1, 3, h, w)`, sRGB [0, 1].
        model: Scores in [1, 10].
        recipe: What the photo has been edited with.
        threshold: In [1, 10].
        operators: Names of those that may move, beside those of the recipe; None for the general ones.

    Returns:
        The nearest recipe found, and whether it crosses.
    """
    chain = EditChain(_operators(recipe, AUTO if operators is None else operators))
    start = chain.to_units(_parameters(chain, recipe).to(small))
    loose = ObjectiveWeights(fidelity=0.0)
    spread = torch.full_like(start, _REACH)
    objective = Objective.about(small, chain, model, Fidelity(), (start, spread), loose)

    def score(units: Tensor) -> float:
        with torch.no_grad():
            return float(model(objective.edit(units)))

    first = score(start)
    if first >= threshold:
        return Counterfactual(threshold, first, recipe, first)
    found, best = start, first
    for hold in HOLDS:
        held = replace(objective, weights=replace(loose, anchor=hold))
        moved = BFGS(steps=_STEPS, tolerance=1e-3).minimise(held, found, spread).parameters
        reached = score(moved)
        if reached > best:
            found, best = moved, reached
        if best >= threshold:
            break
    if best >= threshold:
        found = _nearest(start, found, lambda units: score(units) >= threshold)
        best = score(found)
    changed = replace(Recipe.of(chain, chain.from_units(found * objective.free)[0]), proxy=recipe.proxy)
    return Counterfactual(threshold, first, changed.effective(), best, _changes(chain, start, found))


def _nearest(start: Tensor, end: Tensor, crosses: Callable[[Tensor], bool]) -> Tensor:
    """The first point that crosses between the two, with as few sliders moved as will do."""
    found = end
    for place in (end - start).abs()[0].argsort().tolist():
        without = found.clone()
        without[0, place] = start[0, place]
        if crosses(without):
            found = without
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if crosses(torch.lerp(start, found, middle)):
            high = middle
        else:
            low = middle
    return torch.lerp(start, found, high)


def _operators(recipe: Recipe, names: Sequence[str]) -> tuple[Operator, ...]:
    own = {step.operator.name: step.operator for step in recipe.steps}
    known = installed() | own
    return tuple(operator for name, operator in known.items() if name in own or name in names)


def _parameters(chain: EditChain, recipe: Recipe) -> Tensor:
    values = {step.operator.name: step.values for step in recipe.steps}
    neutral = (values.get(one.name, tuple(p.neutral for p in one.params)) for one in chain.operators)
    return torch.tensor([[value for step in neutral for value in step]])


def _changes(chain: EditChain, start: Tensor, end: Tensor) -> tuple[tuple[str, float, float, str], ...]:
    before, after = chain.from_units(start)[0].tolist(), chain.from_units(end)[0].tolist()
    order = (end - start).abs()[0].argsort(descending=True).tolist()
    return tuple(
        (chain.names[i], before[i], after[i], chain.params[i].unit)
        for i in order
        if abs(float(end[0, i] - start[0, i])) > 0.005
    )

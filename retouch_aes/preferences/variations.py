"""Pairs of edits of one photo, for asking which is better.

Edits are vectors of *units* (`EditChain`: 0 neutral, -1 and +1 the ends of a slider). Around a base edit `b`,
the two sides are `b + m + s/2` and `b + m - s/2`: they differ along a step `s` that moves one slider, or two
or three together, and share a middle `m` that is drawn anew, so that over many questions the whole
neighbourhood of the base is seen.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from retouch_aes.errors import UsageError
from retouch_aes.operators import EditChain, Recipe, select

Floats = NDArray[np.float64]

STYLE_SLIDERS = (
    "white_balance.temperature",
    "exposure.ev",
    "contrast.contrast",
    "saturation.saturation",
    "clarity.clarity",
)
"""The sliders that make a style: warmth, exposure, contrast, saturation, clarity."""

REACH = (0.45, 0.22, 0.45, 0.4, 0.6)
"""How far each of `STYLE_SLIDERS` may be moved, in units: what is plainly visible, and no caricature."""

_SAME = 1e-3  # reaches


@lru_cache
def _chain(sliders: tuple[str, ...]) -> EditChain:
    return EditChain(select(name.split(".")[0] for name in sliders))


@dataclass(frozen=True)
class RecipeVariations:
    """Draws pairs of recipes. `sliders` are `operator.parameter`; `reach` in units, one each.

    `smallest` is the least length of a step, where 1 moves one slider by its reach; `together` the
    probabilities that one, two, three, ... sliders move.
    """

    sliders: tuple[str, ...] = STYLE_SLIDERS
    reach: tuple[float, ...] = REACH
    smallest: float = 0.5
    together: tuple[float, ...] = (0.4, 0.35, 0.25)

    def __post_init__(self) -> None:
        if len(self.sliders) != len(self.reach) or not self.sliders:
            raise UsageError(f"expected one reach a slider, got {len(self.sliders)} and {len(self.reach)}")
        unknown = [name for name in self.sliders if name not in self.chain.names]
        if unknown:
            raise UsageError(f"unknown slider {unknown[0]!r}; there are: {', '.join(self.chain.names)}")

    @property
    def chain(self) -> EditChain:
        """The operators that the sliders belong to."""
        return _chain(self.sliders)

    def pair(
        self, random: np.random.Generator, base: Floats | None = None, alone: int | None = None
    ) -> tuple[Recipe, Recipe]:
        """Two different recipes about the `base` `(S,)`, units of the sliders; `alone` is the one to move."""
        reach = np.array(self.reach)
        chances = np.array(self.together[: len(reach)])
        number = 1 + random.choice(len(chances), p=chances / chances.sum())
        moved = random.choice(len(reach), number, replace=False)
        if alone is not None:
            number, moved = 1, np.array([alone])
        step = np.zeros(len(reach))
        step[moved] = random.normal(size=number)
        length = np.linalg.norm(step)
        step *= random.uniform(self.smallest, 1.5) / (length or 1.0)
        middle = random.normal(size=len(reach)) * 0.35
        centre = np.zeros(len(reach)) if base is None else np.asarray(base, np.float64)
        first, second = (centre + reach * (middle + side * step / 2) for side in (1, -1))
        return self.recipe(first), self.recipe(second)

    def recipe(self, units: Floats) -> Recipe:
        """The recipe of units `(S,)` of the sliders; beyond the ends of a range it is held there."""
        chain = self.chain
        values = torch.zeros(1, len(chain))
        values[0, [chain.names.index(name) for name in self.sliders]] = (
            torch.tensor(units).clamp(-1, 1).float()
        )
        return Recipe.of(chain, chain.from_units(values)[0])

    def units(self, recipe: Recipe | None) -> Floats:
        """The units `(S,)` of the sliders in a recipe; 0 for what it does not name."""
        if recipe is None:
            return np.zeros(len(self.sliders))
        chain, params = recipe.parts()
        values = dict(zip(chain.names, chain.to_units(params)[0].tolist(), strict=True))
        return np.array([values.get(name, 0.0) for name in self.sliders])

    def alone(self, first: Recipe | None, second: Recipe | None) -> int | None:
        """The one slider by which two recipes differ; None for another number of them."""
        [moved] = np.nonzero(np.abs(self.step(first, second)) > _SAME)
        return int(moved[0]) if len(moved) == 1 else None

    def step(self, first: Recipe | None, second: Recipe | None) -> Floats:
        """How far `first` lies from `second`, `(S,)`, each slider in its reach."""
        return np.asarray((self.units(first) - self.units(second)) / np.array(self.reach), np.float64)

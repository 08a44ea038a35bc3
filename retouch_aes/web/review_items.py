"""The results that are reviewed, each with the sliders by which it can be corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from retouch_aes.batch.made import MadeResult
from retouch_aes.errors import UsageError
from retouch_aes.operators import AUTO, Operator, Recipe, Step, installed, select
from retouch_aes.operators.describe import main_edits, reach, slider_name
from retouch_aes.preferences.answers import Answer, Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.preferences.variations import STYLE_SLIDERS


@dataclass(frozen=True)
class ReviewItem:
    """One result under review; `photo` is the name of its original in the answers."""

    made: MadeResult
    photo: str

    @property
    def original(self) -> Rendition:
        """The photo as it is."""
        return Rendition(self.photo)

    def before(self, recipe: Recipe) -> Rendition:
        """The photo as it is, within the frame of `recipe`: what an edit is to be seen beside."""
        return self.original if recipe.framing is None else self.rendition(Recipe(framing=recipe.framing))

    @property
    def proposed(self) -> Recipe:
        """The edit that the run found."""
        return self.made.proposed

    def rendition(self, recipe: Recipe) -> Rendition:
        """The photo with `recipe`."""
        return Rendition(self.photo, recipe)

    @cached_property
    def operators(self) -> tuple[Operator, ...]:
        """Those of the recipe, and those that a taste may use, in the order of application."""
        own = [step.operator for step in self.proposed.steps]
        wanted = {*AUTO, *(name.split(".")[0] for name in STYLE_SLIDERS), *(one.name for one in own)}
        ordered = select(wanted)
        kept = [operator for operator in ordered if operator in own]
        return ordered if kept == own else (*own, *(one for one in ordered if one not in own))

    def recipe(self, values: Mapping[str, Any]) -> Recipe:
        """The recipe of sliders by name, `exposure.ev`; those that are not named are neutral.

        Raises `UsageError` for an unknown slider or no number, `RecipeError` for one out of range.
        """
        steps, left = [], dict(values)
        for operator in self.operators:
            found = (left.pop(f"{operator.name}.{p.name}", p.neutral) for p in operator.params)
            steps.append(Step(operator, tuple(_number(value) for value in found)))
        if left:
            raise UsageError(f"unknown slider {next(iter(left))!r}")
        return replace(self.proposed, steps=tuple(steps)).effective()

    def sliders(self, recipe: Recipe) -> list[dict[str, Any]]:
        """Every slider with its value in `recipe`, those of the edit first, and largest first."""
        values = values_of(recipe)
        found = [
            {
                "name": f"{operator.name}.{param.name}",
                "label": slider_name(operator, param),
                "unit": param.unit,
                "doc": param.doc,
                "low": param.low,
                "high": param.high,
                "neutral": param.neutral,
                "value": values.get(f"{operator.name}.{param.name}", param.neutral),
                "reach": reach(param, values.get(f"{operator.name}.{param.name}", param.neutral)),
            }
            for operator in self.operators
            for param in operator.params
        ]
        return sorted(found, key=lambda slider: -float(slider["reach"]))

    def same(self, one: Recipe, other: Recipe) -> bool:
        """Whether two recipes make the same of the photo."""
        return self.rendition(one) == self.rendition(other)

    def answers(self, chosen: Recipe) -> tuple[Answer, ...]:
        """What it says about the person that `chosen` was taken: it is preferred to what was seen beside it.

        That is the edit as proposed, and the photo as it is.
        """
        winner = self.rendition(chosen)
        losers = dict.fromkeys((self.rendition(self.proposed), self.original))
        return tuple(Choice(winner, loser) for loser in losers if loser != winner)

    def told(self, recipe: Recipe) -> str:
        """The edit in a few words."""
        return main_edits(recipe) or "as it was"


def values_of(recipe: Recipe) -> dict[str, float]:
    """The sliders of a recipe by name."""
    return {
        f"{step.operator.name}.{param.name}": value
        for step in recipe.steps
        for param, value in zip(step.operator.params, step.values, strict=True)
    }


def known_operators(recipe: Recipe) -> bool:
    """Whether the sliders of a recipe can be told apart: each operator once."""
    names = [step.operator.name for step in recipe.steps]
    return len(set(names)) == len(names) and set(names) <= installed().keys()


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"expected a number for a slider, got {value!r}")
    return float(value)


def photo_names(results: Sequence[MadeResult], folder: Path) -> dict[str, str]:
    """The key of each result -> the name of its photo below `folder`; those outside are left out."""
    root = folder.resolve()
    found = {}
    for made in results:
        try:
            found[made.key] = made.photo.resolve().relative_to(root).as_posix()
        except (ValueError, OSError):
            continue
    return found

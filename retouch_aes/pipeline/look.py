"""Named looks: a recipe that is laid over what a photo needs, or a taste.

A look is a file, `NAME.json` (a recipe) or `NAME.taste`, in the folder `looks` where one stands, or in the
user's own: `$RETOUCH_AES_LOOKS`, else `$XDG_CONFIG_HOME/retouch_aes/looks` (by default under `~/.config`).
"""

import os
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.editing.outcome import Outcome, Solution, because
from retouch_aes.errors import UsageError
from retouch_aes.operators import OPERATORS, EditChain, Recipe, Step

VARIABLE = "RETOUCH_AES_LOOKS"
KINDS = (".json", ".taste")


def own_looks() -> Path:
    """The user's folder of looks; not made here."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    base = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".config") / "retouch_aes" / "looks"


def looks() -> dict[str, Path]:
    """The looks that there are, by name; those of the folder one stands in first."""
    found: dict[str, Path] = {}
    for folder in (Path("looks"), own_looks()):
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.suffix in KINDS and path.is_file():
                found.setdefault(path.stem, path)
    return found


def find_look(name: str) -> Path:
    """The file of a look by name, or of a path. `UsageError` with the names that there are otherwise."""
    path = Path(name)
    if path.suffix in KINDS and path.is_file():
        return path
    known = looks()
    if name not in known:
        there = ", ".join(known) or f"none; `retouch-aes looks add` puts one into {own_looks()}"
        raise UsageError(f"unknown look {name!r}; there are: {there}")
    return known[name]


def combined(base: Recipe, look: Recipe) -> Recipe:
    """`base` moved by `look`: each slider goes as much further as the look moves it, within its range.

    Operators stand in the order of application, each once; those of other packages come last.
    """
    own, over = (_by_name(recipe) for recipe in (base, look))
    steps = [_moved(step, over[name]) if name in over else step for name, step in own.items()]
    steps += [step for name, step in over.items() if name not in own]
    order = list(OPERATORS)
    steps.sort(key=lambda s: order.index(s.operator.name) if s.operator.name in OPERATORS else len(order))
    return Recipe(tuple(steps), base.proxy or look.proxy)


def laid_over(found: Solution, look: Recipe, small: Tensor, scores: tuple[float, float]) -> Solution:
    """`found` with `look` over it, on the proxy `small`; `scores` are those before and with both.

    It was asked for, so it is applied whatever the score says.
    """
    recipe = combined(found.recipe, look)
    difference = float(oklab_distance(recipe.apply(small), small))
    return replace(
        found,
        recipe=recipe,
        outcome=Outcome.EDITED,
        score_after=scores[1],
        difference=difference,
        reason=because(found.reason, "with a look"),
    )


def _by_name(recipe: Recipe) -> dict[str, Step]:
    EditChain([step.operator for step in recipe.steps])  # each operator once
    return {step.operator.name: step for step in recipe.steps}


def _moved(step: Step, by: Step) -> Step:
    values = (
        min(max(value + other - param.neutral, param.low), param.high)
        for param, value, other in zip(step.operator.params, step.values, by.values, strict=True)
    )
    return Step(step.operator, tuple(values))

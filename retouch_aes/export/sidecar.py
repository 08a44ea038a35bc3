"""What a recipe becomes in another program's settings, and what is lost on the way.

A sidecar says three things of every step: that it means the same there, that it comes close, or that it
cannot be said. What cannot be said is a recipe of its own, `residual`, that goes into a lookup table where
its steps treat every pixel alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import UsageError
from retouch_aes.export.cube import Cube
from retouch_aes.export.cube_of import cube_of_recipe
from retouch_aes.operators import OPERATORS, Recipe, Step


@dataclass(frozen=True)
class Sidecar:
    """The `text` of a sidecar file, and how well it says the recipe.

    `notes` has a line for each step that only comes close, or that is lost. `residual` are the steps that
    cannot be said.
    """

    text: str
    notes: tuple[str, ...] = ()
    residual: Recipe = field(default_factory=Recipe)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the sidecar, whole or not at all, and return its path."""
        with replacing(path, overwrite=overwrite) as temporary:
            temporary.write_text(self.text, encoding="utf-8")
        return Path(path)

    def residual_cube(self, *, title: str = "residual") -> Cube | None:
        """The table of what cannot be said; None where nothing is left, or no table can hold it."""
        steps = tuple(step for step in self.residual.effective().steps if step.operator.pointwise)
        return cube_of_recipe(Recipe(steps), title=title) if steps else None


def steps_by_name(recipe: Recipe) -> dict[str, Step]:
    """The effective steps of `recipe` by the name of their operator; each may occur once."""
    steps = recipe.effective().steps
    names = [step.operator.name for step in steps]
    if len(set(names)) != len(names):
        raise UsageError(f"expected each operator once, got {', '.join(names)}")
    return dict(zip(names, steps, strict=True))


def values_of(step: Step | None, *names: str) -> tuple[float, ...]:
    """Values of `step` by the names of its parameters; 0, which is neutral everywhere, for no step."""
    if step is None:
        return (0.0,) * len(names)
    found = {param.name: value for param, value in zip(step.operator.params, step.values, strict=True)}
    return tuple(found[name] for name in names)


def order_notes(recipe: Recipe) -> list[str]:
    """A line where the steps stand in an order of the recipe's own."""
    known = list(OPERATORS)
    places = [
        known.index(step.operator.name) for step in recipe.effective().steps if step.operator.name in known
    ]
    if places != sorted(places):
        return ["the order of the steps is this recipe's own; the other program has a fixed one"]
    return []


def lost_notes(steps: Sequence[Step]) -> list[str]:
    """A line for each step that the other program has no word for."""
    return [
        f"{step.operator.name}: cannot be said there; it is "
        + ("in the residual table" if step.operator.pointwise else "lost")
        for step in steps
    ]

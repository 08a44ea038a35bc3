"""A recipe: the edits of one photo, by name and in photographers' units, as a small JSON file.

    {"format": "retouch_aes.recipe", "version": 1, "proxy": 224, "steps": [
        {"operator": "exposure", "version": 1, "params": {"ev": 0.4}}, ...]}

`proxy` is the long side, in pixels, of the small copy on which the edit was sought: operators measure on a
copy of that size again, so what they measure is not stored. Steps are applied in their order. A parameter
that is not named is neutral; an operator or version that is not installed is refused, never guessed. A step
with a `mask` applies where the mask says (`operators.masks`); a recipe that has one is of version 2, so that
earlier releases refuse it instead of applying it everywhere. One that cuts or turns the photo has a `framing`
(`operators.framing`), which comes before all steps, and is of version 3.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from retouch_aes.atomic_io import write_json
from retouch_aes.color.toned import is_toned
from retouch_aes.errors import RecipeError
from retouch_aes.operators.black_and_white import free_sliders
from retouch_aes.operators.chain import EditChain
from retouch_aes.operators.framing import Framing, read_framing
from retouch_aes.operators.masks.mask import Mask
from retouch_aes.operators.masks.masked_operator import masked, plain_name
from retouch_aes.operators.operator import Operator
from retouch_aes.operators.step import Step, read_step

_FORMAT = "retouch_aes.recipe"
_PLAIN, _MASKED, _FRAMED = 1, 2, 3  # versions
_MOST_SIDE = 4096


@dataclass(frozen=True)
class Recipe:
    """The edit of one photo: operators in order, with values in photographers' units.

    Attributes:
        steps: In the order of application.
        proxy: Long side, in pixels, of the small copy on which operators measure; None where unknown.
        framing: What part of the photo is kept, before all steps; None for all of it.

    Examples:
        >>> from retouch_aes import OPERATORS, Recipe, Step, read_recipe
        >>> brighter = Recipe((Step(OPERATORS["exposure"], (0.5,)),))
        >>> brighter.scaled(2).steps[0].values
        (1.0,)
        >>> brighter.save("brighter.json")
        >>> read_recipe("brighter.json", OPERATORS) == brighter
        True
    """

    steps: tuple[Step, ...] = ()
    proxy: int | None = None
    framing: Framing | None = None

    @staticmethod
    def of(chain: EditChain, params: Tensor) -> "Recipe":
        """The recipe of one vector of parameters; a rounding error beyond a range is clipped.

        Args:
            chain: The operators in order.
            params: `(P,)`, the values of all their sliders, in their units.

        Returns:
            One step an operator, neutral ones too.
        """
        steps, start = [], 0
        for operator in chain.operators:
            values = params[start : start + len(operator.params)].tolist()
            start += len(operator.params)
            bounded = (min(max(v, p.low), p.high) for p, v in zip(operator.params, values, strict=True))
            steps.append(Step(operator, tuple(round(value, 6) for value in bounded)))
        return Recipe(tuple(steps))

    def effective(self) -> "Recipe":
        """The same edit without the steps that change nothing.

        Returns:
            A new recipe.
        """
        return replace(self, steps=tuple(step for step in self.steps if not step.neutral))

    def scaled(self, strength: float) -> "Recipe":
        """A weaker or stronger edit.

        Args:
            strength: Every slider goes to so many times its distance from neutral, within its range: 0
                undoes, 1 keeps. The frame stays, since half of one is another.

        Returns:
            A new recipe.

        Raises:
            RecipeError: A strength below 0, or not finite.
        """
        if not isfinite(strength) or strength < 0:
            raise RecipeError(f"expected a strength of 0 or more, got {strength:g}")
        steps = []
        for step in self.steps:
            pairs = zip(step.operator.params, step.values, strict=True)
            moved = ((p, p.neutral + strength * (v - p.neutral)) for p, v in pairs)
            steps.append(Step(step.operator, tuple(min(max(v, p.low), p.high) for p, v in moved)))
        return replace(self, steps=tuple(steps))

    def within(self, masks: Sequence[Mask], names: Collection[str] = ()) -> "Recipe":
        """The same edit, bound to masks.

        Args:
            masks: Where it applies: where all of them do, and those that a step has already.
            names: Operators that are bound; none for all.

        Returns:
            A new recipe.

        Raises:
            RecipeError: A name that is no step's.

        Examples:
            >>> from retouch_aes import OPERATORS, LuminanceMask, Recipe, Step
            >>> brighter = Recipe((Step(OPERATORS["exposure"], (0.5,)),))
            >>> brighter.within([LuminanceMask(high=30)]).steps[0].operator.name
            'exposure (luminance 0 30 10)'
        """
        bare = {plain_name(step.operator) for step in self.steps}
        for name in names:
            if name not in bare:
                raise RecipeError(f"no step {name!r} to bind to a mask; there are: {', '.join(sorted(bare))}")
        steps = [
            replace(step, operator=masked(step.operator, masks))
            if not names or plain_name(step.operator) in names
            else step
            for step in self.steps
        ]
        return replace(self, steps=tuple(steps))

    def unframed(self) -> "Recipe":
        """The same edit of a photo that is framed already.

        Returns:
            A new recipe.
        """
        return replace(self, framing=None)

    def on(self, small: Tensor) -> "Recipe":
        """The recipe as it is applied to the photo whose proxy is `small` `(1, 3, h, w)`.

        On a black and white photo, toned or not, its edits of colour are neutral.

        Args:
            small: The proxy of the photo, sRGB [0, 1].

        Returns:
            The recipe itself, or one whose steps of colour are neutral.
        """
        if not any(step.operator.colour and not step.neutral for step in self.steps):
            return self
        if not bool(is_toned(small).all()):
            return self
        return replace(self, steps=tuple(s.as_neutral() if s.operator.colour else s for s in self.steps))

    def parts(self) -> tuple[EditChain, Tensor]:
        """The operators and their values, for code that moves them.

        Returns:
            The chain of the operators, and their parameters `(1, P)`.
        """
        values = [value for step in self.steps for value in step.values]
        return EditChain([step.operator for step in self.steps]), torch.tensor([values], dtype=torch.float32)

    def apply(self, image: Tensor) -> Tensor:
        """Edit whole images, measured as they are, each as `on` says; `render` does large ones, in strips.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].

        Returns:
            `(B, 3, H, W)` in [0, 1], of the size of the frame; `image` itself where nothing is changed.
        """
        image = image if self.framing is None else self.framing.apply(image)
        edit = self.effective()
        if not edit.steps:
            return image
        chain, params = edit.parts()
        free, neutral = free_sliders(image, chain), chain.from_units(torch.zeros_like(params))
        return chain.apply(image, torch.where(free > 0, params.to(image), neutral.to(image)))

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back to an equal recipe.

        Returns:
            An object; see the file formats.
        """
        steps = [step.to_json() for step in self.steps]
        version = _MASKED if any("mask" in step for step in steps) else _PLAIN
        sought: dict[str, Any] = {} if self.proxy is None else {"proxy": self.proxy}
        if self.framing is not None and not self.framing.neutral:
            version, sought["framing"] = _FRAMED, self.framing.to_json()
        return {"format": _FORMAT, "version": version, **sought, "steps": steps}

    @staticmethod
    def from_json(value: Any, operators: Mapping[str, Operator]) -> "Recipe":
        """Read `to_json`'s value.

        Args:
            value: What JSON gave.
            operators: Those that may occur, by name, as `OPERATORS`.

        Returns:
            The recipe.

        Raises:
            RecipeError: Anything else, or an operator or version that is not among `operators`.
        """
        if not isinstance(value, dict) or value.get("format") != _FORMAT:
            raise RecipeError(f'expected a recipe ({{"format": "{_FORMAT}", ...}})')
        if value.get("version") not in (_PLAIN, _MASKED, _FRAMED):
            raise RecipeError(f"expected recipe version {_PLAIN} to {_FRAMED}, got {value.get('version')!r}")
        steps = value.get("steps")
        if not isinstance(steps, list):
            raise RecipeError(f'expected a list under "steps", got {type(steps).__name__}')
        side = value.get("proxy")
        if side is not None and (type(side) is not int or not 1 <= side <= _MOST_SIDE):
            raise RecipeError(f'expected 1 to {_MOST_SIDE} pixels under "proxy", got {side!r}')
        frame = None if value.get("framing") is None else read_framing(value["framing"])
        return Recipe(tuple(read_step(step, operators) for step in steps), side, frame)

    def save(self, path: str | Path, *, overwrite: bool = True) -> None:
        """Write the recipe as JSON, whole or not at all.

        Args:
            path: The file.
            overwrite: Replace a file that is there; else it is refused.

        Raises:
            RetouchError: The file is there, or cannot be written.
        """
        write_json(path, self.to_json(), overwrite=overwrite)


def read_recipe(path: str | Path, operators: Mapping[str, Operator]) -> Recipe:
    """Read a recipe file.

    Args:
        path: JSON, as `Recipe.save` writes it.
        operators: Those that may occur, by name: `OPERATORS`, or `retouch_aes.operators.installed()`.

    Returns:
        The recipe.

    Raises:
        RecipeError: The file cannot be read or is malformed, or an operator or version is not installed; the
            file is named.

    Examples:
        >>> from retouch_aes import OPERATORS, Recipe, read_recipe
        >>> Recipe(proxy=224).save("nothing.json")
        >>> read_recipe("nothing.json", OPERATORS)
        Recipe(steps=(), proxy=224, framing=None)
    """
    try:
        return Recipe.from_json(json.loads(Path(path).read_text(encoding="utf-8")), operators)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror})") from error
    except RecursionError:
        raise RecipeError(f"{path}: expected a recipe, got JSON that is nested too deeply") from None
    except (ValueError, RecipeError) as error:
        raise RecipeError(f"{path}: {error}") from error

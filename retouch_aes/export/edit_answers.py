"""A photographer's own edits as answers: what they made of a photo is liked better than the photo.

An edit is fitted by sliders (`projection`), so that what is compared is one photo in several renditions and
nothing that sliders cannot make, such as a crop or a retouched spot. Each says: mine > before. That mine is
also better than half of it and than more of it was tried, and made the retouch of other photos worse.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.export.projection import SIDE, SLIDERS, fitted_recipe, same_size
from retouch_aes.operators import EditChain, Recipe, select
from retouch_aes.photo import read
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress

USEFUL = 10
"""Pairs from which on a taste is worth learning."""

_MEASURED = 320
_SIDE, _STEP = 112, 0.02  # of the curvature: pixels, units


@dataclass(frozen=True)
class FittedEdit:
    """One edit in sliders.

    Attributes:
        photo: The photo as it was.
        edited: What they made of it.
        recipe: The sliders that come nearest.
        difference: Mean Delta E 2000 of the edit.
        left: What the sliders leave of it.
        curvature: `(P, P)`, how fast the mean squared Oklab distance grows as each of the sliders of the fit
            is moved, in units; what hardly shows in this photo is near 0.
    """

    photo: Path
    edited: Path
    recipe: Recipe
    difference: float
    left: float
    curvature: Tensor


def fit_edits(
    pairs: Sequence[tuple[Path, Path]], progress: Progress | None = None
) -> tuple[list[FittedEdit], list[str]]:
    """Fit the sliders to each pair (photo, edited).

    Returns:
        The edits, and a sentence for every pair that was left out: cropped, unreadable, or not edited.
    """
    edits, problems = [], []
    for done, (photo, edited) in enumerate(pairs, start=1):
        try:
            before, after = read(photo).proxy(SIDE), read(edited).proxy(SIDE)
            recipe = fitted_recipe(before, after)
        except (PhotoError, UsageError) as error:
            problems.append(f"{edited.name}: {error}")
        else:
            if recipe.steps:
                measured = *_distances(before, after, recipe), _curvature(before, after, recipe)
                edits.append(FittedEdit(photo, edited, recipe, *measured))
            else:
                problems.append(f"{edited.name}: nothing that sliders can do was done")
        if progress is not None:
            progress("fitting edits", done, len(pairs))
    return edits, problems


def edit_answers(edits: Iterable[FittedEdit]) -> list[Choice]:
    """The choices that edits stand for; their photos by absolute paths.

    Examples:
        >>> from retouch_aes.export.edit_answers import edit_answers
        >>> edit_answers([])
        []
    """
    named = [(str(edit.photo.resolve()), edit.recipe) for edit in edits]
    return [Choice(Rendition(name, recipe), Rendition(name), time="") for name, recipe in named]


def median_edit(edits: Sequence[FittedEdit], stiffness: float = 0.0) -> Recipe:
    """Slider by slider the median of what was done: the one preset that these edits come to.

    Args:
        edits: As `fit_edits` gives them.
        stiffness: How far sliders that say little in their photo are drawn to neutral first
            (`export.usual_edit_fit`); 0 leaves them.

    Returns:
        The recipe.
    """
    return _recipe(torch.stack([_stiff(edit, stiffness) for edit in edits]).quantile(0.5, dim=0))


def _stiff(edit: FittedEdit, stiffness: float) -> Tensor:
    units = _units(edit.recipe)
    if not stiffness:
        return units
    ridge = stiffness / len(units) * torch.eye(len(units))
    drawn: Tensor = torch.linalg.solve(edit.curvature + ridge, edit.curvature @ units)
    return drawn


def _curvature(before: Tensor, after: Tensor, recipe: Recipe) -> Tensor:
    """By differences, towards neutral, at the sliders that were found."""
    small, _ = same_size(before, after, _SIDE)
    chain, units = _chain(), _units(recipe)

    def made(moved: Tensor) -> Tensor:
        return srgb_to_oklab(chain.apply(small, chain.from_units(moved[None]))).flatten()

    with torch.no_grad():
        steps = torch.diag(torch.where(units > 0, -_STEP, _STEP))
        here = made(units)
        slopes = torch.stack([(made(units + step) - here) / step.sum() for step in steps])
        return slopes @ slopes.T / slopes.shape[1]


def _chain() -> EditChain:
    return EditChain(select(SLIDERS))


def _units(recipe: Recipe) -> Tensor:
    chain, params = recipe.parts()
    values = dict(zip(chain.names, chain.to_units(params)[0].tolist(), strict=True))
    return torch.tensor([values.get(name, 0.0) for name in _chain().names])


def _recipe(units: Tensor) -> Recipe:
    chain = _chain()
    return Recipe.of(chain, chain.from_units(units.clamp(-1, 1)[None])[0]).effective()


def _distances(before: Tensor, after: Tensor, recipe: Recipe) -> tuple[float, float]:
    """Mean Delta E 2000 of the edit, and what `recipe` leaves of it."""
    small, goal = same_size(before, after, _MEASURED)
    with torch.no_grad():
        return (
            float(delta_e_2000(small, goal).mean()),
            float(delta_e_2000(recipe.apply(small), goal).mean()),
        )

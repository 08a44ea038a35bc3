"""A photographer's own edits as answers: what they made of a photo is liked better than the photo.

An edit is fitted by sliders (`projection`), so that what is compared is one photo in several renditions and
nothing that sliders cannot make, such as a crop or a retouched spot. Each says: mine > before. That mine is
also better than half of it and than more of it was tried, and made the retouch of other photos worse.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from retouch_aes.color.difference import delta_e_2000
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


@dataclass(frozen=True)
class FittedEdit:
    """One edit in sliders: `difference` is its mean Delta E 2000, `left` what the sliders leave of it."""

    photo: Path
    edited: Path
    recipe: Recipe
    difference: float
    left: float


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
                edits.append(FittedEdit(photo, edited, recipe, *_distances(before, after, recipe)))
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


def median_edit(edits: Sequence[FittedEdit]) -> Recipe:
    """Slider by slider the median of what was done: the one preset that these edits come to."""
    return _recipe(torch.stack([_units(edit.recipe) for edit in edits]).median(dim=0).values)


def _chain() -> EditChain:
    return EditChain(select(SLIDERS))


def _units(recipe: Recipe) -> torch.Tensor:
    chain, params = recipe.parts()
    values = dict(zip(chain.names, chain.to_units(params)[0].tolist(), strict=True))
    return torch.tensor([values.get(name, 0.0) for name in _chain().names])


def _recipe(units: torch.Tensor) -> Recipe:
    chain = _chain()
    return Recipe.of(chain, chain.from_units(units.clamp(-1, 1)[None])[0]).effective()


def _distances(before: torch.Tensor, after: torch.Tensor, recipe: Recipe) -> tuple[float, float]:
    """Mean Delta E 2000 of the edit, and what `recipe` leaves of it."""
    small, goal = same_size(before, after, _MEASURED)
    with torch.no_grad():
        return (
            float(delta_e_2000(small, goal).mean()),
            float(delta_e_2000(recipe.apply(small), goal).mean()),
        )

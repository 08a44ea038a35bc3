"""What a person does to most photos, from edits of theirs: the median, shrunk as far as their own photos say.

    u_i(k) = (H_i + k I)^-1 H_i u_i        m(k) = median of u_i(k), slider by slider

`u_i` are the sliders fitted to edit `i` and `H_i` how sharply the fit rests on each of them (`FittedEdit`):
where two sliders could have made the same edit, or one hardly shows in that photo, the number found is no
opinion and is drawn to neutral. How far (`k`) is chosen by leaving each edit out in turn: the one whose
median comes nearest, in mean Delta E 2000, to the edits that are left out. What tells a finished photo, which
is to be spared, is learned of the same pairs (`export.finished_looks_fit`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.errors import UsageError
from retouch_aes.export.edit_answers import FittedEdit, median_edit
from retouch_aes.export.finished_looks_fit import finished_looks
from retouch_aes.export.projection import SIDE, same_size
from retouch_aes.operators import Recipe
from retouch_aes.photo import read
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.usual_edit import UsualEdit

STIFFNESS = (0.0, 1e-3, 3e-3, 1e-2, 3e-2, 0.1)
"""The `k` that are tried, times the number of sliders."""

_ALONE = 1e-2  # of a single edit, of which none can be left out
_MOST, _SIDE = 40, 96


def usual_edit(edits: Sequence[FittedEdit], progress: Progress | None = None) -> UsualEdit:
    """The usual edit behind `edits`.

    Args:
        edits: Of one person, as `fit_edits` gives them; of many, 40 are left out in turn.
        progress: Called as `progress(stage, done, of)`.

    Returns:
        The shrunk median; useful from 10 edits on.

    Raises:
        UsageError: No edits.
        PhotoError: A file of theirs that can no longer be read.

    Examples:
        >>> from retouch_aes.export.usual_edit_fit import usual_edit
        >>> usual_edit([])
        Traceback (most recent call last):
        ...
        retouch_aes.errors.UsageError: expected edits to take the median of, got none
    """
    if not edits:
        raise UsageError("expected edits to take the median of, got none")
    left_out = range(0, len(edits), -(-len(edits) // _MOST))
    pairs = [_small(edits[number]) for number in left_out]
    stiffness = _stiffness(edits, left_out, pairs, progress)
    others = [median_edit(_without(edits, number), stiffness) for number in left_out] if edits[1:] else []
    finished = finished_looks(pairs, others) if others else None
    return UsualEdit(median_edit(edits, stiffness), len(edits), finished=finished)


def _stiffness(
    edits: Sequence[FittedEdit],
    left_out: Sequence[int],
    pairs: Sequence[tuple[Tensor, Tensor]],
    progress: Progress | None,
) -> float:
    if len(edits) == 1:
        return _ALONE
    distances = torch.zeros(len(STIFFNESS))
    for done, (number, pair) in enumerate(zip(left_out, pairs, strict=True), start=1):
        others = _without(edits, number)
        for place, stiffness in enumerate(STIFFNESS):
            distances[place] += _distance(median_edit(others, stiffness), *pair)
        if progress is not None:
            progress("leaving edits out", done, len(left_out))
    return STIFFNESS[int(distances.argmin())]


def _without(edits: Sequence[FittedEdit], number: int) -> list[FittedEdit]:
    return [edit for i, edit in enumerate(edits) if i != number]


def _small(edit: FittedEdit) -> tuple[Tensor, Tensor]:
    return same_size(read(edit.photo).proxy(SIDE), read(edit.edited).proxy(SIDE), _SIDE)


def _distance(recipe: Recipe, before: Tensor, after: Tensor) -> float:
    with torch.no_grad():
        return float(delta_e_2000(recipe.apply(before), after).mean())

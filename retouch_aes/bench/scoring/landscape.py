"""`bench landscape`: what a score does along every slider.

A ladder is one parameter of one operator, moved through its range on one photo. It is unimodal when the
score only falls on the way out from its optimum, on both sides: no rung may rise above the lowest one passed
so far by more than the tolerance. Positions run from -1 (low) over 0 (neutral) to 1 (high), with as many
rungs on either side of neutral as fit its place; an optimum is interior when it is not at an end of the
range, or at an end that is itself neutral. A flat ladder is unimodal and says nothing: its span (highest
less lowest score) is reported too.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from retouch_aes.bench.common.methods import Edit, Score
from retouch_aes.bench.common.photos import load
from retouch_aes.bench.scoring.landscape_report import EditLadder, LandscapeReport
from retouch_aes.errors import UsageError
from retouch_aes.operators.operator import Operator, Param
from retouch_aes.progress import Progress


def landscape(
    photos: Sequence[Path],
    operators: Sequence[Operator],
    score: Score,
    edit: Edit,
    *,
    rungs: int = 13,
    tolerance: float = 0.02,
    side: int = 384,
    progress: Progress | None = None,
) -> LandscapeReport:
    """Every parameter of `operators` on every photo.

    `edit(image, operator name, parameter name, value)` takes and gives `(1, 3, H, W)` sRGB [0, 1]; `score`
    takes `(B, 3, H, W)` and gives `(B,)`. `tolerance` is in points of score. `progress` gets (photos done,
    all).
    """
    if not photos or not operators or rungs < 3:
        got = f"{len(photos)} photos, {len(operators)} operators, {rungs} rungs"
        raise UsageError(f"expected photos, operators and at least 3 rungs, got {got}")
    ladders = []
    for index, path in enumerate(photos):
        image = load(path, side)
        for operator in operators:
            for param in operator.params:
                values = values_of(param, rungs)
                with torch.no_grad():
                    edited = [edit(image, operator.name, param.name, value) for value in values]
                    scores = score(torch.cat(edited)).double().tolist()
                ladders.append(edit_ladder(path.name, operator.name, param, values, scores, tolerance))
        if progress is not None:
            progress("landscape", index + 1, len(photos))
    return LandscapeReport(tolerance, side, rungs, tuple(ladders))


def values_of(param: Param, rungs: int) -> list[float]:
    """`rungs` values from low to high, evenly spaced on either side of neutral, which is one of them."""
    below = round((rungs - 1) * (param.neutral - param.low) / (param.high - param.low))
    below = 0 if param.neutral == param.low else max(1, below)
    below = rungs - 1 if param.neutral == param.high else min(below, rungs - 2)
    under = np.linspace(param.low, param.neutral, below + 1)[:-1]
    over = np.linspace(param.neutral, param.high, rungs - below)
    return [*under.tolist(), param.neutral, *over[1:].tolist()]


def position(param: Param, value: float) -> float:
    """`value` on the scale -1 (low), 0 (neutral), 1 (high)."""
    reach = param.high - param.neutral if value > param.neutral else param.neutral - param.low
    return (value - param.neutral) / reach if value != param.neutral else 0.0


def edit_ladder(
    photo: str, operator: str, param: Param, values: list[float], scores: list[float], tolerance: float
) -> EditLadder:
    """Judge one ladder. Of equal optima the one nearest neutral counts."""
    positions = [position(param, value) for value in values]
    best = max(range(len(scores)), key=lambda index: (scores[index], -abs(positions[index])))
    return EditLadder(
        photo=photo,
        operator=operator,
        param=param.name,
        values=tuple(values),
        scores=tuple(scores),
        unimodal=is_unimodal(scores, tolerance),
        optimum=positions[best],
        interior=0 < best < len(scores) - 1 or values[best] == param.neutral,
        span=max(scores) - min(scores),
    )


def is_unimodal(scores: Sequence[float], tolerance: float) -> bool:
    """Whether the scores only fall on the way out from their highest, on both sides, within `tolerance`."""
    best = int(np.argmax(scores))
    for side in (scores[best::-1], scores[best:]):
        lowest = np.minimum.accumulate(side)
        if np.any(np.asarray(side)[1:] > lowest[:-1] + tolerance):
            return False
    return True

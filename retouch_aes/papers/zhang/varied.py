"""Zhang's method with one setting changed, as rows beside it: where does it lose against its start?

channels            of each level that the network reads (capacity)
pool                photos of others that are learned from at most
neighbours          of each photo, in the regression; 0: none of it
start-steps         of learning from all of the pool; likewise start-rate, start-anchor
regression-steps    of the neighbours; likewise regression-rate, regression-anchor
ranking-steps       of the person's pairs; likewise ranking-rate, ranking-anchor (0: nothing is held)
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from retouch_aes.errors import UsageError
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.zhang.method import ABLATIONS, FIRST, RANKING, REGRESSION, Zhang, ablated

_STAGES: Mapping[str, tuple[str, TrainingStage]] = {
    "start": ("first", FIRST),
    "regression": ("regression", REGRESSION),
    "ranking": ("ranking", RANKING),
}
COUNTS = ("channels", "pool", "neighbours")
SETTINGS = (*COUNTS, *(f"{stage}-{of}" for stage in _STAGES for of in ("steps", "rate", "anchor")))


def varied(setting: str, value: float, row: str = "") -> Zhang:
    """`Zhang`, or the `row` of its ablations, with `setting`, one of `SETTINGS`, at `value`.

    Raises:
        UsageError: Another setting or row, or a value that it cannot have.

    Examples:
        >>> varied("channels", 16).name
        'Zhang, channels 16'
        >>> varied("pool", 100, "start alone").name
        'Zhang, start alone, pool 100'
    """
    if row and row not in ABLATIONS:
        raise UsageError(f"expected a row out of {', '.join(ABLATIONS)}, got {row!r}")
    if setting not in SETTINGS:
        raise UsageError(f"expected a setting out of {', '.join(SETTINGS)}, got {setting!r}")
    stage, _, part = setting.rpartition("-")
    whole = setting in COUNTS or part == "steps"
    least = 0 if setting == "neighbours" or part == "anchor" else 1 if whole else 1e-9
    if value < least or (whole and value != int(value)):
        raise UsageError(f"expected {setting} as a {'whole ' * whole}number from {least:g} on, got {value:g}")
    given: Any = int(value) if whole else value
    changed: dict[str, Any] = {setting: given}
    if stage:
        name, known = _STAGES[stage]
        changed = {name: replace(known, **{part: given})}
    method = ablated(row, **changed) if row else Zhang(**changed)
    method.name = f"{method.name}, {setting.replace('-', ' ')} {value:g}"
    return method

"""Stages of a benchmark at growing sizes, each in a process of its own: what it took, and what it tells.

A module of stages is run as `python -m MODULE STAGE SIZE FOLDER`; it leaves figures of its own with `tell`.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.bench.common.processes import ProcessCost, process_cost
from retouch_aes.progress import Progress, silent

_TOLD = "told.json"


@dataclass(frozen=True)
class StageRun:
    """What the process of a stage took, and the figures that it told."""

    cost: ProcessCost
    told: Mapping[str, float]


def run_stages(
    module: str,
    plan: Sequence[tuple[int, Sequence[str]]],
    *,
    prepare: Callable[[Path, int], None] | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
) -> dict[tuple[str, int], StageRun]:
    """Run stages at sizes, each size in one folder that is removed in the end.

    Args:
        module: Holds the stages.
        plan: `(size, stages)`, in the order in which they are run: in a folder, later stages find what
            earlier ones left.
        prepare: Fills a new folder for a size.
        folder: Where folders are made; None: among the temporary files.
        progress: Told of stages done.

    Returns:
        What was found, by `(stage, size)`.

    Raises:
        RetouchError: A stage failed.
    """
    found: dict[tuple[str, int], StageRun] = {}
    total = sum(len(stages) for _, stages in plan)
    for size, stages in plan:
        with tempfile.TemporaryDirectory(prefix="retouch_aes_stages_", dir=folder) as made:
            if prepare is not None:
                prepare(Path(made), size)
            for stage in stages:
                cost = process_cost([sys.executable, "-m", module, stage, str(size), made])
                told = Path(made, _TOLD)
                found[stage, size] = StageRun(cost, json.loads(told.read_bytes()) if told.exists() else {})
                told.unlink(missing_ok=True)
                progress(f"{stage}, {size:,}", len(found), total)
    return found


def tell(folder: Path, **figures: float) -> None:
    """Leave `figures` of the stage that runs in `folder` to `run_stages`."""
    (folder / _TOLD).write_text(json.dumps(figures), encoding="utf-8")

"""`bench collection`: how time and memory grow with the number of photos, all but the work on pixels.

Folders of many small JPEGs are made (hard links to a few files, so that they take no room) and each stage is
run on each of them as a program of its own: planned, begun, gone on with, scored and grouped, ranked,
reviewed. The work on pixels is left out: it is the same for every photo and measured by `bench speed`. What
a stage costs for ten photos, its start, is measured and taken off.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from PIL import Image

from retouch_aes.bench.common.processes import ProcessCost
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.stages import StageRun, run_stages
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress, silent

_SIZE = (64, 48)
_EACH = 1000  # photos of a folder
_LINKS = 20_000  # of one file; file systems have their limits
_FEWEST = 10


@dataclass(frozen=True)
class StageCost:
    """One stage on `photos` photos; `begun` is what it takes on `_FEWEST` of them."""

    stage: str
    photos: int
    run: StageRun
    begun: StageRun

    @property
    def cost(self) -> ProcessCost:
        """What the process took."""
        return self.run.cost

    @property
    def first(self) -> float:
        """Seconds of processor time until the first result was told, beyond the start; NaN where none is."""
        return self.run.told.get("first", math.nan) - self.begun.told.get("first", math.nan)

    @property
    def microseconds(self) -> float:
        """Of processor time, a photo."""
        return 1e6 * (self.cost.cpu - self.begun.cost.cpu) / self.photos

    @property
    def kilobytes(self) -> float:
        """Of memory at its peak, a photo."""
        return (self.cost.memory - self.begun.cost.memory) / 1000 / self.photos


@dataclass(frozen=True)
class CollectionReport(Report):
    """Every stage on every number of photos."""

    name: ClassVar[str] = "collection"

    rows: tuple[StageCost, ...]

    def growth(self, stage: str) -> float:
        """Processor time a photo in the largest collection over that in the smallest: 1 is linear."""
        found = [row for row in self.rows if row.stage == stage]
        return found[-1].microseconds / found[0].microseconds if found[0].microseconds > 0 else float("nan")

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        rows = [
            {
                "stage": row.stage,
                "photos": row.photos,
                "seconds": row.cost.wall,
                "cpu_seconds": row.cost.cpu,
                "cpu_seconds_to_first_result": None if math.isnan(row.first) else row.first,
                "peak_bytes": row.cost.memory,
                "cpu_microseconds_a_photo": row.microseconds,
                "kilobytes_a_photo": row.kilobytes,
            }
            for row in self.rows
        ]
        growth = {stage: self.growth(stage) for stage in dict.fromkeys(row.stage for row in self.rows)}
        return {"bench": self.name, "rows": rows, "growth": growth}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        cells = [
            [
                row.stage,
                f"{row.photos:,}",
                number(row.cost.wall, 1),
                number(row.cost.cpu, 1),
                "" if math.isnan(row.first) else number(row.first, 1),
                number(row.microseconds, 0),
                f"{row.cost.memory / 1e6:.0f}",
                number(row.kilobytes),
                number(self.growth(row.stage)) if row is last else "",
            ]
            for stage in dict.fromkeys(row.stage for row in self.rows)
            for found in [[row for row in self.rows if row.stage == stage]]
            for last in found[-1:]
            for row in found
        ]
        columns = ["", "photos", "s", "CPU s", "to the first"]
        columns += ["CPU us a photo", "peak MB", "kB a photo", "growth"]
        note = (
            "To the first: CPU s until the first result is told. That and a photo's: beyond the start. "
            "Growth: CPU a photo, largest over smallest; 1 is linear."
        )
        return [ReportTable("Collections, without the work on pixels", columns, cells, note)]


def collection(
    counts: Sequence[int],
    stages: Sequence[str],
    module: str,
    *,
    folder: Path | None = None,
    progress: Progress = silent,
) -> CollectionReport:
    """Measure `stages` on made folders of `counts` photos; they are removed in the end.

    Args:
        counts: Numbers of photos, ascending.
        stages: In the order in which they are run on one folder: later ones may need what earlier ones left.
        module: Of the stages, see `run_stages`: the photos lie in FOLDER/in.
        folder: Where folders are made; None: among the temporary files.
        progress: Told of stages done.

    Returns:
        What each took.

    Raises:
        UsageError: Counts that do not ascend from above 10.
        RetouchError: A stage failed.
    """
    if not counts or min(counts) <= _FEWEST or sorted(set(counts)) != list(counts):
        raise UsageError(f"expected ascending numbers of photos above {_FEWEST}, got {list(counts)}")
    found = run_stages(
        module,
        [(count, stages) for count in (_FEWEST, *counts)],
        prepare=lambda made, count: fill(made / "in", count),
        folder=folder,
        progress=progress,
    )
    rows = [
        StageCost(stage, count, found[stage, count], found[stage, _FEWEST])
        for stage in stages
        for count in counts
    ]
    return CollectionReport(tuple(rows))


def fill(folder: Path, count: int) -> None:
    """Make `folder` and `count` small JPEGs in it, a thousand to a folder, most of them links to others."""
    for start in range(0, count, _EACH):
        inner = folder / f"{start // _EACH:04}"
        inner.mkdir(parents=True)
        for place in range(start, min(count, start + _EACH)):
            photo = inner / f"IMG_{place:06}.jpg"
            if place % _LINKS == 0:
                shade = 40 + place // _LINKS
                Image.linear_gradient("L").resize(_SIZE).point(lambda v, s=shade: (v + s) // 2).save(photo)
                original = photo
            else:
                os.link(original, photo)

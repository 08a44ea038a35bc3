"""`bench scale`: how time and memory grow with the number of photos or answers.

Each stage runs on made rows in a process of its own (`scale_stages`), so that its peak memory is its own.
Its time is taken after a first turn on a hundred rows, which loads the libraries it needs; memory is that of
the whole process. The growth of a stage is the exponent `e` of `time ~ rows^e` from the second
largest size to the largest: 1 is linear, 2 takes four times as long for twice as many. Seconds are those of
the processor: on a busy machine waiting is not the stage's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.stages import run_stages
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.bench.system import scale_stages
from retouch_aes.bench.system.scale_stages import LEAST, SECONDS, STAGES, START
from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress, silent

SIZES = (1000, 10_000, 100_000)
MOST_BYTES = 4e9
LINEAR = 1.1  # measured exponents of a linear stage scatter about 1


@dataclass(frozen=True)
class ScaleRow:
    """A stage: processor `seconds` of its own and `memory` in bytes at each size, and its growth."""

    stage: str
    seconds: tuple[float, ...]
    memory: tuple[int, ...]

    def growth(self, sizes: Sequence[int]) -> float:
        """The exponent of time between the two largest sizes; not-a-number for a single one."""
        if len(sizes) < 2:
            return math.nan
        before, last = (max(seconds, 1e-3) for seconds in self.seconds[-2:])
        return math.log(last / before) / math.log(sizes[-1] / sizes[-2])


@dataclass(frozen=True)
class ScaleReport(Report):
    """All stages; `start` is what the libraries of all take, in processor seconds and bytes."""

    name: ClassVar[str] = "scale"

    sizes: tuple[int, ...]
    start: tuple[float, int]
    rows: tuple[ScaleRow, ...]

    def holds(self, row: ScaleRow) -> bool:
        """Whether a stage grows no worse than linearly and stays below 4 GB."""
        grown = row.growth(self.sizes)
        return not grown > LINEAR and max(row.memory) <= MOST_BYTES

    def to_json(self) -> dict[str, Any]:
        """Every number by name."""
        value = super().to_json()
        for plain, row in zip(value["rows"], self.rows, strict=True):
            grown = row.growth(self.sizes)
            plain["growth"] = None if math.isnan(grown) else grown
            plain["holds"] = self.holds(row)
        return value

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        columns = ["", *(f"{size:,} rows" for size in self.sizes), "growth", "holds"]
        cells = []
        for row in self.rows:
            each = [
                f"{number(seconds)} s, {memory / 1e6:.0f} MB"
                for seconds, memory in zip(row.seconds, row.memory, strict=True)
            ]
            cells.append(
                [row.stage, *each, number(row.growth(self.sizes)), "yes" if self.holds(row) else "no"]
            )
        note = (
            f"Processor seconds after a first turn on {LEAST} rows, and peak memory of the process; the "
            f"libraries alone take {number(self.start[0])} s and {self.start[1] / 1e6:.0f} MB. Growth: the "
            f"exponent of time between the last two sizes. Holds: {LINEAR:g} at most, and 4 GB."
        )
        return [ReportTable("Time and memory by the number of rows", columns, cells, note)]


def scale(
    sizes: Sequence[int] = SIZES,
    stages: Sequence[str] = tuple(STAGES),
    *,
    folder: Path | None = None,
    progress: Progress = silent,
) -> ScaleReport:
    """Measure `stages`, out of `STAGES`, at `sizes`; made files lie in `folder` as long as it runs.

    `UsageError` for other stages or sizes.
    """
    if not sizes or min(sizes) < LEAST or list(sizes) != sorted(set(sizes)):
        raise UsageError(f"expected growing numbers of rows from {LEAST} on, got {list(sizes)}")
    if not stages or set(stages) - STAGES.keys():
        raise UsageError(f"expected stages out of {', '.join(STAGES)}, got {list(stages)}")
    plan = [(LEAST, [START]), *((size, stages) for size in sizes)]
    found = run_stages(scale_stages.__name__, plan, folder=folder, progress=progress)
    begun = found[START, LEAST].cost
    rows = [
        ScaleRow(
            stage,
            tuple(found[stage, size].told[SECONDS] for size in sizes),
            tuple(found[stage, size].cost.memory for size in sizes),
        )
        for stage in stages
    ]
    return ScaleReport(tuple(sizes), (begun.cpu, begun.memory), tuple(rows))

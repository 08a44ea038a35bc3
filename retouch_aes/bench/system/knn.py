"""`bench knn`: the search for the nearest rated photos, against the plain matrix product that it contains.

Random unit vectors stand in for a pool of AVA's size. Each is measured in turn, `repeats` times, and the
fastest counts: on a busy machine waiting is not the search's. The table is held in 32 bit, and in 16 bit as a
pool stores it. What is found is compared with a full sort of the product.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number, percent
from retouch_aes.datasets.nearest import nearest
from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress

AIM = 1.5
PLAIN = "matrix product"


@dataclass(frozen=True)
class KnnReport(Report):
    """Seconds on the clock and of the processor by way, fastest run; and the share of neighbours right."""

    name: ClassVar[str] = "knn"

    rows: int
    width: int
    queries: int
    neighbours: int
    threads: int
    wall: dict[str, float]
    processor: dict[str, float]
    right: dict[str, float]

    def ratios(self, seconds: dict[str, float]) -> dict[str, float]:
        """Of each way, how many matrix products it takes."""
        return {name: value / seconds[PLAIN] for name, value in seconds.items() if name != PLAIN}

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        ratios = {"wall_ratio": self.ratios(self.wall), "processor_ratio": self.ratios(self.processor)}
        return {**super().to_json(), "aim": AIM, **ratios}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        cells = []
        for name, seconds in self.wall.items():
            used = self.processor[name]
            ratios = [
                number(value / of[PLAIN]) for value, of in ((seconds, self.wall), (used, self.processor))
            ]
            right = percent(self.right[name]) if name in self.right else "-"
            cells.append([name, number(seconds, 3), ratios[0], number(used, 3), ratios[1], right])
        columns = ["", "seconds", "ratio", "processor seconds", "ratio", "right"]
        note = f"{self.threads} threads; the aim is a ratio of {AIM:g} at most in 32 bit."
        title = f"{self.neighbours} nearest of {self.rows} x {self.width} for {self.queries} photos"
        return [ReportTable(title, columns, cells, note)]


def knn(
    rows: int = 255_000,
    width: int = 512,
    queries: int = 200,
    neighbours: int = 50,
    *,
    repeats: int = 3,
    seed: int = 0,
    progress: Progress | None = None,
) -> KnnReport:
    """Measure. `UsageError` where fewer rows than neighbours are asked for, or nothing at all."""
    if min(rows, width, queries, neighbours, repeats) < 1 or neighbours > rows:
        got = f"{rows} rows, width {width}, {queries} queries, {neighbours} neighbours, {repeats} repeats"
        raise UsageError(f"expected numbers from 1 on, and as many rows as neighbours at least, got {got}")
    random = np.random.default_rng(seed)
    table = random.standard_normal((rows, width), dtype=np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    asked = random.standard_normal((queries, width), dtype=np.float32)
    unit = torch.from_numpy(asked / np.linalg.norm(asked, axis=1, keepdims=True))
    whole, half = torch.from_numpy(table), table.astype(np.float16)
    ways: dict[str, Callable[[], Tensor]] = {
        PLAIN: lambda: unit @ whole.T,
        "32 bit": lambda: nearest(table, unit, neighbours)[1],
        "16 bit, as stored": lambda: nearest(half, unit, neighbours)[1],
    }
    found = {name: way() for name, way in ways.items()}  # and warm
    expected = found.pop(PLAIN).topk(neighbours, dim=1).indices
    right = {
        name: float(np.mean([np.isin(a, b).mean() for a, b in zip(got, expected, strict=True)]))
        for name, got in found.items()
    }
    wall = dict.fromkeys(ways, float("inf"))
    processor = dict.fromkeys(ways, float("inf"))
    for repeat in range(repeats):
        for name, way in ways.items():
            clock, used = time.perf_counter(), time.process_time()
            way()
            wall[name] = min(wall[name], time.perf_counter() - clock)
            processor[name] = min(processor[name], time.process_time() - used)
        if progress is not None:
            progress("knn", repeat + 1, repeats)
    return KnnReport(rows, width, queries, neighbours, torch.get_num_threads(), wall, processor, right)

"""The answer of `bench one-pass`."""

from dataclasses import dataclass
from typing import ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number, percent


@dataclass(frozen=True)
class OnePassWay:
    """One way to the parameters: its shares of the solver's gain, its own gain in score, its median time."""

    name: str
    of_score: Estimate
    of_objective: Estimate
    score_gain: float
    seconds: float


@dataclass(frozen=True)
class OnePassReport(Report):
    """One look against the search, on `photos` unseen photos; the last way is the solver."""

    name: ClassVar[str] = "one-pass"

    photos: int
    seed: int
    fingerprint: str
    ways: tuple[OnePassWay, ...]

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""

        solver = self.ways[-1].seconds
        rows = [
            [
                way.name,
                way.of_score.shown(percent),
                way.of_objective.shown(percent),
                number(way.score_gain),
                f"{1000 * way.seconds:.0f} ms",
                f"1/{solver / way.seconds:.0f}",
            ]
            for way in self.ways
        ]
        columns = ["", "of the solver's gain in score", "in its objective", "score", "time", "of its time"]
        note = f"{self.photos} photos, 95 % intervals over them; times are medians, from proxy to parameters."
        return [ReportTable("One-pass retouching against a search", columns, rows, note)]

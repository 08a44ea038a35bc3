"""The answer of `bench one-pass`."""

from dataclasses import dataclass
from typing import Any

from rich.table import Table as RichTable

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.table import ReportTable, number, percent


@dataclass(frozen=True)
class OnePassWay:
    """One way to the parameters: its shares of the solver's gain, its own gain in score, its median time."""

    name: str
    of_score: Estimate
    of_objective: Estimate
    score_gain: float
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        shares = {"of_score": self.of_score.to_json(), "of_objective": self.of_objective.to_json()}
        return {**vars(self), **shares}


@dataclass(frozen=True)
class OnePassReport:
    """One look against the search, on `photos` unseen photos; the last way is the solver."""

    photos: int
    seed: int
    fingerprint: str
    ways: tuple[OnePassWay, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"bench": "one-pass", **vars(self), "ways": [way.to_json() for way in self.ways]}

    def to_markdown(self) -> str:
        """The table as Markdown."""
        return self._table().to_markdown()

    def table(self) -> RichTable:
        """The table for a terminal."""
        return self._table().to_rich()

    def _table(self) -> ReportTable:
        def shown(value: Estimate) -> str:
            return f"{percent(value.value)} ({percent(value.low)} to {percent(value.high)})"

        solver = self.ways[-1].seconds
        rows = [
            [
                way.name,
                shown(way.of_score),
                shown(way.of_objective),
                number(way.score_gain),
                f"{1000 * way.seconds:.0f} ms",
                f"1/{solver / way.seconds:.0f}",
            ]
            for way in self.ways
        ]
        columns = ["", "of the solver's gain in score", "in its objective", "score", "time", "of its time"]
        note = f"{self.photos} photos, 95 % intervals over them; times are medians, from proxy to parameters."
        return ReportTable("One look against a search", columns, rows, note)

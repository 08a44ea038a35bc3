"""The answer of `bench taste`: gains in rho over the generic score, by split and number of photos known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number

Cell = tuple[bool, int]
"""Whether themes were kept apart, and how many photos were known."""


@dataclass(frozen=True)
class TasteReport(Report):
    """`cells[apart, k][method]`: of "generic" its mean rho, of the others their mean gain, over people."""

    name: ClassVar[str] = "taste"

    people: int
    repeats: int
    seed: int
    covariance: str
    cells: Mapping[Cell, Mapping[str, Estimate]]
    counts: Mapping[Cell, int]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        rows = [
            {
                "themes_apart": apart,
                "known": size,
                "people": self.counts[apart, size],
                **{name: estimate.to_json() for name, estimate in found.items()},
            }
            for (apart, size), found in self.cells.items()
        ]
        head = {name: vars(self)[name] for name in ("people", "repeats", "seed", "covariance")}
        return {"bench": self.name, **head, "rows": rows}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        names = list(next(iter(self.cells.values()), {}))
        rows = []
        for (apart, size), found in self.cells.items():
            gains = [
                f"{value.value:+.3f} ({value.low:+.3f} to {value.high:+.3f})"
                for name, value in found.items()
                if name != "generic"
            ]
            split = "themes apart" if apart else "random"
            people = str(self.counts[apart, size])
            rows.append([f"{split}, {size} known", people, number(found["generic"].value, 3), *gains])
        columns = ["", "people", "generic rho", *(f"gain: {name}" for name in names if name != "generic")]
        note = f"Gains in rho over the generic score, 95 % over people. Covariance: {self.covariance}"
        return [ReportTable("One person from a few of their answers", columns, rows, note)]

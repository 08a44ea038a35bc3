"""The answer of `bench active`: rho after so many ratings, for each way to choose them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report, plain
from retouch_aes.bench.common.table import ReportTable


@dataclass(frozen=True)
class ActiveCurve:
    """A selector: mean rho over people at each stop, over the `whole` album and over the `unseen` rest.

    `over_random`: mean difference from random selection along the curve, for both; None without it.
    """

    short: str
    name: str
    whole: tuple[float, ...]
    unseen: tuple[float, ...]
    over_random: tuple[Estimate, ...] | None


@dataclass(frozen=True)
class ActiveReport(Report):
    """All curves, of one method."""

    name: ClassVar[str] = "active"

    method: str
    people: int
    repeats: int
    seed: int
    stops: tuple[int, ...]
    curves: tuple[ActiveCurve, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        head = {name: vars(self)[name] for name in ("method", "people", "repeats", "seed")}
        return {"bench": self.name, **head, "rated": list(self.stops), "selectors": plain(self.curves)}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        shown = sorted({0, len(self.stops) // 3, 2 * len(self.stops) // 3, len(self.stops) - 1})
        columns = [""]
        for where in ("whole album", "unseen rest"):
            columns += [f"{where}, {self.stops[stop]} rated" for stop in shown] + ["over random"]
        rows = []
        for curve in self.curves:
            cells = [curve.name]
            for part, values in enumerate((curve.whole, curve.unseen)):
                cells += [f"{values[stop]:.3f}" for stop in shown]
                over = None if curve.over_random is None else curve.over_random[part]
                cells.append(
                    "-" if over is None else f"{over.value:+.3f} ({over.low:+.3f} to {over.high:+.3f})"
                )
            rows.append(cells)
        note = (
            f"Mean Spearman's rho of {self.method} over {self.people} people, {self.repeats} starts each. "
            "Over random: mean difference along the curve, 95 % over people."
        )
        return [ReportTable("Which photos to ask about", columns, rows, note)]

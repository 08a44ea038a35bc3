"""The answer of `bench active`: rho after so many ratings, for each way to choose them."""

from dataclasses import dataclass
from typing import Any

from rich.table import Table as RichTable

from retouch_aes.bench.common.bootstrap import Estimate
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

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        over = None if self.over_random is None else [estimate.to_json() for estimate in self.over_random]
        return {**vars(self), "whole": list(self.whole), "unseen": list(self.unseen), "over_random": over}


@dataclass(frozen=True)
class ActiveReport:
    """All curves, of one method."""

    method: str
    people: int
    repeats: int
    seed: int
    stops: tuple[int, ...]
    curves: tuple[ActiveCurve, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        head = {name: vars(self)[name] for name in ("method", "people", "repeats", "seed")}
        curves = [curve.to_json() for curve in self.curves]
        return {"bench": "active", **head, "rated": list(self.stops), "selectors": curves}

    def to_markdown(self) -> str:
        """The table as Markdown."""
        return self._table().to_markdown()

    def table(self) -> RichTable:
        """The table for a terminal."""
        return self._table().to_rich()

    def _table(self) -> ReportTable:
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
        return ReportTable("Which photos to ask about", columns, rows, note)

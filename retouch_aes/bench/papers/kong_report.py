"""The answer of `bench kong`: a row per ablation, the paper's own number beside it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number


@dataclass(frozen=True)
class KongRow:
    """Spearman's rho with the mean rating, its gain over regression alone, and the paper's rho on AADB."""

    name: str
    rho: Estimate
    gain: Estimate
    paper: float


@dataclass(frozen=True)
class KongReport(Report):
    """All rows of one run, the first of them regression alone; 95 % intervals over themes."""

    name: ClassVar[str] = "kong"

    photos: int
    people: int
    seeds: int
    holdout: float
    raters: int | None
    attributes: int
    rows: tuple[KongRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Every number by name."""
        rows = [
            {
                "method": row.name,
                "rho": row.rho.to_json(),
                "gain": row.gain.to_json(),
                "paper_aadb": row.paper,
            }
            for row in self.rows
        ]
        return {**super().to_json(), "rows": rows, "verdict": self.verdict()}

    def verdict(self) -> str:
        """One sentence: does ranking within raters beat regression alone here?"""
        gain = next(row.gain for row in self.rows if "within" in row.name)
        if gain.low > 0:
            return f"Ranking within raters beats regression alone: {_signed(gain)}."
        if gain.high < 0:
            return f"Ranking within raters is worse than regression alone here: {_signed(gain)}."
        return f"Ranking within raters does not differ surely from regression alone here: {_signed(gain)}."

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [
                row.name,
                str(row.rho),
                _signed(row.gain) if row is not self.rows[0] else "-",
                number(row.paper, 3),
                f"{row.paper - self.rows[0].paper:+.3f}" if row is not self.rows[0] else "-",
            ]
            for row in self.rows
        ]
        raters = f"{self.raters} ratings of each training photo. " if self.raters else ""
        attributes = f"{self.attributes} attributes. " if self.attributes else "No attributes given. "
        return [
            ReportTable(
                title=f"Kong's ablations: {self.photos} photos, {self.people} people",
                columns=["", "rho", "gain", "paper (AADB)", "its gain"],
                rows=rows,
                note=(
                    f"Spearman with the mean rating of kept-back themes ({self.holdout:.0%} of the photos), "
                    f"mean of {self.seeds} seeds; 95 % bootstrap intervals over themes. {raters}{attributes}"
                    f"{self.verdict()}"
                ),
            )
        ]


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"

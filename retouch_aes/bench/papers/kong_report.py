"""The answer of `bench kong`: a row per ablation, the paper's own number beside it, and its other tables."""

from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number

BASE, RANKED = "regression", "+ ranking, within raters"
TITLES = {
    "ablations": "Kong's ablations (tables 2 and 3)",
    "weights": "Weight of the ranking loss (table 4)",
    "pairs": "Number of pairs drawn before the training (table 5)",
    "clusters": "Number of content clusters (figure 5)",
}


@dataclass(frozen=True)
class KongRow:
    """Spearman's rho with the mean rating, its gain over regression alone, the share told good from bad.

    `paper` is the paper's rho, `paper_accuracy` its accuracy on AVA; None where it prints none.
    """

    table: str
    name: str
    rho: Estimate
    gain: Estimate
    accuracy: Estimate
    paper: float | None
    paper_accuracy: float | None


@dataclass(frozen=True)
class KongRatersRow:
    """Mean rho of single raters, who rated more than `more_than` photos, with the mean rating."""

    more_than: int
    raters: int
    rho: Estimate
    paper: float


@dataclass(frozen=True)
class KongTransferRow:
    """Rho of the network that learned from one dataset on the test photos of another."""

    learned: str
    tested: str
    rho: Estimate
    paper: float | None


@dataclass(frozen=True)
class KongReport(Report):
    """All rows of one run; 95 % intervals over themes, of raters over raters, of transfers over photos.

    `people` is 0 where nobody is known, `holdout` None where the photos of the test are the authors'; `paper`
    is the dataset whose printed numbers stand beside ours.
    """

    name: ClassVar[str] = "kong"

    photos: int
    people: int
    seeds: int
    holdout: float | None
    raters: int | None
    attributes: int
    paper: str
    rows: tuple[KongRow, ...]
    single_raters: tuple[KongRatersRow, ...] = ()
    transfer: tuple[KongTransferRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Every number by name."""
        rows = [
            {
                "table": row.table,
                "method": row.name,
                "rho": row.rho.to_json(),
                "gain": row.gain.to_json(),
                "accuracy": row.accuracy.to_json(),
                f"paper_{self.paper}": row.paper,
                "paper_accuracy_ava": row.paper_accuracy,
            }
            for row in self.rows
        ]
        return {**super().to_json(), "rows": rows, "verdict": self.verdict()}

    def verdict(self) -> str:
        """One sentence: does ranking within raters, or of means alone, beat regression alone here?"""
        within = [row for row in self.rows if row.name == RANKED]
        what = "Ranking within raters" if within else "Ranking"
        gain = (within or [row for row in self.rows if "ranking" in row.name])[0].gain
        if gain.low > 0:
            return f"{what} beats regression alone: {_signed(gain)}."
        if gain.high < 0:
            return f"{what} is worse than regression alone here: {_signed(gain)}."
        return f"{what} does not differ surely from regression alone here: {_signed(gain)}."

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        found = [self._table(name) for name in dict.fromkeys(row.table for row in self.rows)]
        if self.single_raters:
            rows = [
                [f"> {row.more_than} photos", str(row.raters), str(row.rho), number(row.paper, 3)]
                for row in self.single_raters
            ]
            note = "Each rater's own ratings are in the mean as well, as in the paper."
            columns = ["", "raters", "rho with the mean rating", "paper (AADB)"]
            found.append(ReportTable("Single raters (table 6)", columns, rows, note))
        if self.transfer:
            rows = [
                [f"{row.learned} -> {row.tested}", str(row.rho), _plain(row.paper)] for row in self.transfer
            ]
            columns = ["learned -> tested", "rho", "paper"]
            found.append(ReportTable("From one dataset to another (table 7)", columns, rows))
        return found

    def _table(self, table: str) -> ReportTable:
        mine = [row for row in self.rows if row.table == table]
        rows = [
            [
                row.name,
                str(row.rho),
                _signed(row.gain) if row.name != BASE else "-",
                str(row.accuracy),
                _plain(row.paper),
                _plain(row.paper_accuracy if self.paper == "ava" else None),
            ]
            for row in mine
        ]
        people = f", {self.people} people" if self.people else ", single raters unknown"
        columns = ["", "rho", "gain", "accuracy", f"paper's rho ({self.paper.upper()})", "its accuracy"]
        return ReportTable(
            title=f"{TITLES[table]}: {self.photos} photos{people}",
            columns=columns,
            rows=rows,
            note=self._note() if table == "ablations" else "",
        )

    def _note(self) -> str:
        tested = "the authors' test photos"
        if self.holdout is not None:
            tested = f"kept-back themes ({self.holdout:.0%} of the photos)"
        raters = f"{self.raters} ratings of each training photo. " if self.raters else ""
        attributes = f"{self.attributes} attributes. " if self.attributes else "No attributes given. "
        return (
            f"Spearman with the mean rating of {tested}, gain over regression, and the share told good from "
            f"bad; mean of {self.seeds} seeds; 95 % bootstrap intervals over themes. {raters}{attributes}"
            f"{self.verdict()}"
        )


def _plain(value: float | None) -> str:
    return "-" if value is None else number(value, 3)


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"

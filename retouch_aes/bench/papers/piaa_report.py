"""The answer of `bench piaa`: a row for each method, the papers' own numbers beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report, plain
from retouch_aes.bench.common.table import ReportTable
from retouch_aes.papers.published import PAIR_AGREEMENT


@dataclass(frozen=True)
class PiaaCell:
    """Over people: mean gain in rho over the generic score and mean rho, with intervals and deviations.

    `draw_deviation` is that of the mean gain over the draws, the number that Ren et al. give; `agreement` the
    share of pairs in the person's order; `by_person` each person's mean rho, by name.
    """

    people: int
    gain: Estimate
    rho: Estimate
    gain_deviation: float
    rho_deviation: float
    draw_deviation: float
    agreement: Estimate
    by_person: Mapping[str, float]


@dataclass(frozen=True)
class PiaaRow:
    """A method by short name and name, `pairs` and `warm` as in `Method`, cells by photos known."""

    short: str
    name: str
    pairs: bool
    warm: bool
    cells: Mapping[int, PiaaCell]
    published: Mapping[int, float]

    def to_json(self) -> list[dict[str, Any]]:
        """One value for each number of photos known."""
        head = {"method": self.short, "name": self.name, "pairs": self.pairs, "warm": self.warm}
        return [
            {**head, "known": size, **plain(cell), "published": self.published.get(size)}
            for size, cell in self.cells.items()
        ]


@dataclass(frozen=True)
class PiaaReport(Report):
    """All rows, of one protocol."""

    name: ClassVar[str] = "piaa"

    protocol: str
    people: int
    repeats: int
    seed: int
    rows: tuple[PiaaRow, ...]
    per_person: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        head = {name: vars(self)[name] for name in ("protocol", "people", "repeats", "seed")}
        return {"bench": self.name, **head, "rows": [value for row in self.rows for value in row.to_json()]}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        sizes = list(dict.fromkeys(size for row in self.rows for size in row.cells))
        gain = self.protocol == "ren"
        columns = [""]
        for size in sizes:
            columns += [f"{'gain' if gain else 'rho'}, {size} known", "deviation", "paper"]
        rows = []
        for row in self.rows:
            cells = [row.name + (" *" if row.warm else "")]
            for size in sizes:
                cells += self._cells(row, size, gain)
            rows.append(cells)
        what = "gain in Spearman's rho over the generic score" if gain else "Spearman's rho"
        note = (
            f"Mean {what}, 95 % interval and deviation over {self.people} people, {self.repeats} draws each. "
            "Paper: its own number on its own photos and people."
        )
        if gain:
            note += " Generic: its rho."
        if any(row.warm for row in self.rows):
            note += " *: has seen other people's ratings of the photos predicted, the generic score has not."
        found = [ReportTable(f"Personalised aesthetics, protocol {self.protocol}", columns, rows, note)]
        if not gain:
            found.append(self._agreement(sizes))
        return found + ([self._people(size) for size in sizes] if self.per_person else [])

    def _agreement(self, sizes: list[int]) -> ReportTable:
        """Zhang et al.'s table 2."""
        rows = []
        for row in self.rows:
            said = [
                row.cells[size].agreement.shown("{:.1%}".format) if size in row.cells else "-"
                for size in sizes
            ]
            rows.append([row.name, *said, PAIR_AGREEMENT.get(row.short, "-")])
        columns = ["", *(f"{size} known" for size in sizes), "paper, 4 people"]
        note = (
            "Pairs of photos predicted, rated differently, in the person's order; 95 % interval over people."
        )
        return ReportTable("Pair agreement", columns, rows, note)

    def _people(self, size: int) -> ReportTable:
        """Each person's rho."""
        there = [row for row in self.rows if size in row.cells]
        names = list(there[0].cells[size].by_person) if there else []
        rows = [[name, *(f"{row.cells[size].by_person[name]:.3f}" for row in there)] for name in names]
        note = "Spearman's rho of each person, the mean over draws."
        return ReportTable(f"By person, {size} known", ["", *(row.name for row in there)], rows, note)

    @staticmethod
    def _cells(row: PiaaRow, size: int, gain: bool) -> list[str]:
        if size not in row.cells:
            return ["-", "-", "-"]
        cell = row.cells[size]
        generic = row.short == "generic"
        shown = cell.gain if gain and not generic else cell.rho
        deviation = cell.gain_deviation if gain and not generic else cell.rho_deviation
        form = "+.3f" if gain and not generic else ".3f"
        paper = row.published.get(size)
        return [
            f"{shown.value:{form}} ({shown.low:{form}} to {shown.high:{form}})",
            f"{deviation:.3f}",
            "-" if paper is None else f"{paper:{'+.3f' if gain and not generic else '.3f'}}",
        ]

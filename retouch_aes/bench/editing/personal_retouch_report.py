"""The answer of `bench personal-retouch`."""

from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate, finite
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number, percent
from retouch_aes.bench.editing.stray_sliders import StraySliders


@dataclass(frozen=True)
class PersonalComparison:
    """After so many answers: shares of unseen photos on which the personal retouch is preferred.

    `gain` is utility over the generic retouch; `moved` and `apart` are mean Delta E 2000 from the photo and
    from the generic retouch; `faulty` photos were given with faults.
    """

    answers: int
    faulty: bool
    over_generic: Estimate
    over_original: Estimate
    gain: Estimate
    moved: float
    apart: float
    agreement: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "answers": self.answers,
            "faulty": self.faulty,
            "over_generic": self.over_generic.to_json(),
            "over_original": self.over_original.to_json(),
            "gain": self.gain.to_json(),
            "moved_delta_e": self.moved,
            "from_generic_delta_e": self.apart,
            "agreement": finite(self.agreement),
        }


@dataclass(frozen=True)
class PersonalRetouchReport(Report):
    """How often simulated people prefer the retouch that learned from them."""

    name: ClassVar[str] = "personal-retouch"

    asked: int
    tested: int
    people: int
    seed: int
    generic_moved: float
    rows: tuple[PersonalComparison, ...]
    stray: tuple[StraySliders, ...] = ()

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""

        rows = [
            [
                f"{row.answers}{', photos with faults' * row.faulty}",
                row.over_generic.shown(percent),
                row.over_original.shown(percent),
                percent(row.agreement),
                row.gain.shown(number),
                number(row.moved),
                number(row.apart),
            ]
            for row in self.rows
        ]
        columns = [
            "choices",
            "preferred to generic",
            "preferred to the photo",
            "answers predicted",
            "gain in utility",
            "moved by",
            "from generic",
        ]
        note = (
            f"Shares of {self.tested} unseen photos; {self.people} people, 95 % intervals over them. "
            f"Moved by: mean Delta E 2000 to the photo; the generic retouch: {number(self.generic_moved)}."
        )
        title = f"Choices between renditions of {self.asked} photos"
        return [ReportTable(title, columns, rows, note), self._stray()]

    def _stray(self) -> ReportTable:
        rows = [
            [
                str(row.answers),
                *(number(value) for value in (row.own, row.others, row.clarity)),
                percent(row.own_largest),
                percent(row.clarity_largest),
            ]
            for row in self.stray
        ]
        columns = [
            "choices",
            "own slider",
            "others",
            "clarity unasked",
            "own is largest",
            "clarity is largest",
        ]
        note = (
            "Ten people who care for one quality: how far sliders are from the generic retouch's, in reaches "
            "(1: plainly visible), and which moved most."
        )
        return ReportTable("What moves unasked", columns, rows, note)

"""The answer of `bench personal-retouch`."""

from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate, finite
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number, percent


@dataclass(frozen=True)
class PersonalComparison:
    """After so many answers: shares of unseen photos on which the personal retouch is preferred."""

    answers: int
    over_generic: Estimate
    over_original: Estimate
    moved: float
    agreement: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "answers": self.answers,
            "over_generic": self.over_generic.to_json(),
            "over_original": self.over_original.to_json(),
            "moved_delta_e": self.moved,
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

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""

        rows = [
            [
                str(row.answers),
                row.over_generic.shown(percent),
                row.over_original.shown(percent),
                percent(row.agreement),
                number(row.moved),
            ]
            for row in self.rows
        ]
        columns = [
            "choices",
            "preferred to generic",
            "preferred to the photo",
            "answers predicted",
            "moved by",
        ]
        note = (
            f"Shares of {self.tested} unseen photos; {self.people} people, 95 % intervals over them. "
            f"Moved by: mean Delta E 2000 to the photo; the generic retouch: {number(self.generic_moved)}."
        )
        return [ReportTable(f"Choices between renditions of {self.asked} photos", columns, rows, note)]

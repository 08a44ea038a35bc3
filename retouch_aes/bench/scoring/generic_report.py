"""The answer of `bench generic`: four numbers with their intervals."""

from dataclasses import dataclass
from typing import ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number


@dataclass(frozen=True)
class GenericReport(Report):
    """Agreement of scores with ratings; 95 % intervals over photos, for `user_rho` over people."""

    name: ClassVar[str] = "generic"

    photos: int
    people: int
    people_counted: int
    ratings: int
    spearman: Estimate
    pearson: Estimate
    pair_accuracy: Estimate
    user_rho: Estimate

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        named = [
            ("Spearman with the mean rating", self.spearman),
            ("Pearson with the mean rating", self.pearson),
            ("pairs in the right order", self.pair_accuracy),
            ("mean per-user Spearman", self.user_rho),
        ]
        rows = [[name, *(number(value, 3) for value in vars(found).values())] for name, found in named]
        title = f"{self.photos} photos, {self.ratings} ratings by {self.people} people"
        note = f"95 % bootstrap intervals over photos; the last over {self.people_counted} people."
        return [ReportTable(title, ["", "value", "from", "to"], rows, note)]

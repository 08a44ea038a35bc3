"""The answer of `bench generic`: four numbers with their intervals."""

from dataclasses import dataclass
from typing import Any

from rich.table import Table as RichTable

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.table import ReportTable, number


@dataclass(frozen=True)
class GenericReport:
    """Agreement of scores with ratings; 95 % intervals over photos, for `user_rho` over people."""

    photos: int
    people: int
    people_counted: int
    ratings: int
    spearman: Estimate
    pearson: Estimate
    pair_accuracy: Estimate
    user_rho: Estimate

    def to_json(self) -> dict[str, Any]:
        """Every number by name."""
        estimates = {key: value.to_json() for key, value in vars(self).items() if isinstance(value, Estimate)}
        return {"bench": "generic", **vars(self), **estimates}

    def to_markdown(self) -> str:
        """The table as Markdown."""
        return self._table().to_markdown()

    def table(self) -> RichTable:
        """The table for a terminal."""
        return self._table().to_rich()

    def _table(self) -> ReportTable:
        named = [
            ("Spearman with the mean rating", self.spearman),
            ("Pearson with the mean rating", self.pearson),
            ("pairs in the right order", self.pair_accuracy),
            ("mean per-user Spearman", self.user_rho),
        ]
        rows = [[name, *(number(value, 3) for value in vars(found).values())] for name, found in named]
        title = f"{self.photos} photos, {self.ratings} ratings by {self.people} people"
        note = f"95 % bootstrap intervals over photos; the last over {self.people_counted} people."
        return ReportTable(title, ["", "value", "from", "to"], rows, note)

"""The answer of `bench expert`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table as RichTable

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.table import ReportTable, number


@dataclass(frozen=True)
class ExpertReport:
    """Mean Delta E 2000 to the editor's version by method, and by how much personal is nearer than generic.

    `each` holds the distances of every photo in the order of `distances`.
    """

    photos: tuple[str, ...]
    distances: Mapping[str, Estimate]
    nearer: Estimate
    each: Sequence[Sequence[float]]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "bench": "expert",
            "seed": self.seed,
            "photos": list(self.photos),
            "distances": {name: value.to_json() for name, value in self.distances.items()},
            "nearer": self.nearer.to_json(),
            "each": [list(row) for row in self.each],
        }

    def to_markdown(self) -> str:
        """The table as Markdown."""
        return self._table().to_markdown()

    def table(self) -> RichTable:
        """The table for a terminal."""
        return self._table().to_rich()

    def _table(self) -> ReportTable:
        def shown(value: Estimate) -> str:
            return f"{number(value.value)} ({number(value.low)} to {number(value.high)})"

        rows = [[name, shown(value)] for name, value in self.distances.items()]
        better = sum(row[2] < row[1] for row in self.each)
        note = (
            f"{len(self.photos)} photos, each left out of what its taste was learned from; 95 % intervals "
            f"over photos. Personal is nearer than generic by {shown(self.nearer)}, on {better} photos."
        )
        return ReportTable("Distance to the editor's version", ["", "Delta E 2000"], rows, note)

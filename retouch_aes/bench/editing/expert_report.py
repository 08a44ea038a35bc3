"""The answer of `bench expert`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number


@dataclass(frozen=True)
class ExpertReport(Report):
    """Mean Delta E 2000 to the editor's version by method, and by how much personal is nearer than generic.

    `each` holds the distances of every photo in the order of `distances`.
    """

    name: ClassVar[str] = "expert"

    photos: tuple[str, ...]
    distances: Mapping[str, Estimate]
    nearer: Estimate
    each: Sequence[Sequence[float]]
    seed: int

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""

        rows = [[name, value.shown(number)] for name, value in self.distances.items()]
        better = sum(row[2] < row[1] for row in self.each)
        note = (
            f"{len(self.photos)} photos, each left out of what its taste was learned from; 95 % intervals "
            f"over photos. Personal is nearer than generic by {self.nearer.shown(number)}, on {better}."
        )
        return [ReportTable("Distance to the editor's version", ["", "Delta E 2000"], rows, note)]

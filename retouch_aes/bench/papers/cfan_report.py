"""The answer of `bench cfan`: a row per network, and the steps the paper claims."""

from dataclasses import dataclass
from typing import Any, ClassVar

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable


@dataclass(frozen=True)
class CFANRow:
    """AUC per user on new photos and on known ones, and how far the full CFAN is ahead on new ones."""

    name: str
    new: Estimate
    known: Estimate
    behind: Estimate
    own: bool


@dataclass(frozen=True)
class CFANReport(Report):
    """All rows of one run; `steps` are gains of one network over another on new photos."""

    name: ClassVar[str] = "cfan"

    title: str
    users: int
    photos: int
    judgements: int
    seeds: int
    rows: tuple[CFANRow, ...]
    steps: dict[str, Estimate]

    def to_json(self) -> dict[str, Any]:
        """Every number by name."""
        rows = [
            {
                "method": row.name,
                "auc_new_photos": row.new.to_json(),
                "auc_known_photos": row.known.to_json(),
                "full_cfan_ahead_by": row.behind.to_json(),
            }
            for row in self.rows
        ]
        return {**super().to_json(), "rows": rows}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [row.name, str(row.new), str(row.known), str(row.behind) if row.own and row.behind.value else "-"]
            for row in self.rows
        ]
        steps = "; ".join(
            f"{name}: {step.value:+.3f} [{step.low:+.3f}, {step.high:+.3f}]"
            for name, step in self.steps.items()
        )
        return [
            ReportTable(
                title=f"CFAN on {self.title}: {self.judgements} judgements of {self.photos} photos",
                columns=["", "AUC, new photos", "AUC, known photos", "full CFAN ahead by"],
                rows=rows,
                note=(
                    f"Mean AUC per user ({self.users} users, {self.seeds} seeds); 95 % bootstrap intervals "
                    f"over users. The review of the photo asked about is never read. On new photos: {steps}."
                ),
            )
        ]

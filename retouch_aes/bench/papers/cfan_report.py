"""The answer of `bench cfan`: a row per network, the steps the paper claims, and its figures 7 and 9."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number

PAPER_CONSISTENCY, PAPER_GOOD = 0.8106, 1_163_258 / (1_163_258 + 271_862)
PAPER_STEP = "nearly 10 %"
"""What the text says that the review adds, CFAN over CFN, one task; figure 8 prints no numbers."""


@dataclass(frozen=True)
class CFANRow:
    """AUC per user on new photos and on known ones, as printed, and how far the full CFAN is ahead on new.

    `right` is the share of judgements of known photos told right; not-a-number for a recommender.
    """

    name: str
    new: Estimate
    known: Estimate
    printed: Estimate
    right: float
    behind: Estimate
    own: bool


@dataclass(frozen=True)
class CFANTagRow:
    """Figure 7: of new photos of the tag, the shares that three networks tell liked or not."""

    tag: str
    right: tuple[float, ...]


@dataclass(frozen=True)
class CFANFewRow:
    """Figure 9: AUC as printed and accuracy after `reviews` of each photo at most; 0 is all."""

    name: str
    reviews: int
    printed: Estimate
    right: float


@dataclass(frozen=True)
class CFANReport(Report):
    """All rows of one run; `steps` are gains of one network over another on new photos.

    `good` are the judgements that are good, `consistency` says how far reviews agree with ratings. `tags` has
    a column for each of `tag_networks`.
    """

    name: ClassVar[str] = "cfan"

    title: str
    users: int
    photos: int
    judgements: int
    good: int
    consistency: float
    seeds: int
    rows: tuple[CFANRow, ...]
    steps: dict[str, Estimate]
    tag_networks: tuple[str, ...] = ()
    tags: tuple[CFANTagRow, ...] = ()
    few: tuple[CFANFewRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Every number by name."""
        rows = [
            {
                "method": row.name,
                "auc_new_photos": row.new.to_json(),
                "auc_known_photos": row.known.to_json(),
                "auc_as_printed": row.printed.to_json(),
                "accuracy": row.right if math.isfinite(row.right) else None,
                "full_cfan_ahead_by": row.behind.to_json(),
            }
            for row in self.rows
        ]
        paper = {"consistency": PAPER_CONSISTENCY, "good_share": PAPER_GOOD, "review_adds": PAPER_STEP}
        return {**super().to_json(), "rows": rows, "paper": paper}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [
                row.name,
                str(row.new),
                str(row.known),
                str(row.printed),
                number(row.right, 3),
                str(row.behind) if row.own and row.behind.value else "-",
            ]
            for row in self.rows
        ]
        steps = "; ".join(
            f"{name}: {step.value:+.3f} [{step.low:+.3f}, {step.high:+.3f}]"
            for name, step in self.steps.items()
        )
        columns = ["", "AUC, new photos", "AUC, known photos", "AUC as printed", "accuracy"]
        found = [
            ReportTable(
                title=f"CFAN on {self.title}: {self.judgements} judgements of {self.photos} photos",
                columns=[*columns, "full CFAN ahead by"],
                rows=rows,
                note=(
                    f"Mean AUC per user ({self.users} users, {self.seeds} seeds); 95 % bootstrap intervals "
                    "over users; as printed: over the judgements of known photos of a tag, mean of the tags, "
                    "intervals over tags. The review of the photo asked about is never read. On new photos: "
                    f"{steps}. In the paper the review adds {PAPER_STEP}, as printed, of one task. Reviews "
                    f"agree with ratings in {self.consistency:.1%} (paper: {PAPER_CONSISTENCY:.1%}); "
                    f"{self.good / self.judgements:.0%} of the judgements are good (paper: {PAPER_GOOD:.0%})."
                ),
            )
        ]
        if self.tags:
            lines = [[row.tag, *(number(value, 3) for value in row.right)] for row in self.tags]
            mean = np.nanmean(np.array([row.right for row in self.tags]), 0)
            found.append(
                ReportTable(
                    "Liked on the whole or not, new photos by tag (figure 7)",
                    ["", *self.tag_networks],
                    [*lines, ["mean of the tags", *(number(float(value), 3) for value in mean)]],
                    "The paper prints bars, no numbers; in it CFAN is ahead in most tags.",
                )
            )
        if self.few:
            lines = [
                [f"{row.name}, {row.reviews or 'all'}", str(row.printed), number(row.right, 3)]
                for row in self.few
            ]
            note = "In the paper both move by less than .1."
            columns = ["network, reviews of a photo", "AUC as printed", "accuracy"]
            found.append(ReportTable("Fewer reviews of each photo (figure 9)", columns, lines, note))
        return found

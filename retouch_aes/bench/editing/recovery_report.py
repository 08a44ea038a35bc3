"""The answer of `bench recovery`: every case with its amounts and numbers, and what they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate, grouped_ratio
from retouch_aes.bench.common.degradations import Degradation
from retouch_aes.bench.common.report import Report, plain
from retouch_aes.bench.common.table import ReportTable, number, percent


@dataclass(frozen=True)
class RecoveryCase:
    """One degraded photo: mean Delta E 2000 to the photo `before` the repair and `after` it, by method."""

    photo: str
    degradation: Degradation
    before: float
    after: Mapping[str, float]


@dataclass(frozen=True)
class UntouchedPhoto:
    """One undegraded photo: mean Delta E 2000 by which each method moved it."""

    photo: str
    moved: Mapping[str, float]


@dataclass(frozen=True)
class RecoverySummary:
    """Means over cases. `ratio` is `after / before` with its 95 % interval over photos."""

    cases: int
    before: float
    after: float
    ratio: Estimate
    improved: float


@dataclass(frozen=True)
class RecoveryReport(Report):
    """All cases of one run. `seed` and `side` repeat it."""

    name: ClassVar[str] = "recovery"

    seed: int
    side: int
    methods: tuple[str, ...]
    cases: tuple[RecoveryCase, ...]
    untouched: tuple[UntouchedPhoto, ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of degradation, in the order in which they came."""
        return list(dict.fromkeys(case.degradation.kind for case in self.cases))

    def summary(self, method: str, kind: str | None = None) -> RecoverySummary:
        """`method` over all cases, or over those of one kind."""
        cases = [case for case in self.cases if kind in (None, case.degradation.kind)]
        before, after = [case.before for case in cases], [case.after[method] for case in cases]
        return RecoverySummary(
            cases=len(cases),
            before=float(np.mean(before)),
            after=float(np.mean(after)),
            ratio=grouped_ratio([case.photo for case in cases], after, before, seed=self.seed),
            improved=float(np.mean([case.after[method] < case.before for case in cases])),
        )

    def moved(self, method: str) -> float:
        """Mean Delta E 2000 by which `method` moved the undegraded photos."""
        return float(np.mean([photo.moved[method] for photo in self.untouched]))

    def to_json(self) -> dict[str, Any]:
        """Plain values: the summary by method, then every case with its amounts."""
        return {
            "bench": self.name,
            "measure": "mean Delta E 2000 to the undegraded photo",
            "seed": self.seed,
            "side": self.side,
            "photos": [photo.photo for photo in self.untouched],
            "summary": {
                method: {
                    "overall": plain(self.summary(method)),
                    "by_kind": {kind: plain(self.summary(method, kind)) for kind in self.kinds},
                    "untouched_moved": self.moved(method),
                }
                for method in self.methods
            },
            "cases": plain(self.cases),
            "untouched": plain(self.untouched),
        }

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        overall = [self.summary(method) for method in self.methods]
        rows = []
        for kind in self.kinds:
            found = [self.summary(method, kind) for method in self.methods]
            rows.append([kind, number(found[0].before), *(number(one.ratio.value) for one in found)])
        rows += [
            ["all", number(overall[0].before), *(number(one.ratio.value) for one in overall)],
            ["95 % from", "", *(number(one.ratio.low) for one in overall)],
            ["to", "", *(number(one.ratio.high) for one in overall)],
            ["improved", "", *(percent(one.improved) for one in overall)],
            ["untouched", "0.00", *(number(self.moved(method)) for method in self.methods)],
        ]
        return [
            ReportTable(
                title=f"Recovery of {len(self.untouched)} photos, {len(self.cases)} cases, seed {self.seed}",
                columns=["", "before", *self.methods],
                rows=rows,
                note="Mean Delta E 2000 to the undegraded photo: before, and after / before by method. "
                "Untouched: mean Delta E 2000 by which the undegraded photos were moved.",
            )
        ]

"""The answer of `bench enhance`: every photo and method, and their means by set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap, finite
from retouch_aes.bench.common.report import Report, plain
from retouch_aes.bench.common.table import ReportTable, number

_DIGITS = {"psnr": 2, "ssim": 3, "delta_e": 1, "lpips": 3}
_TITLES = {"psnr": "PSNR", "ssim": "SSIM", "delta_e": "Delta E", "lpips": "LPIPS"}


@dataclass(frozen=True)
class EnhanceRow:
    """One photo of the set `kind` after `method`: seconds, scores by scorer, nearness to its reference."""

    kind: str
    photo: str
    method: str
    seconds: float
    scores: Mapping[str, float]
    near: Mapping[str, float]


@dataclass(frozen=True)
class EnhanceReport(Report):
    """All rows of one run; the first method is the one that others are compared with."""

    name: ClassVar[str] = "enhance"

    seed: int
    side: int
    methods: tuple[str, ...]
    scorers: tuple[str, ...]
    rows: tuple[EnhanceRow, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The sets, in the order in which they came."""
        return tuple(dict.fromkeys(row.kind for row in self.rows))

    def values(self, kind: str, method: str, name: str) -> list[float]:
        """`seconds`, a measure or a scorer's scores, photo by photo; empty where there are none."""
        rows = [row for row in self.rows if (row.kind, row.method) == (kind, method)]
        known = [{"seconds": row.seconds, **row.near, **row.scores} for row in rows]
        return [one[name] for one in known if name in one]

    def mean(self, kind: str, method: str, name: str) -> float:
        """The mean of `values`; not-a-number where there are none."""
        found = self.values(kind, method, name)
        return float(np.mean(found)) if found else float("nan")

    def gain(self, kind: str, method: str, scorer: str) -> Estimate:
        """By how much `method` raises a score over the first method, and its interval over photos."""
        pairs = zip(
            self.values(kind, method, scorer), self.values(kind, self.methods[0], scorer), strict=True
        )
        gains = np.array([after - before for after, before in pairs])
        return bootstrap(lambda drawn: float(gains[drawn].mean()), len(gains), seed=self.seed)

    def to_json(self) -> dict[str, Any]:
        """Plain values: means and gains by set and method, then every row."""
        measures = self._measures()
        summary = {
            kind: {
                method: {
                    **{
                        name: finite(self.mean(kind, method, name))
                        for name in (*measures, *self.scorers, "seconds")
                    },
                    "gain": {one: self.gain(kind, method, one).to_json() for one in self.scorers},
                }
                for method in self.methods
            }
            for kind in self.kinds
        }
        return {
            "bench": self.name,
            "seed": self.seed,
            "side": self.side,
            "summary": summary,
            "rows": plain(self.rows),
        }

    def _measures(self) -> list[str]:
        found = {name for row in self.rows for name in row.near}
        return [name for name in _TITLES if name in found]

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        return [self._table(kind) for kind in self.kinds]

    def _table(self, kind: str) -> ReportTable:
        measures = [name for name in self._measures() if self.values(kind, self.methods[0], name)]
        rows = []
        for method in self.methods:
            near = [number(self.mean(kind, method, name), _DIGITS[name]) for name in measures]
            scores = []
            for scorer in self.scorers:
                gain = self.gain(kind, method, scorer)
                mean = number(self.mean(kind, method, scorer))
                interval = f" ({gain.low:+.2f} to {gain.high:+.2f})" if method != self.methods[0] else ""
                scores.append(mean + interval)
            rows.append([method, *near, *scores, number(self.mean(kind, method, "seconds"))])
        count = len(self.values(kind, self.methods[0], "seconds"))
        return ReportTable(
            f"Enhancement, {kind}: {count} photos of {self.side} px",
            ["", *(_TITLES[name] for name in measures), *self.scorers, "s"],
            rows,
            f"Means. In brackets: by how much a score differs from that of {self.methods[0]}, 95 % "
            "interval over photos. s: seconds a photo.",
        )

"""The answer of `bench loss-in-training`: restored photos, attacks, and their means."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap, finite, grouped_ratio
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number

WITHOUT, DEGRADED, ORIGINAL = "without the loss", "degraded", "original"
ASCENT, PERTURBED = "free pixels", "2/255"


@dataclass(frozen=True)
class RestoredPhoto:
    """A test photo after the network of `way` and `seed`: its errors against the original, and its scores."""

    way: str
    seed: int
    photo: str
    absolute: float
    squared: float
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ScoreAttack:
    """By how many points an attack of a `kind` drove a scorer up on a photo."""

    kind: str
    scorer: str
    photo: str
    gain: float


@dataclass(frozen=True)
class LossInTrainingReport(Report):
    """All rows of one run. `ways` begins with the network that had no aesthetic loss."""

    name: ClassVar[str] = "loss-in-training"

    own: str
    seed: int
    seeds: int
    steps: int
    side: int
    trained: int
    ways: tuple[str, ...]
    scorers: tuple[str, ...]
    rows: tuple[RestoredPhoto, ...]
    attacks: tuple[ScoreAttack, ...]

    def of(self, way: str) -> list[RestoredPhoto]:
        """The rows of one way, seed by seed and photo by photo."""
        return [row for row in self.rows if row.way == way]

    def error(self, way: str) -> float:
        """The mean error of the own loss's kind on test photos."""
        return float(np.mean([self._error(row) for row in self.of(way)]))

    def error_ratio(self, way: str) -> Estimate:
        """That error over the error without the loss, and its interval over photos."""
        here, there = self.of(way), self.of(WITHOUT)
        photos = [row.photo for row in here]
        return grouped_ratio(
            photos, [self._error(row) for row in here], [self._error(row) for row in there], seed=self.seed
        )

    def score(self, way: str, scorer: str) -> float:
        """The mean score of what a way made."""
        return float(np.mean([row.scores[scorer] for row in self.of(way)]))

    def gain(self, way: str, scorer: str) -> Estimate:
        """By how much a score is higher than without the loss, and its interval over photos."""
        pairs = zip(self.of(way), self.of(WITHOUT), strict=True)
        gains = np.array([here.scores[scorer] - there.scores[scorer] for here, there in pairs])
        by_photo = gains.reshape(self.seeds, -1).mean(0)
        return bootstrap(lambda drawn: float(by_photo[drawn].mean()), len(by_photo), seed=self.seed)

    def attack(self, kind: str, scorer: str) -> tuple[float, float]:
        """Mean and largest gain of an attack, in points of the score; not-a-number where none was made."""
        found = [one.gain for one in self.attacks if (one.kind, one.scorer) == (kind, scorer)]
        return (float(np.mean(found)), max(found)) if found else (float("nan"), float("nan"))

    def to_json(self) -> dict[str, Any]:
        """Plain values: the summary, then every row."""
        return {
            **super().to_json(),
            "summary": {
                way: {
                    "error": self.error(way),
                    "error_ratio": self.error_ratio(way).to_json(),
                    "scores": {scorer: self.score(way, scorer) for scorer in self.scorers},
                    "gains": {scorer: self.gain(way, scorer).to_json() for scorer in self.scorers},
                }
                for way in self.ways
            },
            "attack": {
                scorer: {
                    kind: dict(zip(("mean", "most"), map(finite, self.attack(kind, scorer)), strict=True))
                    for kind in (ASCENT, PERTURBED)
                }
                for scorer in self.scorers
            },
        }

    def _error(self, row: RestoredPhoto) -> float:
        return row.absolute if self.own == "l1" else row.squared

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [way, number(self.error(way), 4), "", *(number(self.score(way, one)) for one in self.scorers)]
            for way in (ORIGINAL, DEGRADED)
        ]
        for way in self.ways:
            ratio = self.error_ratio(way)
            judged = []
            for one in self.scorers:
                gain = self.gain(way, one)
                interval = "" if way == WITHOUT else f" ({gain.low:+.2f} to {gain.high:+.2f})"
                judged.append(number(self.score(way, one)) + interval)
            spread = "1" if way == WITHOUT else f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
            rows.append([way, number(self.error(way), 4), spread, *judged])
        count = len({row.photo for row in self.rows})
        trained = ReportTable(
            f"A U-Net restores {count} unseen photos of {self.side} px: "
            f"{self.steps} steps on {self.trained} photos, {self.seeds} seed(s)",
            ["", self.own.upper(), "ratio", *self.scorers],
            rows,
            "In brackets: 95 % intervals over photos, of the ratio, and how much higher a score is than "
            f"{WITHOUT}. {self.scorers[0]} was trained to; others were not.",
        )
        driven = ReportTable(
            "How far attacks drive the score up, in points: mean (most)",
            ["", *self.scorers],
            [
                [kind, *(_driven(*self.attack(kind, one)) for one in self.scorers)]
                for kind in (ASCENT, PERTURBED)
            ],
            "Free pixels: 60 steps of Adam at a rate of .02. 2/255: 10 projected steps along the sign.",
        )
        return [trained, driven]


def _driven(mean: float, most: float) -> str:
    return f"{mean:+.2f} ({most:+.2f})" if isfinite(mean) else "- (-)"

"""The answer of the exposure bracket check: every pair and every repair, and what they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate, grouped_ratio
from retouch_aes.bench.common.report import Report, plain
from retouch_aes.bench.common.table import ReportTable, number, percent


@dataclass(frozen=True)
class BracketPair:
    """Two frames of a scene on one side of the middle and their scores. The nearer one should win."""

    scene: str
    nearer: str
    further: str
    with_extreme: bool
    nearer_score: float
    further_score: float

    @property
    def right(self) -> bool:
        """Whether the frame nearer the middle scores higher; a tie is not right."""
        return self.nearer_score > self.further_score


@dataclass(frozen=True)
class BracketRepair:
    """One extreme frame: mean Delta E 2000 to the scene's middle frame `before` and `after`, by method."""

    scene: str
    frame: str
    end: str
    before: float
    after: Mapping[str, float]


@dataclass(frozen=True)
class BracketReport(Report):
    """All pairs and repairs of one run; intervals are over scenes."""

    name: ClassVar[str] = "brackets"

    seed: int
    side: int
    methods: tuple[str, ...]
    pairs: tuple[BracketPair, ...]
    repairs: tuple[BracketRepair, ...]

    def preferred(self, *, extremes_only: bool = True) -> Estimate:
        """The fraction of pairs in which the frame nearer the middle scores higher.

        `extremes_only`: the middle frame against the darkest and the brightest; else every pair.
        """
        pairs = [pair for pair in self.pairs if pair.with_extreme or not extremes_only]
        right = [float(pair.right) for pair in pairs]
        return grouped_ratio([pair.scene for pair in pairs], right, [1.0] * len(pairs), seed=self.seed)

    def ratio(self, method: str, end: str | None = None) -> Estimate:
        """Mean Delta E 2000 to the middle frame after over before, of the `dark`, `bright` or both ends."""
        repairs = self._repairs(end)
        after, before = [one.after[method] for one in repairs], [one.before for one in repairs]
        return grouped_ratio([one.scene for one in repairs], after, before, seed=self.seed)

    def before(self, end: str | None = None) -> float:
        """Mean Delta E 2000 of the extreme frames to the middle ones."""
        found = [repair.before for repair in self._repairs(end)]
        return float(np.mean(found)) if found else float("nan")

    def _repairs(self, end: str | None) -> list[BracketRepair]:
        return [repair for repair in self.repairs if end in (None, repair.end)]

    def to_json(self) -> dict[str, Any]:
        """Plain values: the summary, then every pair and repair."""
        return {
            "bench": self.name,
            "seed": self.seed,
            "side": self.side,
            "preferred_over_extremes": self.preferred().to_json(),
            "preferred_over_further": self.preferred(extremes_only=False).to_json(),
            "repair_ratio": {
                method: {end or "both": self.ratio(method, end).to_json() for end in ("dark", "bright", None)}
                for method in self.methods
            },
            "pairs": [plain(pair) | {"right": pair.right} for pair in self.pairs],
            "repairs": plain(self.repairs),
        }

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        extremes = sum(pair.with_extreme for pair in self.pairs)
        rows = []
        for name, count, only in (("extreme", extremes, True), ("further frame", len(self.pairs), False)):
            found = self.preferred(extremes_only=only)
            cells = [percent(value) for value in (found.value, found.low, found.high)]
            rows.append([f"nearer over {name}", str(count), *cells])
        preference = ReportTable(
            "Exposure brackets: what the score prefers", ["", "pairs", "right", "from", "to"], rows
        )
        rows = []
        for end in ("dark", "bright", None):
            ratios = [number(self.ratio(method, end).value) for method in self.methods]
            rows.append([end or "both", number(self.before(end)), *ratios])
        note = "Mean Delta E 2000 to the scene's middle frame: before, and after / before by method."
        repair = ReportTable(
            "Exposure brackets: retouched extremes", ["", "before", *self.methods], rows, note
        )
        return [preference, repair] if self.methods else [preference]

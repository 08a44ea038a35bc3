"""`bench culling`: does the clean frame of a burst win?

Of every photo a burst is made (`made_bursts`): the photo as it is and copies with one fault each. What `score
--best-of` compares, and each half of it alone, is asked which frame is best; and whether the clean one stands
above each of the others. Frames of one scene are also to be told for near duplicates (`--best-of similar`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from torch import Generator

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, percent
from retouch_aes.bench.scoring.made_bursts import CLEAN, SIDE, SPOILED, made_burst
from retouch_aes.culling import Judged, Thumbnail, groups_of, technical_quality
from retouch_aes.errors import UsageError
from retouch_aes.photo import Photo, read
from retouch_aes.pipeline.score import Scorer
from retouch_aes.progress import Progress

MEASURES = ("best-of", "technical", "score")
"""What is compared: half and half, as the command does; technical quality alone; the score alone."""


@dataclass(frozen=True)
class BurstFrame:
    """One frame of the burst of a `photo`: its fault or `clean`, and what was measured of it."""

    photo: str
    fault: str
    score: float
    technical: float
    blur: float | None
    noise: float
    light: float

    def value(self, measure: str) -> float:
        """What `measure` compares."""
        parts = {"technical": self.technical, "score": self.score}
        return parts.get(measure, (self.technical + self.score) / 2)


@dataclass(frozen=True)
class CullingReport(Report):
    """All frames, and of each photo how many frames were told for near duplicates of its clean one."""

    name: ClassVar[str] = "culling"

    seed: int
    frames: tuple[BurstFrame, ...]
    alike: dict[str, int]

    @property
    def bursts(self) -> list[dict[str, BurstFrame]]:
        """The frames of each photo, by fault."""
        found: dict[str, dict[str, BurstFrame]] = {}
        for frame in self.frames:
            found.setdefault(frame.photo, {})[frame.fault] = frame
        return list(found.values())

    def wins(self, measure: str) -> Estimate:
        """The share of bursts whose best frame is the clean one, and its interval over photos."""
        return self._share(
            [min(self._above(burst, measure, fault) for fault in SPOILED) for burst in self.bursts]
        )

    def above(self, measure: str, fault: str) -> Estimate:
        """The share of bursts whose clean frame stands above that with `fault`."""
        return self._share([self._above(burst, measure, fault) for burst in self.bursts])

    def _above(self, burst: dict[str, BurstFrame], measure: str, fault: str) -> bool:
        return burst[CLEAN].value(measure) > burst[fault].value(measure)

    def _share(self, right: Sequence[bool]) -> Estimate:
        values = np.array(right, dtype=float)
        return bootstrap(lambda drawn: float(values[drawn].mean()), len(values), seed=self.seed)

    def to_json(self) -> dict[str, Any]:
        """Plain values: the shares, then every frame."""
        return {**super().to_json(), "wins": {one: self.wins(one).to_json() for one in MEASURES}}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [["best of the burst", *(self.wins(one).shown(percent) for one in MEASURES)]]
        for fault in SPOILED:
            rows.append([f"above: {fault}", *(self.above(one, fault).shown(percent) for one in MEASURES)])
        frames = len(SPOILED) + 1
        share = float(np.mean([count / frames for count in self.alike.values()]))
        note = (
            f"{len(self.alike)} bursts of {frames} frames; 95 % intervals over photos. {percent(share)} of "
            "the frames are told for near duplicates of the clean one."
        )
        return [ReportTable("The clean frame of a made burst", ["", *MEASURES], rows, note)]


def culling(
    photos: Sequence[Path], scorer: Scorer, *, seed: int = 0, progress: Progress | None = None
) -> CullingReport:
    """Make and judge a burst of every photo of `photos`. `UsageError` without photos."""
    if not photos:
        raise UsageError("expected photos, got none")
    frames: list[BurstFrame] = []
    alike: dict[str, int] = {}
    for number, path in enumerate(photos):
        generator = Generator().manual_seed(seed + number)
        judged = []
        for fault, image in made_burst(read(path).proxy(SIDE), generator):
            photo = Photo(image)
            quality, score = technical_quality(photo), scorer(photo).score
            measured = (score, quality.technical, quality.blur, quality.noise, quality.light)
            frames.append(BurstFrame(path.name, fault, *measured))
            judged.append(Judged(Path(fault), score, quality, Thumbnail.of(photo)))
        together = next(g for g in groups_of(judged, "similar") if any(one.path == Path(CLEAN) for one in g))
        alike[path.name] = len(together)
        if progress is not None:
            progress("culling", number + 1, len(photos))
    return CullingReport(seed, tuple(frames), alike)

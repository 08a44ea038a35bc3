"""The answers of `bench gallery`: what a sheet holds, and what was said on it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.errors import DatasetError

TALLY = "retouch_aes.gallery_tally"
_VERDICTS = ("first", "same", "second")


@dataclass(frozen=True)
class GalleryReport(Report):
    """What a sheet holds. `moved`: kind -> method -> median of the mean Delta E 2000 to the original."""

    name: ClassVar[str] = "gallery"

    photos: int
    pairs: int
    identical: int
    seed: int
    moved: Mapping[str, Mapping[str, float]]

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        methods = list(dict.fromkeys(name for by_method in self.moved.values() for name in by_method))
        rows = [
            [kind, *(number(by_method.get(name, math.nan)) for name in methods)]
            for kind, by_method in self.moved.items()
        ]
        note = (
            f"{self.photos} photos, {self.pairs} pairs to judge; {self.identical} more are identical and "
            "count as the same. Median over photos."
        )
        return [ReportTable("Distance to the original, Delta E 2000", ["kind", *methods], rows, note)]


@dataclass(frozen=True)
class GalleryCount:
    """How often `first` was better than `second`, the same, or worse, on photos of one kind."""

    first: str
    second: str
    kind: str
    better: int
    same: int
    worse: int


@dataclass(frozen=True)
class GalleryTally(Report):
    """What was said on sheets, by kind; the kind "all" is their sum. `judged` pairs were looked at."""

    name: ClassVar[str] = "gallery"

    counts: tuple[GalleryCount, ...]
    judged: int
    identical: int

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        found = []
        for first, second in dict.fromkeys((count.first, count.second) for count in self.counts):
            rows = [
                [count.kind, str(count.better), str(count.same), str(count.worse)]
                for count in self.counts
                if (count.first, count.second) == (first, second)
            ]
            found.append(ReportTable(f"{first} against {second}", ["kind", "better", "same", "worse"], rows))
        note = f"{self.judged} pairs judged blind; {self.identical} identical ones count as the same."
        found[-1] = ReportTable(found[-1].title, found[-1].columns, found[-1].rows, note)
        return found


def read_tally(paths: Sequence[Path]) -> GalleryTally:
    """The counts of files that the page downloads, together. `DatasetError` for other or empty files."""
    said = [verdict for path in paths for verdict in _said(path)]
    if not said:
        names = ", ".join(map(str, paths))
        raise DatasetError(f"{names}: expected verdicts, got none; judge some pairs on the page first")
    counts = []
    for first, second in dict.fromkeys((one["first"], one["second"]) for one in said):
        these = [one for one in said if (one["first"], one["second"]) == (first, second)]
        for kind in (*sorted({one["kind"] for one in these}), None):
            kept = [one["verdict"] for one in these if kind in (None, one["kind"])]
            counts.append(GalleryCount(first, second, kind or "all", *(kept.count(v) for v in _VERDICTS)))
    judged = sum(one["judged"] for one in said)
    return GalleryTally(tuple(counts), judged, len(said) - judged)


def _said(path: Path) -> list[dict[str, Any]]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: expected the JSON that the page downloads ({error})") from None
    if not isinstance(value, dict) or value.get("format") != TALLY or value.get("version") != 1:
        raise DatasetError(f"{path}: expected a tally that the page of `bench gallery` downloads")
    said = value.get("said")
    if not isinstance(said, list) or not all(map(_sound, said)):
        raise DatasetError(f"{path}: damaged; expected photo, kind, first, second, verdict of each pair")
    return said


def _sound(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and all(isinstance(one.get(name), str) for name in ("photo", "kind", "first", "second"))
        and one.get("verdict") in _VERDICTS
        and isinstance(one.get("judged"), bool)
    )

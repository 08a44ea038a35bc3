"""The answer of `bench landscape`: every ladder, and by parameter how often it is as it should be."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.report import Report, plain
from retouch_aes.bench.common.table import ReportTable, number, percent


@dataclass(frozen=True)
class EditLadder:
    """One parameter on one photo: the scores along its range and what they say."""

    photo: str
    operator: str
    param: str
    values: tuple[float, ...]
    scores: tuple[float, ...]
    unimodal: bool
    optimum: float
    interior: bool
    span: float

    @property
    def slider(self) -> str:
        """`operator.parameter`."""
        return f"{self.operator}.{self.param}"


@dataclass(frozen=True)
class LandscapeSummary:
    """Over ladders: fractions unimodal and interior, the mean optimum and its spread, the mean span."""

    ladders: int
    unimodal: float
    interior: float
    optimum: float
    optimum_spread: float
    span: float


@dataclass(frozen=True)
class LandscapeReport(Report):
    """All ladders of one run."""

    name: ClassVar[str] = "landscape"

    tolerance: float
    side: int
    rungs: int
    ladders: tuple[EditLadder, ...]

    @property
    def sliders(self) -> list[str]:
        """Every `operator.parameter`, in the order in which they came."""
        return list(dict.fromkeys(ladder.slider for ladder in self.ladders))

    def summary(self, slider: str | None = None) -> LandscapeSummary:
        """Over all ladders, or over those of one slider."""
        ladders = [ladder for ladder in self.ladders if slider in (None, ladder.slider)]
        optima = np.array([ladder.optimum for ladder in ladders])
        return LandscapeSummary(
            ladders=len(ladders),
            unimodal=float(np.mean([ladder.unimodal for ladder in ladders])),
            interior=float(np.mean([ladder.interior for ladder in ladders])),
            optimum=float(optima.mean()),
            optimum_spread=float(optima.std()),
            span=float(np.mean([ladder.span for ladder in ladders])),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values: the summary by slider, then every ladder."""
        return {
            "bench": self.name,
            "tolerance": self.tolerance,
            "side": self.side,
            "rungs": self.rungs,
            "overall": plain(self.summary()),
            "by_slider": {slider: plain(self.summary(slider)) for slider in self.sliders},
            "ladders": plain(self.ladders),
        }

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        named = [(slider, self.summary(slider)) for slider in self.sliders] + [("all", self.summary())]
        rows = [
            [
                name,
                str(found.ladders),
                percent(found.unimodal),
                percent(found.interior),
                f"{found.optimum:+.2f} ± {found.optimum_spread:.2f}",
                number(found.span),
            ]
            for name, found in named
        ]
        return [
            ReportTable(
                title="Landscape of the score along every slider",
                columns=["", "ladders", "unimodal", "interior", "optimum (-1..1)", "span"],
                rows=rows,
                note=f"{self.rungs} rungs; unimodal within {self.tolerance} points; optimum 0: left alone.",
            )
        ]

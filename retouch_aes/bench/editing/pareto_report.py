"""The answer of `bench frontier`, as a table and as a plot."""

from dataclasses import dataclass
from math import log10
from typing import ClassVar

from PIL import Image, ImageDraw, ImageFont

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number

_WIDE, _HIGH, _MARGIN = 720, 420, 64
_COLOURS = ("#1b6ca8", "#c8553d", "#588157", "#7b4b94", "#b8860b", "#444444")


@dataclass(frozen=True)
class ParetoPoint:
    """Proxy in pixels, steps; seconds a photo, mean rise of the score, Delta E after / before."""

    proxy: int
    steps: int
    seconds: float
    rise: float
    ratio: float

    @property
    def name(self) -> str:
        """As tables show it."""
        return f"{self.proxy} px, {self.steps} steps"


@dataclass(frozen=True)
class ParetoReport(Report):
    """Every setting on the same degraded photos."""

    name: ClassVar[str] = "frontier"

    photos: int
    cases: int
    seed: int
    points: tuple[ParetoPoint, ...]

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [
                p.name,
                f"{1000 * p.seconds:.0f} ms",
                number(p.rise),
                number(p.ratio, 3),
            ]
            for p in self.points
        ]
        columns = ["", "time", "rise of the score", "Delta E after / before"]
        note = f"{self.cases} degraded copies of {self.photos} photos, seed {self.seed}."
        return [ReportTable("Quality of a retouch against its time", columns, rows, note)]

    def picture(self) -> Image.Image:
        """Rise of the score over time, the time on a logarithmic scale; a line for every proxy."""
        page = Image.new("RGB", (_WIDE, _HIGH), "white")
        pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
        times = [log10(max(point.seconds, 1e-4)) for point in self.points]
        rises = [point.rise for point in self.points]
        left, right = min(times) - 0.05, max(times) + 0.05
        pad = 0.15 * (max(rises) - min(rises)) + 1e-6
        low, high = min(rises) - pad, max(rises) + pad

        def place(point: ParetoPoint) -> tuple[float, float]:
            across = (log10(max(point.seconds, 1e-4)) - left) / (right - left)
            up = (point.rise - low) / (high - low)
            return _MARGIN + across * (_WIDE - 2 * _MARGIN), _HIGH - _MARGIN - up * (_HIGH - 2 * _MARGIN)

        box = (_MARGIN, _MARGIN, _WIDE - _MARGIN, _HIGH - _MARGIN)
        pen.rectangle(box, outline="#bbbbbb")
        pen.text(
            (_MARGIN, 20),
            "rise of the score over seconds a photo (logarithmic); numbers: steps",
            "black",
            font,
        )
        for end, edge in ((left, _MARGIN), (right, _WIDE - _MARGIN)):
            pen.text((edge, _HIGH - _MARGIN + 8), f"{10**end:.3g} s", "black", font, anchor="ma")
        for value, edge in ((low, _HIGH - _MARGIN), (high, _MARGIN)):
            pen.text((_MARGIN - 8, edge), f"{value:.3f}", "black", font, anchor="rm")
        proxies = sorted({p.proxy for p in self.points})
        for row, (colour, proxy) in enumerate(zip(_COLOURS, proxies, strict=False)):
            line = sorted((p for p in self.points if p.proxy == proxy), key=lambda p: p.steps)
            pen.line([place(point) for point in line], fill=colour, width=2)
            for point in line:
                x, y = place(point)
                pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
                pen.text((x, y - 8), str(point.steps), colour, font, anchor="mb")
            pen.text((_MARGIN + 10, _MARGIN + 8 + 18 * row), f"{proxy} px", colour, font)
        return page

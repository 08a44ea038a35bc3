"""The answer of `bench preference-map`: a heat map as a picture, the spread of its columns as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable
from retouch_aes.papers.method import Floats

_CELL_WIDE, _CELL_HIGH, _HEAD, _MARGIN, _GAP = 26, 6, 116, 12, 40
_PALE, _WARM, _COOL = np.array([246, 246, 246]), np.array([178, 24, 43]), np.array([33, 102, 172])
_FULL = 0.5  # the correlation at which a colour is full


@dataclass(frozen=True, eq=False)
class PreferenceMap(Report):
    """Correlations `(U, A)` of `people` and of as many `random` users with `attributes`."""

    name: ClassVar[str] = "preference-map"

    names: tuple[str, ...]
    attributes: tuple[str, ...]
    people: Floats
    random: Floats
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        rows = [
            {"attribute": name, "people": self.people[:, i].std(), "random": self.random[:, i].std()}
            for i, name in enumerate(self.attributes)
        ]
        return {
            "bench": self.name,
            "seed": self.seed,
            "attributes": list(self.attributes),
            "deviation": rows,
            "people": dict(zip(self.names, self.people.tolist(), strict=True)),
            "random": self.random.tolist(),
        }

    def picture(self) -> Image.Image:
        """Both maps side by side, blue for -.5 and below, red for .5 and above; alike rows stand together."""
        return heat_map(self.attributes, (("people", self.people), ("random users", self.random)))

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [
                name,
                f"{self.people[:, i].mean():+.3f}",
                f"{self.people[:, i].std():.3f}",
                f"{self.random[:, i].std():.3f}",
            ]
            for i, name in enumerate(self.attributes)
        ]
        note = (
            f"Spearman's rho of rating minus generic score with an attribute, over {len(self.names)} people; "
            "a random user has for each photo the offset of someone else."
        )
        columns = ["", "people, mean", "people, deviation", "random users, deviation"]
        return [ReportTable("What sets people apart", columns, rows, note)]


def heat_map(columns: Sequence[str], blocks: Sequence[tuple[str, Floats]]) -> Image.Image:
    """`blocks` of a title and values `(U, A)` side by side: blue for -.5 and below, red for .5 and above."""
    count = max(len(values) for _, values in blocks)
    wide = len(columns) * _CELL_WIDE
    size = (len(blocks) * (wide + _GAP) - _GAP + 2 * _MARGIN, _HEAD + count * _CELL_HIGH + 2 * _MARGIN)
    page = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(12)
    for number, (title, values) in enumerate(blocks):
        left = _MARGIN + number * (wide + _GAP)
        pen.text((left, 2), title, "black", font)
        for column, name in enumerate(columns):
            label = Image.new("L", (_HEAD - 20, 16), 255)
            ImageDraw.Draw(label).text((0, 1), name, 0, font)
            page.paste(label.rotate(90, expand=True), (left + column * _CELL_WIDE + 4, 20))
        heat = Image.fromarray(_coloured(values[_order(values)]))
        high = len(values) * _CELL_HIGH
        page.paste(heat.resize((wide, high), Image.Resampling.NEAREST), (left, _HEAD + _MARGIN))
    return page


def _coloured(values: Floats) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    strength = np.clip(np.abs(values) / _FULL, 0, 1)[..., None]
    full = np.where(values[..., None] > 0, _WARM, _COOL)
    return np.asarray(np.rint(_PALE + strength * (full - _PALE)), np.uint8)


def _order(values: Floats) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Rows along the direction in which they differ most."""
    centred = values - values.mean(0)
    return np.argsort(centred @ np.linalg.svd(centred, full_matrices=False)[2][0], kind="stable")

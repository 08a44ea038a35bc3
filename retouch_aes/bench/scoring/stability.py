"""`bench stability`: how far a score moves under changes that nobody would call another photo.

Each change is made to the photo at the bench's size: JPEG at two qualities, the long side a tenth smaller or
a quarter larger, mirrored, a border of two percent cut off. Reported are the mean and the largest absolute
change of the score, and the deviation of the scores over the photos, against which a change is to be seen.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from retouch_aes.bench.common.methods import Score
from retouch_aes.bench.common.photos import load
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.color.resize import proxy
from retouch_aes.errors import UsageError
from retouch_aes.export.picture import to_picture
from retouch_aes.progress import Progress


def _jpeg(quality: int) -> Callable[[Tensor], Tensor]:
    def through(image: Tensor) -> Tensor:
        file = io.BytesIO()
        to_picture(image).save(file, "JPEG", quality=quality)
        with Image.open(file) as picture:
            array = np.asarray(picture.convert("RGB"), dtype=np.float32) / 255
        return torch.from_numpy(array).permute(2, 0, 1)[None].to(image)

    return through


def _resized(factor: float) -> Callable[[Tensor], Tensor]:
    def resized(image: Tensor) -> Tensor:
        size = [max(32, round(n * factor)) for n in image.shape[-2:]]
        if factor < 1:
            return proxy(image, max(size))
        return torch.nn.functional.interpolate(image, size=size, mode="bicubic").clamp(0, 1)

    return resized


def _trimmed(image: Tensor) -> Tensor:
    top, left = (round(0.02 * n) for n in image.shape[-2:])
    return image[:, :, top : image.shape[-2] - top, left : image.shape[-1] - left]


CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "JPEG, quality 90": _jpeg(90),
    "JPEG, quality 60": _jpeg(60),
    "a tenth smaller": _resized(0.9),
    "a quarter larger": _resized(1.25),
    "mirrored": lambda image: image.flip(-1),
    "2 % cut off each side": _trimmed,
}


@dataclass(frozen=True)
class StabilityReport(Report):
    """Scores of the photos as they are, and by change the differences from those, in photo order."""

    name: ClassVar[str] = "stability"

    side: int
    photos: tuple[str, ...]
    scores: tuple[float, ...]
    moved: dict[str, tuple[float, ...]]

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        sizes = {name: np.abs(values) for name, values in self.moved.items()}
        return [
            ReportTable(
                title="Stability of the score",
                columns=["", "mean change", "largest"],
                rows=[[name, number(size.mean(), 3), number(size.max(), 3)] for name, size in sizes.items()],
                note=f"{len(self.photos)} photos; scores deviate by {number(float(np.std(self.scores)))}.",
            )
        ]


def stability(
    photos: Sequence[Path], score: Score, *, side: int = 384, progress: Progress | None = None
) -> StabilityReport:
    """Score every photo as it is and under every change. `UsageError` without photos."""
    if not photos:
        raise UsageError("expected photos, got none")
    scores: list[float] = []
    moved: dict[str, list[float]] = {name: [] for name in CHANGES}
    for index, path in enumerate(photos):
        image = load(path, side)
        with torch.no_grad():
            scores.append(float(score(image)))
            for name, change in CHANGES.items():
                moved[name].append(float(score(change(image))) - scores[-1])
        if progress is not None:
            progress("stability", index + 1, len(photos))
    names = tuple(path.name for path in photos)
    return StabilityReport(side, names, tuple(scores), {k: tuple(v) for k, v in moved.items()})

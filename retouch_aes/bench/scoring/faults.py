"""`bench faults`: does a score see that a photo is blurred, noisy, compressed, or no photo at all?

Every photo, at the bench's size, is compared with copies of it: motion blur of 9 and 15 px (level and
upright), Gaussian blur of 2, 4 and 8 px, noise of 15 and 25 (of 255), JPEG of quality 10. A pair is right
where the photo scores above its copy. Plain frames (black, white, grey; a lens cap: black, noise of 4) are
right where they score below every photo. Then the score is attacked: signed gradient steps move every pixel
by 2 of 255 at most; reported is how much the score gains. Faults are written here in their own way, so that a
score is not measured by what it was taught with.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor

from retouch_aes.bench.common.methods import Score
from retouch_aes.bench.common.photos import load
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number, percent
from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress

Fault = Callable[[Tensor], Tensor]


def _motion(length: int, *, upright: bool) -> Fault:
    kernel = torch.full((3, 1, length, 1) if upright else (3, 1, 1, length), 1 / length)

    def blurred(image: Tensor) -> Tensor:
        pad = (0, 0, length // 2, length // 2) if upright else (length // 2, length // 2, 0, 0)
        return F.conv2d(F.pad(image, pad, mode="reflect"), kernel.to(image), groups=3)

    return blurred


def _gaussian(sigma: float) -> Fault:
    reach = int(3 * sigma)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    line = line / line.sum()

    def blurred(image: Tensor) -> Tensor:
        padded = F.pad(image, (reach, reach, reach, reach), mode="reflect")
        down = F.conv2d(padded, line.to(image).view(1, 1, -1, 1).expand(3, -1, -1, -1), groups=3)
        return F.conv2d(down, line.to(image).view(1, 1, 1, -1).expand(3, -1, -1, -1), groups=3)

    return blurred


def _noise(sigma: float) -> Fault:
    def noisy(image: Tensor) -> Tensor:
        drawn = torch.randn(image.shape, generator=Generator().manual_seed(0))
        return (image + sigma / 255 * drawn.to(image)).clamp(0, 1)

    return noisy


def _jpeg(quality: int) -> Fault:
    def compressed(image: Tensor) -> Tensor:
        pixels = (image[0].permute(1, 2, 0) * 255).round().byte().cpu().numpy()
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        array = np.asarray(Image.open(file), dtype=np.float32) / 255
        return torch.from_numpy(array).permute(2, 0, 1)[None].to(image)

    return compressed


FAULTS: dict[str, Fault] = {
    "motion blur 9 px, level": _motion(9, upright=False),
    "motion blur 9 px, upright": _motion(9, upright=True),
    "motion blur 15 px, level": _motion(15, upright=False),
    "motion blur 15 px, upright": _motion(15, upright=True),
    "Gaussian blur 2 px": _gaussian(2),
    "Gaussian blur 4 px": _gaussian(4),
    "Gaussian blur 8 px": _gaussian(8),
    "noise 15": _noise(15),
    "noise 25": _noise(25),
    "JPEG, quality 10": _jpeg(10),
}
PLAIN: dict[str, Fault] = {
    "black": torch.zeros_like,
    "white": torch.ones_like,
    "grey": lambda image: torch.full_like(image, 0.5),
    "lens cap": lambda image: _noise(4)(torch.zeros_like(image)),
}


@dataclass(frozen=True)
class FaultReport(Report):
    """Scores of the photos, of their copies by fault, of the plain frames; the gains of the attack."""

    name: ClassVar[str] = "faults"

    side: int
    photos: tuple[str, ...]
    scores: tuple[float, ...]
    faulty: dict[str, tuple[float, ...]]
    plain: dict[str, float]
    gains: tuple[float, ...]

    def right(self, name: str) -> float:
        """The share of photos that score above their copy with this fault."""
        return float(np.mean([a > b for a, b in zip(self.scores, self.faulty[name], strict=True)]))

    @property
    def pairs_right(self) -> float:
        """The share of all pairs."""
        return float(np.mean([self.right(name) for name in self.faulty]))

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        return [self._table()]

    def _table(self) -> ReportTable:
        rows = []
        for name, scores in self.faulty.items():
            drop = float(np.mean(self.scores)) - float(np.mean(scores))
            rows.append([name, percent(self.right(name)), number(drop)])
        rows.append(["all pairs", percent(self.pairs_right), ""])
        for name, score in self.plain.items():
            below = float(np.mean([photo > score for photo in self.scores]))
            rows.append([f"{name} frame below", percent(below), number(float(np.mean(self.scores)) - score)])
        gains = np.array(self.gains or [float("nan")])
        gained = f"{number(gains.mean())} points on average, {number(gains.max())} at most"
        deviation = number(float(np.std(self.scores)))
        note = f"{len(self.photos)} photos, deviation {deviation}. An attack of 2/255 gains {gained}."
        return ReportTable(
            title="Faults that the score sees",
            columns=["", "photo above", "by points"],
            rows=rows,
            note=note,
        )


def faults(
    photos: Sequence[Path],
    score: Score,
    *,
    side: int = 384,
    attack_steps: int = 10,
    progress: Progress | None = None,
) -> FaultReport:
    """Score every photo, its faulty copies and the attacked one. `UsageError` without photos.

    `score` takes `(1, 3, H, W)` sRGB [0, 1] and gives `(1,)`, differentiably; `attack_steps=0` skips that.
    """
    if not photos:
        raise UsageError("expected photos, got none")
    scores: list[float] = []
    faulty: dict[str, list[float]] = {name: [] for name in FAULTS}
    gains: list[float] = []
    for index, path in enumerate(photos):
        image = load(path, side)
        with torch.no_grad():
            scores.append(float(score(image)))
            for name, fault in FAULTS.items():
                faulty[name].append(float(score(fault(image))))
        if attack_steps:
            gains.append(attack(image, score, steps=attack_steps) - scores[-1])
        if progress is not None:
            progress("faults", index + 1, len(photos))
    frame = load(photos[0], side)
    with torch.no_grad():
        plain = {name: float(score(make(frame))) for name, make in PLAIN.items()}
    names = tuple(path.name for path in photos)
    return FaultReport(
        side, names, tuple(scores), {k: tuple(v) for k, v in faulty.items()}, plain, tuple(gains)
    )


def attack(image: Tensor, score: Score, *, radius: float = 2 / 255, steps: int = 10) -> float:
    """The best score within `radius` of `image` `(1, 3, H, W)` that signed gradient steps find."""
    moved, best = torch.zeros_like(image), -float("inf")
    for _ in range(steps + 1):
        moved.requires_grad_()
        found = score((image + moved).clamp(0, 1))
        best = max(best, float(found.detach()))
        (gradient,) = torch.autograd.grad(found.sum(), moved)
        moved = (moved.detach() + 2.5 * radius / steps * gradient.sign()).clamp(-radius, radius)
    return best

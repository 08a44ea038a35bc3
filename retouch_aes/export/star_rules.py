"""From scores to stars, and from what a photographer said to answers that a taste learns from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retouch_aes.errors import UsageError
from retouch_aes.export.star_reading import Stars
from retouch_aes.export.stars import REJECTED
from retouch_aes.preferences.answers import Answer, Rating
from retouch_aes.preferences.renditions import Rendition


@dataclass(frozen=True)
class ByPercentile:
    """Stars by rank among the photos scored: the best `shares[0]` get five, the next four, ...

    The rest gets one star, except for the worst `rejected`, which are rejected. Shares are parts of one.
    """

    shares: tuple[float, float, float, float] = (0.05, 0.15, 0.30, 0.30)
    rejected: float = 0.0

    def __post_init__(self) -> None:
        if min(*self.shares, self.rejected) < 0 or sum(self.shares) + self.rejected > 1 + 1e-9:
            raise UsageError(f"expected shares of 0 or more that sum up to 1 at most, got {self}")

    def __call__(self, scores: Mapping[Path, float]) -> dict[Path, int]:
        """A rating for every photo; equal scores get equal stars."""
        ordered = sorted(scores.values(), reverse=True)
        bounds, total = [], 0.0
        for share in self.shares:
            total += share
            bounds.append(total * len(ordered))
        worst = (1 - self.rejected) * len(ordered)
        first = {score: place for place, score in reversed(list(enumerate(ordered)))}
        return {path: _stars(first[score] + 0.5, bounds, worst) for path, score in scores.items()}


@dataclass(frozen=True)
class ByThreshold:
    """Stars by score, 1 to 10: `thresholds` are the least scores for 2, 3, 4 and 5 stars, in rising order.

    Below `rejected` a photo is rejected.
    """

    thresholds: tuple[float, float, float, float] = (4.0, 5.0, 6.0, 7.0)
    rejected: float = 0.0

    def __post_init__(self) -> None:
        if list(self.thresholds) != sorted(self.thresholds):
            raise UsageError(f"expected thresholds in rising order, got {self.thresholds}")

    def __call__(self, scores: Mapping[Path, float]) -> dict[Path, int]:
        """A rating for every photo."""
        return {
            path: REJECTED if score < self.rejected else 1 + sum(score >= least for least in self.thresholds)
            for path, score in scores.items()
        }


@dataclass(frozen=True)
class StarScale:
    """What flags and labels mean as stars.

    A reject counts as `rejected` stars, a pick without stars as `picked`. A colour label counts only where
    `labels` names it: every photographer means something else by them.
    """

    rejected: float = 1.0
    picked: float = 4.0
    labels: Mapping[str, float] = field(default_factory=dict)

    def stars(self, said: Stars) -> float | None:
        """What was said about a photo as 1 to 5 stars; None where it says nothing about its worth."""
        if said.flag == "rejected":
            return self.rejected
        if said.stars:
            return float(said.stars)
        known = {name.lower(): stars for name, stars in self.labels.items()}
        if said.label.lower() in known:
            return known[said.label.lower()]
        return self.picked if said.flag == "picked" else None


def ratings_from_stars(
    stars: Iterable[Stars], folder: str | Path, scale: StarScale | None = None
) -> list[Rating]:
    """Answers for `learn`, on the scale 1 to 5, photos by their path below `folder`."""
    scale, folder = scale or StarScale(), Path(folder)
    answers = []
    for said in stars:
        worth = scale.stars(said)
        if worth is not None:
            name = said.photo.relative_to(folder) if said.photo.is_relative_to(folder) else said.photo
            answers.append(Rating(Rendition(name.as_posix()), worth, (1.0, 5.0), time=""))
    return answers


def stars_from_answers(answers: Iterable[Answer], folder: str | Path) -> dict[Path, int]:
    """The ratings of photos as they are, below `folder`, as 1 to 5 stars; the last one counts."""
    rated = (answer for answer in answers if isinstance(answer, Rating) and answer.photo.recipe is None)
    return {Path(folder) / one.photo.photo: round(1 + 4 * (one.score - 1) / 9) for one in rated}


def parse_rule(text: str) -> ByPercentile | ByThreshold:
    """A rule from the command line.

    `percentile`, `percentile:5,15,30,30` (percent for 5, 4, 3 and 2 stars, a fifth number rejects that many),
    `score`, or `score:4,5,6,7` (least scores for 2 to 5 stars, a fifth number rejects below it).
    """
    name, _, numbers = text.partition(":")
    try:
        values = [float(number) for number in numbers.split(",")] if numbers else []
    except ValueError:
        values = [0.0]
    if name not in ("percentile", "score") or len(values) not in (0, 4, 5):
        raise UsageError(f"expected percentile, percentile:5,15,30,30, score or score:4,5,6,7, got {text!r}")
    if name == "percentile":
        shares = [value / 100 for value in values]
        return ByPercentile(_four(shares), *shares[4:]) if shares else ByPercentile()
    return ByThreshold(_four(values), *values[4:]) if values else ByThreshold()


def _four(values: Sequence[float]) -> tuple[float, float, float, float]:
    return values[0], values[1], values[2], values[3]


def _stars(place: float, bounds: Sequence[float], worst: float) -> int:
    """The stars of a place in the ranking, counted from the best."""
    if place >= worst:
        return REJECTED
    return 5 - sum(place >= bound for bound in bounds)

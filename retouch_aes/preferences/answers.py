"""What a person said: choices, ties, skips and ratings, and the undo and change that follow them."""

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from retouch_aes.errors import UsageError
from retouch_aes.preferences.renditions import Rendition


def now() -> str:
    """The time in UTC, to the second, in ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Choice:
    """One of two was preferred.

    Attributes:
        winner: What was preferred: a photo, or a photo as a recipe edits it.
        loser: The other.
        stated: Said by the person; False where it was inferred from other choices.
        time: When, in UTC, ISO 8601.

    Raises:
        UsageError: The same thing twice.

    Examples:
        >>> from retouch_aes import Choice, Rendition
        >>> Choice(winner=Rendition("a.jpg"), loser=Rendition("b.jpg")).stated
        True
    """

    winner: Rendition
    loser: Rendition
    stated: bool = True
    time: str = field(default_factory=now, compare=False)
    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        _check_two(self.winner, self.loser)


@dataclass(frozen=True)
class Tie:
    """The two are as good as each other."""

    first: Rendition
    second: Rendition
    time: str = field(default_factory=now, compare=False)
    kind: ClassVar[str] = "tie"

    def __post_init__(self) -> None:
        _check_two(self.first, self.second)


@dataclass(frozen=True)
class Skip:
    """The person would not say. Nothing is learned from it, and the pair is not asked again."""

    first: Rendition
    second: Rendition
    time: str = field(default_factory=now, compare=False)
    kind: ClassVar[str] = "skip"

    def __post_init__(self) -> None:
        _check_two(self.first, self.second)


@dataclass(frozen=True)
class Rating:
    """A rating of one photo, or of a photo as a recipe edits it.

    Attributes:
        photo: What was rated.
        rating: Within `scale`.
        scale: The lowest and the highest rating that could be given.
        time: When, in UTC, ISO 8601.

    Raises:
        UsageError: A rating outside its scale.

    Examples:
        >>> from retouch_aes import Rating, Rendition
        >>> Rating(Rendition("a.jpg"), 4, scale=(1, 5)).score
        7.75
    """

    photo: Rendition
    rating: float
    scale: tuple[float, float] = (1.0, 10.0)
    time: str = field(default_factory=now, compare=False)
    kind: ClassVar[str] = "rating"

    def __post_init__(self) -> None:
        low, high = self.scale
        if not (low < high and math.isfinite(high - low) and low <= self.rating <= high):
            raise UsageError(f"expected a rating in {low:g}..{high:g}, got {self.rating:g}")

    @property
    def score(self) -> float:
        """The rating mapped linearly to [1, 10]."""
        low, high = self.scale
        return 1 + 9 * (self.rating - low) / (high - low)


@dataclass(frozen=True)
class Undo:
    """Takes back the last answer that still stands."""

    time: str = field(default_factory=now, compare=False)
    kind: ClassVar[str] = "undo"


Answer = Choice | Tie | Skip | Rating


@dataclass(frozen=True)
class Change:
    """Puts `answer` in the `place` of one that stands, counted from 0."""

    place: int
    answer: Answer
    time: str = field(default_factory=now, compare=False)
    kind: ClassVar[str] = "change"


Record = Answer | Undo | Change


def standing_answers(records: Iterable[Record]) -> tuple[Answer, ...]:
    """The answers that stand once every undo has taken back the last one before it, and changes are made."""
    answers: list[Answer] = []
    for record in records:
        if isinstance(record, Change):
            if 0 <= record.place < len(answers):
                answers[record.place] = record.answer
        elif not isinstance(record, Undo):
            answers.append(record)
        elif answers:
            answers.pop()
    return tuple(answers)


def _check_two(first: Rendition, second: Rendition) -> None:
    if first == second:
        raise UsageError(f"expected two different photos or renditions, got {first} twice")

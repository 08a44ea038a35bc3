"""A person's answers, one JSON object a line, only ever appended to.

    {"kind": "choice", "winner": "a.jpg", "loser": {"photo": "a.jpg", "recipe": {...}}, "stated": true,
     "time": "2025-05-01T10:00:00+00:00"}
    {"kind": "tie", "first": ..., "second": ..., "time": ...}
    {"kind": "skip", "first": ..., "second": ..., "time": ...}
    {"kind": "rating", "photo": ..., "rating": 4, "scale": [1, 5], "time": ...}
    {"kind": "undo", "time": ...}
    {"kind": "change", "place": 3, "answer": {"kind": "choice", ...}, "time": ...}

A photo is its path, relative to the photo folder or absolute; a rendition is a photo and a recipe. An undo
takes back the last answer that still stands, and a second undo the one before. A change puts another answer
in the place of one that stands, counted from 0, in a single line, so that a crash loses neither. Nothing is
ever removed, so a file tells what a person changed. The file is an `append_log`: every line is on the disk
before `append` returns, and there is one writer at a time.

    with ChoiceLog("choices.jsonl") as log:
        log.append(Choice(Rendition("a.jpg"), Rendition("b.jpg")))
        log.undo()
    answers = read_answers("choices.jsonl")
"""

import datetime
import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from retouch_aes import append_log
from retouch_aes.append_log import AppendLog, LogContent, read_log
from retouch_aes.datasets.problems import refuse
from retouch_aes.errors import DatasetError, RetouchError, RetouchWarning, UsageError
from retouch_aes.preferences.choices_csv import read_pairs_csv
from retouch_aes.preferences.renditions import Rendition

_FIRST = "kind"
"""The first key of a line."""


def now() -> str:
    """The time in UTC, to the second, in ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Choice:
    """`winner` was preferred to `loser`; `stated` by the person, or inferred for them."""

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
    """A rating of one rendition on the `scale` (lowest, highest)."""

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


def read_answers(path: str | Path) -> tuple[Answer, ...]:
    """The answers that stand in a file of choices: JSON Lines, or CSV `winner,loser` (by its ending).

    Every malformed line is reported in one `DatasetError`; a torn last line is left out, and pieces of lines,
    as a full disk leaves them, are left out and told as a `RetouchWarning`.
    """
    if Path(path).suffix.lower() == ".csv":
        return tuple(Choice(winner, loser, time="") for winner, loser in read_pairs_csv(path))
    try:
        content = read_log(Path(path), _FIRST)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    return standing_answers(_records(content, Path(path)))


class ChoiceLog:
    """The file of choices at `path`, open for appending; made where it is missing.

    `RetouchError` where another process, or another log of this one, has it open. Close it, or use `with`.
    Pieces of lines are left out and told as a `RetouchWarning`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._log = AppendLog(self.path, _FIRST)
        try:
            self._answers = list(standing_answers(_records(self._log.content, self.path)))
        except BaseException:
            self._log.close()
            raise

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers that stand, in order."""
        return tuple(self._answers)

    def append(self, answer: Answer) -> None:
        """Write one answer; it is on the disk when this returns."""
        self._log.append(to_json(answer))
        self._answers.append(answer)

    def undo(self) -> Answer | None:
        """Take back the last answer that stands and return it; None, and nothing written, where none does."""
        if not self._answers:
            return None
        self._log.append(to_json(Undo()))
        return self._answers.pop()

    def change(self, place: int, answer: Answer) -> None:
        """Put `answer` in the `place` of one that stands, counted from 0; on the disk when this returns."""
        if not 0 <= place < len(self._answers):
            raise UsageError(f"expected one of {len(self._answers)} answers, counted from 0, got {place}")
        self._log.append(to_json(Change(place, answer)))
        self._answers[place] = answer

    def close(self) -> None:
        """Close the file and let others write."""
        self._log.close()

    def __enter__(self) -> "ChoiceLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def to_line(record: Record) -> bytes:
    """One line of the file, with its end."""
    return append_log.to_line(to_json(record))


def to_json(record: Record) -> dict[str, Any]:
    """The JSON value of a record."""
    value: dict[str, Any] = {"kind": record.kind}
    for name, item in vars(record).items():
        if isinstance(item, Rendition):
            value[name] = item.to_json()
        else:
            value[name] = to_json(item) if isinstance(item, Answer) else item
    return value


def from_json(value: Any) -> Record:
    """The record that a line's JSON value means. `UsageError` or `RecipeError` where it means none."""
    if not isinstance(value, dict):
        raise UsageError(f"expected an object, got {value!r}")
    kind = value.get("kind", "choice")
    if kind not in _READERS:
        raise UsageError(f"expected the kind {', '.join(_READERS)}, got {kind!r}")
    try:
        record = _READERS[kind](value, str(value.get("time", "")))
    except KeyError as error:
        raise UsageError(f"a {kind} without {error}") from None
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None
    return record


def _rating(value: Any, time: str) -> Rating:
    low, high = value.get("scale", (1.0, 10.0))
    return Rating(
        Rendition.from_json(value["photo"]), float(value["rating"]), (float(low), float(high)), time
    )


def _change(value: Any, time: str) -> Change:
    place, answer = value["place"], from_json(value["answer"])
    if isinstance(place, bool) or not isinstance(place, int) or not isinstance(answer, Answer):
        raise UsageError(f"expected the place of an answer and an answer, got {value!r}")
    return Change(place, answer, time)


def _two(value: Any) -> tuple[Rendition, Rendition]:
    return Rendition.from_json(value["first"]), Rendition.from_json(value["second"])


_READERS: dict[str, Callable[[Any, str], Record]] = {
    "choice": lambda value, time: Choice(
        Rendition.from_json(value["winner"]),
        Rendition.from_json(value["loser"]),
        bool(value.get("stated", True)),
        time,
    ),
    "tie": lambda value, time: Tie(*_two(value), time=time),
    "skip": lambda value, time: Skip(*_two(value), time=time),
    "rating": _rating,
    "undo": lambda _, time: Undo(time),
    "change": _change,
}


def _records(content: LogContent, path: Path) -> list[Record]:
    """All records of a log; pieces of lines are told, and lines that are no answers refused together."""
    records: list[Record] = []
    problems = {number: f"expected a JSON object, got {text[:60]!r}" for number, text in content.strangers}
    for number, value in content.objects:
        try:
            records.append(from_json(value))
        except RetouchError as error:
            problems[number] = str(error)
    refuse(
        path,
        [f"{path}:{number}: {problems[number]}" for number in sorted(problems)],
        "expected one JSON object a line, as `retouch-aes` writes them; correct or remove these",
    )
    if content.fragments:
        warnings.warn(content.report(path), RetouchWarning, stacklevel=4)
    return records


def _check_two(first: Rendition, second: Rendition) -> None:
    if first == second:
        raise UsageError(f"expected two different photos or renditions, got {first} twice")

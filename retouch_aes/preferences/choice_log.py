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
ever removed, so a file tells what a person changed. Every line is on the disk before `append` returns; a line
torn by a crash is ignored by readers and cut off by the next writer. One writer at a time: `ChoiceLog` holds
a lock.

    with ChoiceLog("choices.jsonl") as log:
        log.append(Choice(Rendition("a.jpg"), Rendition("b.jpg")))
        log.undo()
    answers = read_answers("choices.jsonl")
"""

import datetime
import json
import math
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from retouch_aes.atomic_io import lock
from retouch_aes.datasets.problems import refuse
from retouch_aes.errors import DatasetError, RetouchError, UsageError
from retouch_aes.preferences.choices_csv import read_pairs_csv
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


def read_answers(path: str | Path) -> tuple[Answer, ...]:
    """The answers that stand in a file of choices; those that were taken back are left out.

    Args:
        path: JSON Lines as `ChoiceLog` writes them, or CSV `winner,loser` (by its ending). A last line that
            a crash has torn is left out.

    Returns:
        Choices, ties, skips and ratings, in their order, as `learn` takes them.

    Raises:
        DatasetError: The file cannot be read, or has malformed lines; all of them are named.

    Examples:
        >>> from pathlib import Path
        >>> from retouch_aes import read_answers
        >>> text = "winner,loser" + chr(10) + "a.jpg,b.jpg" + chr(10)
        >>> _ = Path("choices.csv").write_text(text)
        >>> [str(choice.winner) for choice in read_answers("choices.csv")]
        ['a.jpg']
    """
    if Path(path).suffix.lower() == ".csv":
        return tuple(Choice(winner, loser, time="") for winner, loser in read_pairs_csv(path))
    return standing_answers(_parse(_bytes(Path(path)), Path(path))[0])


class ChoiceLog:
    """A file of one person's answers, open for appending; close it, or use `with`.

    Every answer is one line of JSON and is on the disk when `append` returns. Nothing is ever removed.

    Args:
        path: The file; made, with its folder, where it is missing.

    Raises:
        RetouchError: Another process, or another log of this one, has it open.
        DatasetError: Malformed lines, all of them named.

    Examples:
        >>> from retouch_aes import Choice, ChoiceLog, Rendition
        >>> with ChoiceLog("choices.jsonl") as log:
        ...     log.append(Choice(winner=Rendition("a.jpg"), loser=Rendition("b.jpg")))
        ...     len(log.answers), log.undo() is not None, len(log.answers)
        (1, True, 0)
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b")
        try:
            if not lock(self._file.fileno()):
                raise RetouchError(f"{path} is being written by another program; close that one first")
            self._file.seek(0)
            content = self._file.read()
            records, sound = _parse(content, self.path)
            if sound < len(content):
                os.ftruncate(self._file.fileno(), sound)
            if sound and content[sound - 1 : sound] != b"\n":
                self._file.write(b"\n")
            self._sync()
        except BaseException:
            self._file.close()
            raise
        _sync_folder(self.path.parent)
        self._answers = list(standing_answers(records))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers that stand, in order."""
        return tuple(self._answers)

    def append(self, answer: Answer) -> None:
        """Write one answer; it is on the disk when this returns.

        Args:
            answer: A choice, tie, skip or rating.

        Raises:
            RetouchError: It could not be saved, or the log was closed.
        """
        self._write(answer)
        self._answers.append(answer)

    def undo(self) -> Answer | None:
        """Take back the last answer that stands.

        Returns:
            That answer; None, and nothing is written, where none stands.

        Raises:
            RetouchError: It could not be saved, or the log was closed.
        """
        if not self._answers:
            return None
        self._write(Undo())
        return self._answers.pop()

    def change(self, place: int, answer: Answer) -> None:
        """Put another answer in the place of one that stands; on the disk when this returns.

        Args:
            place: Of the answer that is replaced, among those that stand, counted from 0.
            answer: What stands there from now on.

        Raises:
            UsageError: There is no such place.
            RetouchError: It could not be saved, or the log was closed.
        """
        if not 0 <= place < len(self._answers):
            raise UsageError(f"expected one of {len(self._answers)} answers, counted from 0, got {place}")
        self._write(Change(place, answer))
        self._answers[place] = answer

    def close(self) -> None:
        """Close the file and let others write."""
        self._file.close()

    def __enter__(self) -> "ChoiceLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, record: Record) -> None:
        if self._file.closed:
            raise RetouchError(f"{self.path} was closed; open a new ChoiceLog")
        before = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(to_line(record))
            self._sync()
        except OSError as error:  # a full disk: leave no half line behind
            os.ftruncate(self._file.fileno(), before)
            raise RetouchError(f"{self.path}: the answer could not be saved ({error.strerror})") from error

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


def to_line(record: Record) -> bytes:
    """One line of the file, with its end."""
    value = to_json(record)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # a file name that is no UTF-8
        return json.dumps(value, allow_nan=False).encode() + b"\n"


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


def _parse(content: bytes, path: Path) -> tuple[list[Record], int]:
    """All records, and how many bytes of `content` are sound: all but a torn last line."""
    records: list[Record] = []
    problems: list[str] = []
    start = 0
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        torn = not line.endswith(b"\n")
        try:
            if line.strip():
                records.append(from_json(json.loads(line)))
        except (ValueError, RetouchError) as error:
            if torn and line.startswith(b"{"):
                break
            problems.append(f"{path}:{number}: {error}")
        start += len(line)
    refuse(
        path,
        problems,
        "expected one JSON object a line, as `retouch-aes` writes them; correct or remove these",
    )
    return records, start


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None


def _check_two(first: Rendition, second: Rendition) -> None:
    if first == second:
        raise UsageError(f"expected two different photos or renditions, got {first} twice")


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a power cut, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

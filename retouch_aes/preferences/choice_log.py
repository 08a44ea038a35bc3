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

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retouch_aes import append_log
from retouch_aes.append_log import AppendLog, LogContent, read_log
from retouch_aes.datasets.problems import refuse
from retouch_aes.errors import DatasetError, RetouchError, RetouchWarning, UsageError
from retouch_aes.preferences.answers import (
    Answer,
    Change,
    Choice,
    Rating,
    Record,
    Skip,
    Tie,
    Undo,
    standing_answers,
)
from retouch_aes.preferences.choices_csv import read_pairs_csv
from retouch_aes.preferences.renditions import Rendition

_FIRST = "kind"
"""The first key of a line."""


def read_answers(path: str | Path) -> tuple[Answer, ...]:
    """The answers that stand in a file of choices; those that were taken back are left out.

    Args:
        path: JSON Lines as `ChoiceLog` writes them, or CSV `winner,loser` (by its ending). A last line that
            a crash has torn is left out; pieces of lines, as a full disk leaves them, are left out and told
            as a `RetouchWarning`.

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
    try:
        content = read_log(Path(path), _FIRST)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    return standing_answers(_records(content, Path(path)))


class ChoiceLog:
    """A file of one person's answers, open for appending; close it, or use `with`.

    Every answer is one line of JSON and is on the disk when `append` returns. Nothing is ever removed.
    Pieces of lines are left out and told as a `RetouchWarning`.

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
        """Write one answer; it is on the disk when this returns.

        Args:
            answer: A choice, tie, skip or rating.

        Raises:
            RetouchError: It could not be saved, or the log was closed.
        """
        self._log.append(to_json(answer))
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
        self._log.append(to_json(Undo()))
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
    if not isinstance(kind, str) or kind not in _READERS:
        raise UsageError(f"expected the kind {', '.join(_READERS)}, got {str(kind)[:60]!r}")
    try:
        record = _READERS[kind](value, str(value.get("time", "")))
    except KeyError as error:
        raise UsageError(f"a {kind} without {error}") from None
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
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

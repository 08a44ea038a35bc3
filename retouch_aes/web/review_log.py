"""What was said of each result in a review, one line each, on the disk before it counts.

    {"result": "day 1/a.jpg", "verdict": "correct", "recipe": {...}, "proposed": {...}, "answers": [...],
     "time": "2026-11-29T10:00:00+00:00"}
    {"result": "day 1/a.jpg", "verdict": "undo", "time": ...}
    {"result": "day 1/a.jpg", "writing": true}
    {"result": "day 1/a.jpg", "written": "77aa...", "recipe": {...}}

`verdict` is "keep", "correct" or "reject"; an undo takes back the last one that stands. `answers` are what it
says about the person, as they go into the file of choices, and `proposed` is the recipe that was judged: of a
result that a later run made otherwise, the line says nothing any more. `written` means that the result now is
what its recipe makes of the photo; `writing` without it, that what lies there is ours, whatever it is. So
whoever starts again after a kill knows what is left to do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retouch_aes.append_log import AppendLog
from retouch_aes.errors import RetouchError
from retouch_aes.operators import Recipe, installed
from retouch_aes.preferences.answers import Answer, Choice, Skip, Tie, now
from retouch_aes.preferences.choice_log import ChoiceLog, from_json, to_json

NAME = "retouch_aes_review.jsonl"
VERDICTS = ("keep", "correct", "reject")


@dataclass(frozen=True)
class Review:
    """One verdict on the result `result`: `recipe` is what it shall be made with."""

    result: str
    verdict: str
    recipe: Recipe
    proposed: Recipe
    answers: tuple[Answer, ...] = ()
    time: str = field(default_factory=now)

    def to_json(self) -> dict[str, Any]:
        """A line of the log."""
        return {
            "result": self.result,
            "verdict": self.verdict,
            "recipe": self.recipe.to_json(),
            "proposed": self.proposed.to_json(),
            "answers": [to_json(answer) for answer in self.answers],
            "time": self.time,
        }

    @staticmethod
    def from_json(value: dict[str, Any]) -> "Review":
        """Read `to_json`'s value. `RetouchError`, `KeyError` or `TypeError` where it is something else."""
        known = installed()
        found = [from_json(answer) for answer in value["answers"]]
        return Review(
            str(value["result"]),
            str(value["verdict"]),
            Recipe.from_json(value["recipe"], known),
            Recipe.from_json(value["proposed"], known),
            tuple(answer for answer in found if isinstance(answer, Answer)),
            str(value.get("time", "")),
        )


class ReviewLog:
    """The log at `path`, open for appending. `RetouchError` where another program has it open."""

    def __init__(self, path: Path) -> None:
        self._log = AppendLog(path, "result")
        self._standing: list[Review] = []
        self._by_result: dict[str, list[Review]] = {}
        self._said: dict[str, list[Review]] = {}
        self._written: dict[str, tuple[Recipe, str]] = {}
        self._writing: set[str] = set()
        self.last: str | None = None
        for _, line in self._log.content.objects:
            if isinstance(line, dict):
                self._count(line)

    @property
    def empty(self) -> bool:
        """Whether no verdict stands."""
        return not self._standing

    def of(self, result: str) -> Review | None:
        """The verdict on `result` that counts: its last one that stands."""
        stack = self._by_result.get(result)
        return stack[-1] if stack else None

    def said_of(self, result: str) -> tuple[Review, ...]:
        """Every verdict on `result` that was ever given, those taken back too."""
        return tuple(self._said.get(result, ()))

    def written(self, result: str) -> tuple[Recipe, str] | None:
        """The recipe by which the result was last made in a review, and its hash; None where it was not."""
        return self._written.get(result)

    def add(self, review: Review) -> None:
        """Say it; on the disk when this returns."""
        self._log.append(review.to_json())
        self._push(review)

    def undo(self) -> Review | None:
        """Take back the last verdict that stands, and return it; None where none stands."""
        if not self._standing:
            return None
        self._log.append({"result": self._standing[-1].result, "verdict": "undo", "time": now()})
        return self._pop()

    def writing(self, result: str) -> bool:
        """Whether the result was begun to be made anew, and nobody has said that it was made."""
        return result in self._writing

    def write(self, result: str) -> None:
        """The result is about to be replaced."""
        self._log.append({"result": result, "writing": True})
        self._writing.add(result)

    def wrote(self, result: str, recipe: Recipe, made: str) -> None:
        """The result is now what `recipe` makes; `made` is its hash."""
        self._log.append({"result": result, "written": made, "recipe": recipe.to_json()})
        self._written[result] = recipe, made
        self._writing.discard(result)

    def close(self) -> None:
        """Close the file and let others write."""
        self._log.close()

    def _push(self, review: Review) -> None:
        self._standing.append(review)
        for table in (self._by_result, self._said):
            table.setdefault(review.result, []).append(review)
        self.last = review.result

    def _pop(self) -> Review:
        taken = self._standing.pop()
        self._by_result[taken.result].pop()
        self.last = taken.result
        return taken

    def _count(self, line: dict[str, Any]) -> None:
        try:
            if "written" in line:
                recipe = Recipe.from_json(line["recipe"], installed())
                self._written[str(line["result"])] = recipe, str(line["written"])
                self._writing.discard(str(line["result"]))
            elif line.get("writing") is True:
                self._writing.add(str(line["result"]))
            elif line.get("verdict") == "undo":
                if self._standing:
                    self._pop()
            elif line.get("verdict") in VERDICTS:
                self._push(Review.from_json(line))
        except (RetouchError, KeyError, TypeError):  # of another version, or an operator that has gone
            return


def settle(choices: ChoiceLog, wanted: Iterable[Answer], unwanted: Iterable[Answer] = ()) -> None:
    """Let `wanted` stand in `choices`, and `unwanted` not; what is so already is not written again.

    An answer that others were given after is not taken back but becomes a skip, which says nothing.
    """
    wanted = tuple(wanted)
    for answer in reversed(tuple(unwanted)):
        place = _place(choices.answers, answer)
        if place is None or any(one.time == answer.time and one == answer for one in wanted):
            continue
        if place == len(choices.answers) - 1:
            choices.undo()
        else:
            choices.change(place, _unsaid(answer))
    for answer in wanted:
        if _place(choices.answers, answer) is None:
            choices.append(answer)


def _place(answers: tuple[Answer, ...], answer: Answer) -> int | None:
    for place in range(len(answers) - 1, -1, -1):
        if answers[place].time == answer.time and answers[place] == answer:
            return place
    return None


def _unsaid(answer: Answer) -> Answer:
    if isinstance(answer, Choice):
        return Skip(answer.winner, answer.loser)
    return Skip(answer.first, answer.second) if isinstance(answer, Tie) else answer

"""One person at the page: the answers so far, what is asked now, and everything a request may do about it.

An answer is in the file of choices, on the disk, before a request about it returns. The file is all that is
remembered: whoever starts again with it stands where they stood.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.preferences.answers import Answer, Choice, Rating, Skip, Tie
from retouch_aes.preferences.choice_log import ChoiceLog
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.album import Album
from retouch_aes.web.insight import Insight
from retouch_aes.web.learning import Learning
from retouch_aes.web.pictures import SIDES, Pictures
from retouch_aes.web.questions import QuestionCard, Questions

Mode = Literal["choose", "rate"]
SCALE = (1.0, 5.0)
VERDICTS = ("left", "right", "tie", "skip")


class Session:
    """What the page shows, and what it may ask for. Safe to call from many threads."""

    def __init__(
        self,
        album: Album,
        pictures: Pictures,
        log: ChoiceLog,
        questions: Questions,
        insight: Insight,
        learning: Learning,
        *,
        mode: Mode = "choose",
        budget: int = 100,
    ) -> None:
        self.album, self.pictures, self.log, self.questions = album, pictures, log, questions
        self.insight, self.learning = insight, learning
        self.mode, self.budget = mode, budget
        self._lock = threading.Lock()
        self._entries: list[tuple[Answer, dict[str, Any]]] = []

    def state(self) -> dict[str, Any]:
        """Everything that the page shows, as plain values."""
        cards, dry = self.questions.cards()
        with self._lock:
            history = self._history()
        count = len([entry for entry in history if entry["kind"] != Skip.kind])
        return {
            "phase": "choosing" if cards else "finished" if dry else "preparing",
            "mode": self.mode,
            "photos": len(self.album.photos),
            "file": Path(self.log.path).name,
            "count": count,
            "budget": self.budget,
            "more": not dry,
            "cards": [self._card(card) for card in cards[:2]],
            "history": history,
            "unreadable": len(self.questions.unreadable),
            "failure": self.questions.failure,
            "insight": self.insight.state(count, self.budget),
            "learning": self.learning.state(),
        }

    def look(self, side: int) -> None:
        """The browser shows pictures with this long side: prepare them so."""
        if side in SIDES[1:]:
            self.questions.side = side

    def answer(self, number: int, verdict: str) -> bool:
        """Take an answer to the card that is shown; False, and nothing taken, where it is another by now."""
        return self._take(number, lambda card: _judged(card.sides, verdict))

    def rate(self, number: int, rating: int) -> bool:
        """The same for a rating, 1 to 5."""
        return self._take(number, lambda card: Rating(card.sides[0], float(rating), SCALE))

    def undo(self) -> None:
        """Take back the last answer that stands, and ask it again."""
        with self._lock:
            answer = self.log.undo()
            if answer is not None:
                self._ask_again(answer)
        self.insight.wake()

    def change(self, place: int, verdict: str | int) -> None:
        """Replace the answer at `place` of those that stand, counted from 0."""
        with self._lock:
            answers = self.log.answers
            if not 0 <= place < len(answers):
                raise UsageError(f"expected one of {len(answers)} answers, counted from 0, got {place}")
            old = answers[place]
            if isinstance(old, Rating):
                new: Answer = Rating(old.photo, float(verdict), SCALE)
            else:
                new = _judged(self._sides(old), str(verdict))
            if new != old:
                self.log.change(place, new)
        self.insight.wake()

    def close(self, patience: float = 10.0) -> None:
        """Stop the threads, wait for each at most `patience` seconds, and let others write the file."""
        for worker in (self.learning, self.insight, self.questions):
            worker.stop()
        for worker in (self.learning, self.insight, self.questions):
            worker.join(patience)
        with self._lock:
            self.log.close()

    def _take(self, number: int, judge: Callable[[QuestionCard], Answer]) -> bool:
        with self._lock:
            cards, _ = self.questions.cards()
            if not cards or cards[0].number != number:
                return False
            if (len(cards[0].sides) == 1) != (self.mode == "rate"):
                raise UsageError("expected a choice between two, or a rating of one, as the page shows them")
            self.log.append(judge(cards[0]))
            self.questions.done(cards[0])
        self.insight.wake()
        return True

    def _ask_again(self, answer: Answer) -> None:
        if isinstance(answer, Rating) != (self.mode == "rate"):
            return
        sides = (answer.photo,) if isinstance(answer, Rating) else self._sides(answer)
        if not all(self.album.key(side) for side in sides):
            return
        try:
            pictures = [self.pictures.get(side, self.questions.side) for side in sides]
        except (RetouchError, OSError):  # moved or damaged since: it cannot be asked again
            return
        self.questions.again(sides, tuple((picture.width, picture.height) for picture in pictures))

    def _card(self, card: QuestionCard) -> dict[str, Any]:
        sides = [
            {"key": self.album.key(side), "width": width, "height": height, "name": side.photo}
            for side, (width, height) in zip(card.sides, card.sizes, strict=True)
        ]
        same = len({side.photo for side in card.sides}) == 1 and len(card.sides) == 2
        return {"number": card.number, "same": same, "sides": sides}

    def _history(self) -> list[dict[str, Any]]:
        """One entry for each answer that stands; those of answers that have not changed are kept."""
        answers = self.log.answers
        del self._entries[len(answers) :]
        for place, answer in enumerate(answers):
            if place == len(self._entries):
                self._entries.append((answer, self._entry(place, answer)))
            elif self._entries[place][0] is not answer:
                self._entries[place] = (answer, self._entry(place, answer))
        return [entry for _, entry in self._entries]

    def _entry(self, place: int, answer: Answer) -> dict[str, Any]:
        entry: dict[str, Any] = {"place": place, "kind": answer.kind}
        if isinstance(answer, Rating):
            return {**entry, "keys": [self.album.key(answer.photo)], "rating": answer.rating}
        sides = self._sides(answer)
        keys = [self.album.key(side) for side in sides]
        verdict = ("left", "right")[sides.index(answer.winner)] if isinstance(answer, Choice) else answer.kind
        return {**entry, "keys": keys, "verdict": verdict}

    def _sides(self, answer: Choice | Tie | Skip) -> tuple[Rendition, Rendition]:
        """Left and right of an answer given before: in an order that does not change with the answer."""
        first, second = (
            (answer.winner, answer.loser) if isinstance(answer, Choice) else (answer.first, answer.second)
        )
        swap = (self.album.key(second), str(second)) < (self.album.key(first), str(first))
        return (second, first) if swap else (first, second)


def _judged(sides: tuple[Rendition, ...], verdict: str) -> Choice | Tie | Skip:
    """The answer that a verdict means about `sides`, left and right."""
    left, right = sides
    if verdict == "left":
        return Choice(winner=left, loser=right)
    if verdict == "right":
        return Choice(winner=right, loser=left)
    if verdict in ("tie", "skip"):
        return (Tie if verdict == "tie" else Skip)(left, right)
    raise UsageError(f"expected one of {', '.join(VERDICTS)}, got {verdict!r}")

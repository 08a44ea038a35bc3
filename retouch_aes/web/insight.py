"""What is known so far, for the line above the photos; worked out on a thread of its own.

Two things: what the winners have that the losers have not (`tendencies`), and how well the choices can be
predicted (an `estimator`, which may take seconds). The hint to stop rests on the second, or on the budget.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retouch_aes.errors import RetouchError
from retouch_aes.preferences.answers import Answer, Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.background import BackgroundThread
from retouch_aes.web.pictures import SIDES, Pictures
from retouch_aes.web.tendencies import leans, measures

FEWEST = 12
"""Choices before anything is said about them."""

_EVERY = 8
"""New answers before how well they are predicted is worked out again."""


@dataclass(frozen=True)
class AgreementEstimate:
    """Of `pairs` choices, the share that the others predict, and that the generic score predicts.

    `little`: they do not yet tell this person from anyone.
    """

    pairs: int
    right: float
    generic: float
    little: bool


Estimator = Callable[[Sequence[Answer], Callable[[], bool]], AgreementEstimate | None]
"""The answers, and a function that says whether to go on -> the estimate, or None where there is none yet."""


class Insight(BackgroundThread):
    """Follows the answers that `answers` gives; `wake` it when they change."""

    def __init__(
        self, pictures: Pictures, answers: Callable[[], tuple[Answer, ...]], estimator: Estimator
    ) -> None:
        super().__init__("insight")
        self._pictures, self._answers, self._estimator = pictures, answers, estimator
        self._measures: dict[Rendition, tuple[float, ...]] = {}
        self._leans: tuple[str, ...] = ()
        self._estimate: AgreementEstimate | None = None
        self._estimated_at = -_EVERY
        self._busy = False
        self._stale = True

    def wake(self) -> None:
        """The answers have changed."""
        with self._changed:
            self._stale = True
            self._changed.notify_all()

    def state(self, count: int, budget: int) -> dict[str, Any]:
        """A text for people, and whether it is time to stop."""
        with self._changed:
            lean, estimate, busy = self._leans, self._estimate, self._busy
        enough = count >= budget or (estimate is not None and convincing(estimate))
        return {"text": insight_text(count, budget, lean, estimate), "enough": enough, "busy": busy}

    def _work(self) -> None:
        while self._awaited():
            answers = self._answers()
            self._describe(answers)
            if abs(len(answers) - self._estimated_at) >= _EVERY:
                self._renew(answers)

    def _awaited(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._stale or self._stopped)
            self._stale = False
            return not self._stopped

    def _describe(self, answers: Sequence[Answer]) -> None:
        choices = [answer for answer in answers if isinstance(answer, Choice)]
        found: tuple[str, ...] = ()
        if len(choices) >= FEWEST:
            pairs = [(self._measure(one.winner), self._measure(one.loser)) for one in choices]
            found = leans((winner, loser) for winner, loser in pairs if winner and loser)
        with self._changed:
            self._leans = found

    def _measure(self, side: Rendition) -> tuple[float, ...]:
        if side not in self._measures:
            try:
                self._measures[side] = measures(self._pictures.get(side, SIDES[0]).jpeg)
            except (RetouchError, OSError):
                self._measures[side] = ()
        return self._measures[side]

    def _renew(self, answers: Sequence[Answer]) -> None:
        self._estimated_at = len(answers)
        if len([answer for answer in answers if isinstance(answer, Choice)]) < FEWEST:
            with self._changed:
                self._estimate = None
            return
        with self._changed:
            self._busy = True
        try:
            found = self._estimator(answers, lambda: not self._stopped)
        except RetouchError:  # too little to say, or a photo that has gone: the next one may do
            found = None
        with self._changed:
            self._busy, self._estimate = False, found


def convincing(estimate: AgreementEstimate) -> bool:
    """Whether 30 choices or more are predicted: 70 % of them, and clearly more than without learning."""
    return estimate.pairs >= 30 and estimate.right >= 0.7 and not estimate.little


def insight_text(count: int, budget: int, lean: Sequence[str], estimate: AgreementEstimate | None) -> str:
    """One or two sentences for the page."""
    parts = []
    if count >= budget:
        parts.append("You can stop: learn now, or go on for a finer taste.")
    elif estimate is not None and convincing(estimate):
        parts.append("You can stop here.")
    if count < FEWEST:
        parts.append("Trust your first impression. Every answer is saved at once.")
    elif lean:
        parts.append(f"Your favourites are {_list(lean)}.")
    else:
        parts.append("No clear leaning in light or colour so far.")
    if estimate is not None and estimate.little:
        parts.append("Your choices cannot be predicted better than anyone’s yet; more will help.")
    elif estimate is not None:
        parts.append(
            f"{estimate.right:.0%} of your choices are predicted, {estimate.generic:.0%} without learning."
        )
    return " ".join(parts)


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

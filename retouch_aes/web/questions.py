"""What is asked next, prepared ahead on a thread of its own, so that the page never waits.

A card is put before the person only once its pictures exist: renditions are rendered, and a photo that cannot
be read is dropped and told, before anybody sees it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from retouch_aes.errors import RetouchError
from retouch_aes.preferences.answers import Answer
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.background import BackgroundThread
from retouch_aes.web.pictures import SIDES, Pictures

AHEAD = 3
"""Cards kept ready: the one that is shown, the one the browser loads meanwhile, and one more."""


@dataclass(frozen=True)
class QuestionCard:
    """One question: two renditions to choose between, left and right, or one to rate; `sizes` in pixels."""

    number: int
    sides: tuple[Rendition, ...]
    sizes: tuple[tuple[int, int], ...]


class QuestionSource(Protocol):
    """Where questions come from."""

    def next(
        self, answers: Sequence[Answer], pending: Sequence[QuestionCard]
    ) -> tuple[Rendition, ...] | None:
        """The next one after `answers`, with `pending` ones already prepared; None where none is left."""

    def drop(self, photo: str) -> None:
        """Ask about this photo no more: it cannot be read."""


class Questions(BackgroundThread):
    """The cards from `source`; `answers` gives those that stand. `start` it, and `stop` it at the end."""

    def __init__(
        self, source: QuestionSource, pictures: Pictures, answers: Callable[[], tuple[Answer, ...]]
    ) -> None:
        super().__init__("questions")
        self.source, self.pictures, self.answers = source, pictures, answers
        self.side = SIDES[3]
        self.unreadable: list[str] = []
        self.failure = ""
        self._cards: deque[QuestionCard] = deque()
        self._count = 0
        self._dry = False

    def cards(self) -> tuple[tuple[QuestionCard, ...], bool]:
        """What is ready, the first to be shown now; and whether nothing more will come."""
        with self._changed:
            return tuple(self._cards), self._dry

    def wait(self, seconds: float) -> None:
        """Return when a card is ready or none is left, after `seconds` at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._cards or self._dry or self._stopped, seconds)

    def done(self, card: QuestionCard) -> None:
        """`card` was answered, and the answer is on the disk."""
        with self._changed:
            self._cards = deque(other for other in self._cards if other.number != card.number)
            self._changed.notify_all()

    def again(self, sides: tuple[Rendition, ...], sizes: tuple[tuple[int, int], ...]) -> None:
        """Ask this first: its answer was taken back."""
        with self._changed:
            asked = set(sides)
            others = (card for card in self._cards if set(card.sides) != asked)
            self._cards = deque([self._new(sides, sizes), *others])
            self._dry = False
            self._changed.notify_all()

    def _new(self, sides: tuple[Rendition, ...], sizes: Iterable[tuple[int, int]]) -> QuestionCard:
        self._count += 1
        return QuestionCard(self._count, sides, tuple(sizes))

    def _work(self) -> None:
        try:
            while self._wanted():
                self._prepare()
        except Exception as error:  # the page tells it; choices that were made are safe
            with self._changed:
                self.failure = f"{type(error).__name__}: {error}"
                self._dry = True
                self._changed.notify_all()

    def _wanted(self) -> bool:
        """Wait until a card is missing; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or (len(self._cards) < AHEAD and not self._dry))
            return not self._stopped

    def _prepare(self) -> None:
        pending, _ = self.cards()
        sides = self.source.next(self.answers(), pending)
        sizes = []
        for side in sides or ():
            try:
                picture = self.pictures.get(side, self.side)
                self.pictures.get(side, SIDES[0])
            except (RetouchError, OSError) as error:
                self.unreadable.append(str(error))
                self.source.drop(side.photo)
                return
            sizes.append((picture.width, picture.height))
        with self._changed:
            if sides is None:
                self._dry = True
            else:
                self._cards.append(self._new(sides, sizes))
            self._changed.notify_all()

"""Questions about an album: pairs from the library's own `PairAcquisition`, or single photos to rate."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.preferences.acquisition import PairAcquisition, PairPosterior, Question
from retouch_aes.preferences.answers import Answer, Rating, Skip
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.questions import QuestionCard

_TRIES = 200


class PairQuestions:
    """Two renditions at a time, as `acquisition` proposes them: at random, as the paper does.

    Once `believe` was called, every second question about two photos is the most informative one among the
    photos that were seen by then. Of the photos that `grey` says are black and white, edits of colour show
    nothing: they are left out of both sides, and a pair that differs by nothing else is not asked.
    """

    def __init__(self, acquisition: PairAcquisition, grey: Callable[[str], bool] = lambda _: False) -> None:
        self._grey = grey
        self._equal: list[Skip] = []
        self._acquisition: PairAcquisition | None = acquisition
        self._believed: tuple[PairPosterior, tuple[str, ...]] | None = None
        self._lock = threading.Lock()

    def believe(self, beliefs: PairPosterior, seen: Sequence[str]) -> None:
        """From now on, ask by these `beliefs` about the photos `seen`, for which they answer quickly."""
        with self._lock:
            self._believed = (beliefs, tuple(seen))

    def next(
        self, answers: Sequence[Answer], pending: Sequence[QuestionCard]
    ) -> tuple[Rendition, ...] | None:
        """See `Source`. What is pending counts as asked, and so does what looks the same."""
        waiting = [Skip(card.sides[0], card.sides[1], time="") for card in pending]
        for _ in range(_TRIES):
            found = self._propose([*answers, *waiting, *self._equal])
            if found is None:
                return None
            first, second = (self._as_seen(side) for side in found)
            if first != second:
                return first, second
            self._equal.append(Skip(*found, time=""))
        return None

    def _as_seen(self, side: Rendition) -> Rendition:
        """A side without edits that its photo does not show."""
        if side.recipe is None or not self._grey(side.photo):
            return side
        steps = tuple(step for step in side.recipe.steps if not step.operator.colour)
        return Rendition(side.photo, replace(side.recipe, steps=steps))

    def _propose(self, asked: Sequence[Answer]) -> tuple[Rendition, Rendition] | None:
        with self._lock:
            acquisition, believed = self._acquisition, self._believed
        if acquisition is None:
            return None
        found = acquisition.propose(asked)
        if found and believed and len(asked) % 2 and found[0].first.photo != found[0].second.photo:
            found = self._informative(acquisition, asked, *believed) or found
        return (found[0].first, found[0].second) if found else None

    def _informative(
        self,
        acquisition: PairAcquisition,
        asked: Sequence[Answer],
        beliefs: PairPosterior,
        seen: Sequence[str],
    ) -> tuple[Question, ...]:
        known = set(acquisition.photos)
        photos = [photo for photo in seen if photo in known]
        try:
            narrow = replace(acquisition, photos=photos, features=None, kind="photos", strategy="informative")
            return narrow.propose(asked, beliefs=beliefs)
        except RetouchError:  # too few were seen, or one has gone since
            return ()

    def drop(self, photo: str) -> None:
        """See `Source`."""
        with self._lock:
            if self._acquisition is None:
                return
            kept = [index for index, name in enumerate(self._acquisition.photos) if name != photo]
            features = self._acquisition.features
            try:
                self._acquisition = replace(
                    self._acquisition,
                    photos=[self._acquisition.photos[index] for index in kept],
                    features=None if features is None else features[kept],
                )
            except UsageError:  # too few are left to ask about
                self._acquisition = None


class RatingQuestions:
    """One photo at a time, in an order drawn with `seed`, each once."""

    def __init__(self, photos: Sequence[str], seed: int = 0) -> None:
        self._order = [photos[index] for index in np.random.default_rng(seed).permutation(len(photos))]

    def next(
        self, answers: Sequence[Answer], pending: Sequence[QuestionCard]
    ) -> tuple[Rendition, ...] | None:
        """See `Source`."""
        known = {answer.photo.photo for answer in answers if isinstance(answer, Rating)}
        known.update(card.sides[0].photo for card in pending)
        for photo in list(self._order):
            if photo not in known:
                return (Rendition(photo),)
        return None

    def drop(self, photo: str) -> None:
        """See `Source`."""
        self._order = [name for name in self._order if name != photo]

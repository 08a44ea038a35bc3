"""Which two to show next: at random, where the answer would teach most, or far from what was asked.

    random        two photos, or two renditions of one photo, drawn evenly: what the paper does
    informative   of some random pairs (`candidates`), the one whose answer is expected to tell most about the
                  person: BALD (Houlsby et al., "Bayesian Active Learning for Classification and Preference
                  Learning", 2011) under the beliefs held so far; without beliefs, as `random`
    diverse       photos farthest from those asked about (k-centre); for renditions, edits farthest from those
                  asked about

Every third question about renditions moves one slider only, the one that was asked about alone least: of
sliders that always move together nobody can say which was liked.

A `PairAcquisition` keeps settings and no state: the answers go in, questions come out, and the same answers
give the same questions, so a page can be closed and opened again. It never repeats a pair that was answered
or skipped.

    acquisition = PairAcquisition(paths, strategy="random", kind="both", seed=1)
    [question] = acquisition.propose(log.answers)
    log.append(Choice(winner=question.first, loser=question.second))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import UsageError
from retouch_aes.preferences.answers import Answer, Choice, Rating
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.preferences.variations import RecipeVariations

Strategy = Literal["random", "informative", "diverse"]
Kind = Literal["photos", "renditions", "both"]
Floats = NDArray[np.float64]

_TRIES = 40
_ASKED_KEPT = 300
_ALONE_EVERY, _ALONE_KEPT = 3, 60


@dataclass(frozen=True)
class Question:
    """Two renditions to show; which one stands first is drawn, so that no side is favoured.

    Attributes:
        first: Shown on the left.
        second: Shown on the right.
    """

    first: Rendition
    second: Rendition


class PairPosterior(Protocol):
    """What is thought of a person so far; `GPPairPosterior` of a taste just learned."""

    def difference(self, questions: Sequence[Question]) -> tuple[Floats, Floats]:
        """Mean and variance `(M,)` of utility(first) - utility(second), in units of the answer's noise."""
        ...


@dataclass(frozen=True, eq=False)
class PairAcquisition:
    """Which two to show next. It keeps no state: the same answers give the same questions.

    "random" draws evenly, as Zhang et al. do; "informative" asks where the answer is expected to tell most
    (BALD: Houlsby et al., "Bayesian Active Learning for Classification and Preference Learning", 2011), as
    "random" while nothing is believed; "diverse" asks far from what was asked (k-centre). A pair that was
    answered or skipped is never repeated.

    Args:
        photos: The paths that renditions will carry, each once.
        strategy: "random", "informative" or "diverse".
        kind: What is asked about: "photos" (pairs of photos), "renditions" (two edits of one photo), "both".
        seed: Of every draw.
        features: `(N, D)`, one row a photo, for "diverse"; without them it shows what was shown least.
        renditions: With "both", the share of questions about renditions, 0 to 1.
        variations: Draws the edits of renditions.
        base: Where these edits vary from: a photo's path -> units `(S,)` of their sliders, -1 to 1.
        candidates: Questions among which "informative" and "diverse" choose.

    Raises:
        UsageError: An unknown strategy or kind, or fewer than two photos.

    Examples:
        >>> from retouch_aes import PairAcquisition
        >>> [question] = PairAcquisition(["a.jpg", "b.jpg"], seed=1).propose([])
        >>> sorted(str(side) for side in (question.first, question.second))
        ['a.jpg', 'b.jpg']
    """

    photos: Sequence[str]
    strategy: Strategy = "random"
    kind: Kind = "photos"
    seed: int = 0
    features: Floats | None = None
    renditions: float = 0.5
    variations: RecipeVariations = field(default_factory=RecipeVariations)
    base: Callable[[str], Floats] | None = None
    candidates: int = 60
    _unit: Floats | None = field(init=False, repr=False, default=None)
    _index: dict[str, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for value, known in ((self.strategy, get_args(Strategy)), (self.kind, get_args(Kind))):
            if value not in known:
                raise UsageError(f"expected one of {', '.join(known)}, got {value!r}")
        distinct = len(set(self.photos))
        if distinct < (1 if self.kind == "renditions" else 2) or distinct != len(self.photos):
            raise UsageError(f"expected two different photos or more, each once, got {len(self.photos)}")
        if self.features is not None and len(self.features) != len(self.photos):
            raise UsageError(f"expected features for {len(self.photos)} photos, got {len(self.features)}")
        if not 0 <= self.renditions <= 1:
            raise UsageError(f"expected a share of renditions from 0 to 1, got {self.renditions}")
        if self.features is not None:
            lengths = np.linalg.norm(self.features, axis=1, keepdims=True)
            object.__setattr__(self, "_unit", np.asarray(self.features) / np.maximum(lengths, 1e-12))
        object.__setattr__(self, "_index", {photo: i for i, photo in enumerate(self.photos)})

    def propose(
        self, answers: Sequence[Answer], *, beliefs: PairPosterior | None = None, count: int = 1
    ) -> tuple[Question, ...]:
        """The next questions after `answers`.

        Args:
            answers: Those that stand, as `ChoiceLog.answers` or `read_answers` give them.
            beliefs: What is thought of the person so far; "informative" asks where it leaves most to learn.
            count: Of the questions.

        Returns:
            `count` questions; fewer where no pair is left.
        """
        random = np.random.default_rng([self.seed, len(answers)])
        asked = _Asked.of(answers)
        questions: list[Question] = []
        for _ in range(count):
            question = self._one(random, asked, beliefs)
            if question is None:
                break
            questions.append(question)
            asked = asked.plus(question)
        return tuple(questions)

    def _one(
        self, random: np.random.Generator, asked: "_Asked", beliefs: PairPosterior | None
    ) -> Question | None:
        kind = self.kind
        if kind == "both":
            kind = "renditions" if random.random() < self.renditions else "photos"
        candidates = self._candidates(kind, random, asked, 1 if self.strategy == "random" else None)
        if not candidates:
            return None
        if self.strategy == "informative" and beliefs is not None:
            mean, variance = beliefs.difference(candidates)
            return candidates[int(np.argmax(information_gain(mean, variance)))]
        if self.strategy == "diverse":
            return candidates[int(np.argmax(self._novelty(kind, candidates, asked)))]
        return candidates[0]

    def _candidates(
        self, kind: str, random: np.random.Generator, asked: "_Asked", count: int | None
    ) -> list[Question]:
        """Up to `count` different new questions of one kind, at random."""
        wanted = self.candidates if count is None else count
        alone = None if kind == "photos" else self._alone(asked)
        found: dict[frozenset[Rendition], Question] = {}
        for _ in range(wanted * _TRIES if wanted == 1 else wanted * 2):
            question = self._photos(random) if kind == "photos" else self._renditions(random, alone)
            key = frozenset((question.first, question.second))
            if key not in asked.pairs:
                found.setdefault(key, question)
            if len(found) == wanted:
                break
        if not found and kind == "photos":
            return self._leftover(random, asked)
        return list(found.values())

    def _photos(self, random: np.random.Generator) -> Question:
        first, second = random.choice(len(self.photos), 2, replace=False)
        return Question(Rendition(self.photos[first]), Rendition(self.photos[second]))

    def _alone(self, asked: "_Asked") -> int | None:
        """The slider that is to move alone now; None where several may."""
        if len(asked.renditions) % _ALONE_EVERY != _ALONE_EVERY - 1:
            return None
        pairs = asked.renditions[-_ALONE_KEPT:]
        moved = [self.variations.alone(first.recipe, second.recipe) for first, second in pairs]
        return min(range(len(self.variations.sliders)), key=moved.count)

    def _renditions(self, random: np.random.Generator, alone: int | None) -> Question:
        photo = self.photos[int(random.integers(len(self.photos)))]
        base = None if self.base is None else self.base(photo)
        return Question(*(Rendition(photo, recipe) for recipe in self.variations.pair(random, base, alone)))

    def _leftover(self, random: np.random.Generator, asked: "_Asked") -> list[Question]:
        """A pair of photos that was never asked, when nearly all have been; found by search."""
        for i in random.permutation(len(self.photos)):
            first = Rendition(self.photos[i])
            for j in random.permutation(len(self.photos)):
                second = Rendition(self.photos[j])
                if i != j and frozenset((first, second)) not in asked.pairs:
                    return [Question(first, second)]
        return []

    def _novelty(self, kind: str, candidates: Sequence[Question], asked: "_Asked") -> Floats:
        """How far each question lies from all that were asked, its two sides from each other included."""
        if kind == "renditions":
            here = np.array([self.variations.step(q.first.recipe, q.second.recipe) for q in candidates])
            past = [self.variations.step(first.recipe, second.recipe) for first, second in asked.renditions]
            if not past:
                return np.asarray(np.linalg.norm(here, axis=1), np.float64)
            # a step and its opposite ask the same
            before = np.array([*past, *(-step for step in past)])
            return _nearest(here, before)
        index = self._index
        known = [index[photo] for photo in asked.photos if photo in index][-_ASKED_KEPT:]
        left = np.array([index[q.first.photo] for q in candidates])
        right = np.array([index[q.second.photo] for q in candidates])
        unit = self._unit
        if unit is None:
            counts = np.bincount(np.array(known, dtype=np.intp), minlength=len(self.photos))
            return np.asarray(-(counts[left] + counts[right]), np.float64)
        apart = np.linalg.norm(unit[left] - unit[right], axis=1)
        if not known:
            return np.asarray(apart, np.float64)
        away = np.minimum(_nearest(unit[left], unit[known]), _nearest(unit[right], unit[known]))
        return np.asarray(np.minimum(apart, away), np.float64)


@dataclass(frozen=True)
class _Asked:
    """What was asked so far."""

    pairs: frozenset[frozenset[Rendition]]
    photos: tuple[str, ...]
    renditions: tuple[tuple[Rendition, Rendition], ...]

    @staticmethod
    def of(answers: Sequence[Answer]) -> "_Asked":
        pairs = []
        for answer in answers:
            if isinstance(answer, Choice):
                pairs.append((answer.winner, answer.loser))
            elif not isinstance(answer, Rating):
                pairs.append((answer.first, answer.second))
        return _Asked(
            frozenset(map(frozenset, pairs)),
            tuple(side.photo for pair in pairs for side in pair if pair[0].photo != pair[1].photo),
            tuple(pair for pair in pairs if pair[0].photo == pair[1].photo),
        )

    def plus(self, question: Question) -> "_Asked":
        pair = (question.first, question.second)
        same = question.first.photo == question.second.photo
        return _Asked(
            self.pairs | {frozenset(pair)},
            self.photos if same else (*self.photos, question.first.photo, question.second.photo),
            (*self.renditions, pair) if same else self.renditions,
        )


def information_gain(mean: Floats, variance: Floats) -> Floats:
    """Bits that the answer to each question is expected to tell, `(M,)`, in [0, 1].

    The answer is "first" with probability Phi(d), where d is normal with `mean` and `variance` in units of
    the answer's noise. BALD: entropy of the expected answer less the expected entropy of the answer,

        h(Phi(m / sqrt(v + 1))) - C exp(-m^2 / (2 (v + C^2))) / sqrt(v + C^2),   C = sqrt(pi ln 2 / 2)
    """
    from scipy.special import ndtr  # comes with scikit-learn

    mean, variance = np.asarray(mean, np.float64), np.maximum(np.asarray(variance, np.float64), 0)
    chance = np.clip(ndtr(mean / np.sqrt(variance + 1)), 1e-12, 1 - 1e-12)
    entropy = -(chance * np.log2(chance) + (1 - chance) * np.log2(1 - chance))
    square = np.pi * np.log(2) / 2
    expected = np.sqrt(square) * np.exp(-(mean**2) / (2 * (variance + square))) / np.sqrt(variance + square)
    return np.asarray(np.clip(entropy - expected, 0, 1), np.float64)


def _nearest(here: Floats, there: Floats) -> Floats:
    """The distance of each row of `here` to the nearest row of `there`."""
    squares = (here**2).sum(1)[:, None] - 2 * here @ there.T + (there**2).sum(1)
    return np.asarray(np.sqrt(np.maximum(squares.min(1), 0)), np.float64)

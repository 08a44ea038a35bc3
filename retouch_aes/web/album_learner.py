"""Between the page and `learn_gp`: how well the choices are predicted so far, and a taste with examples of
it.

The work is the library's; here it is only called, at most one call at a time, and told in the page's words.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from retouch_aes.editing.solve import Solution
from retouch_aes.errors import RetouchError
from retouch_aes.models import AestheticModel, load_model
from retouch_aes.models.edit_prior import EditPrior, load_prior
from retouch_aes.operators.describe import main_edits
from retouch_aes.photo import read
from retouch_aes.pipeline import Retoucher
from retouch_aes.preferences.acquisition import PairPosterior
from retouch_aes.preferences.answers import Answer, Choice, Rating
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import FeatureCache, default_cache_folder
from retouch_aes.taste.gp.learn import learn_gp
from retouch_aes.taste.gp.pair_posterior import GPPairPosterior
from retouch_aes.taste.gp.taste import GPTaste
from retouch_aes.web.album import Album
from retouch_aes.web.insight import AgreementEstimate
from retouch_aes.web.learning import Example, LearnedTaste, Say, Stopped
from retouch_aes.web.pictures import SIDES, Pictures

EXAMPLES = 6
SEEN_AT_ONCE, SEEN_AT_MOST = 16, 160
"""Photos that are looked at after every estimate, so that the next questions can be chosen among them."""

_PARTS = (("seeing photos", 0.0, 0.6), ("learning", 0.6, 0.62), ("checking", 0.62, 0.66))
_SHOWING = 0.66


class AlbumLearner:
    """Learns from answers about `album`; the taste goes into the file `target`. The model is `name`'s."""

    def __init__(
        self,
        album: Album,
        pictures: Pictures,
        target: Path,
        *,
        believe: Callable[[PairPosterior, Sequence[str]], None] | None = None,
        name: str = "aesthetic",
    ) -> None:
        self.album, self.pictures, self.target, self.name = album, pictures, target, name
        self._believe = believe
        self._order = _apart(album.photos, set())
        self._seen: list[str] = []
        self._lock = threading.Lock()
        self._model: AestheticModel | None = None
        self._prior: EditPrior | None = None

    def estimate(self, answers: Sequence[Answer], going: Callable[[], bool]) -> AgreementEstimate | None:
        """How well the choices are predicted by each other; see `Estimator`."""

        def watch(*_: object) -> None:
            if not going():
                raise Stopped

        try:
            with self._lock:
                taste = self._learn(answers, watch)
            self._pass_on(taste, watch)
        except Stopped:
            return None
        card = taste.card
        if "agreement" not in card.metrics:
            return None
        pairs = len([answer for answer in answers if isinstance(answer, Choice)])
        return AgreementEstimate(
            pairs, card.metrics["agreement"], card.metrics["generic_agreement"], card.says_little
        )

    def learn(self, answers: Sequence[Answer], say: Say) -> LearnedTaste:
        """The taste, stored; and six photos before, as anyone would like them, and as this person would."""

        def told(stage: str, done: int, of: int) -> None:
            start, end = next(((a, b) for name, a, b in _PARTS if name == stage), (0.0, 0.0))
            say(start + (end - start) * done / max(1, of), f"{stage.capitalize()}: {done} of {of}")

        say(0.0, "Finishing the estimate first" if self._lock.locked() else "Getting ready")
        with self._lock:
            taste = self._learn(answers, told)
            taste.save(self.target)
            examples = self._examples(taste, answers, say)
        return LearnedTaste(_summary(taste, self.target), examples)

    def _pass_on(self, taste: GPTaste, watch: Callable[..., None]) -> None:
        """Look at some more photos, and tell what is believed of those that were looked at."""
        if self._believe is None:
            return
        model, _ = self._tools()
        feature_cache = FeatureCache(model, self.album.folder, cache=default_cache_folder())
        for photo in self._order[len(self._seen) :][:SEEN_AT_ONCE]:
            watch()
            if len(self._seen) >= SEEN_AT_MOST:
                break
            try:
                feature_cache.see([Rendition(self.album.name(photo))])
            except (RetouchError, OSError):
                self._order.remove(photo)
                continue
            self._seen.append(photo)
        # a feature cache of its own: it is asked from another thread
        self._believe(
            GPPairPosterior(taste, FeatureCache(model, self.album.folder, cache=default_cache_folder())),
            self._seen,
        )

    def _learn(self, answers: Sequence[Answer], progress: Progress) -> GPTaste:
        model, _ = self._tools()
        known = [answer for answer in answers if all(self.album.key(side) for side in _sides(answer))]
        return learn_gp(
            known,
            self.album.folder,
            model,
            model_name=self.name,
            cache=default_cache_folder(),
            progress=progress,
        )

    def _tools(self) -> tuple[AestheticModel, EditPrior]:
        """The generic model and the edit prior, loaded when first needed."""
        if self._model is None or self._prior is None:
            self._model = load_model(self.name).requires_grad_(False)
            self._prior = load_prior("edit-prior").requires_grad_(False)
        return self._model, self._prior

    def _examples(self, taste: GPTaste, answers: Sequence[Answer], say: Say) -> tuple[Example, ...]:
        model, prior = self._tools()
        retouchers = {
            "generic": Retoucher(model, prior=prior),
            "personal": Retoucher(model, taste=taste, prior=prior),
        }
        photos = _apart(self.album.photos, {side.photo for answer in answers for side in _sides(answer)})
        found: list[Example] = []
        for photo in photos:
            if len(found) == EXAMPLES:
                break
            say(
                _SHOWING + (1 - _SHOWING) * len(found) / EXAMPLES,
                f"Retouching {len(found) + 1} of 6 examples",
            )
            try:
                opened = read(self.album.path(Rendition(photo)))
                solutions = {name: one.solve(one.proxy(opened), opened) for name, one in retouchers.items()}
            except (RetouchError, OSError):  # one that cannot be read is no example
                continue
            found.append(self._example(photo, solutions))
        return tuple(found)

    def _example(self, photo: str, solutions: dict[str, Solution]) -> Example:
        renditions = {"before": Rendition(photo)}
        renditions |= {name: Rendition(photo, one.recipe) for name, one in solutions.items()}
        sizes = [self.pictures.get(one, SIDES[2]) for one in renditions.values()]
        texts = {name: main_edits(one.recipe) or "left alone" for name, one in solutions.items()}
        keys = {name: self.album.key(one) for name, one in renditions.items()}
        return Example(photo, sizes[0].width, sizes[0].height, keys, texts)


def _sides(answer: Answer) -> tuple[Rendition, ...]:
    if isinstance(answer, Rating):
        return (answer.photo,)
    return (answer.winner, answer.loser) if isinstance(answer, Choice) else (answer.first, answer.second)


def _apart(photos: Sequence[str], known: set[str]) -> list[str]:
    """`photos` in a drawn order that is always the same, those not asked about first."""
    order = np.random.default_rng(0).permutation(len(photos))
    return sorted((photos[index] for index in order), key=lambda photo: photo in known)


def _summary(taste: GPTaste, target: Path) -> str:
    card = taste.card
    lines = []
    if "agreement" in card.metrics:
        chance = ", which may be chance" if card.says_little else ""
        lines.append(
            f"{card.metrics['agreement']:.0%} of your answers are predicted by the others, "
            f"{card.metrics['generic_agreement']:.0%} without learning{chance}."
        )
    if card.says_little:
        lines.append("These answers say little so far: a few more will help.")
    lines.extend(f"{note[:1].upper()}{note[1:]}." for note in card.notes)
    lines.append(f"Saved in {target}.")
    return " ".join(lines)

"""From answers to a whole model of one person, trained as the paper has it (`taste.finetune.training`).

    taste = learn_finetuned(answers, FeatureCache(load_model("aesthetic"), "photos/"), HEAD, pool=pool)
    taste.save("me.taste")

Ratings count as choices between photos rated differently, as in the paper's protocol. With `HEAD` the pairs
are checked by leaving a fifth of them out in turn; the whole network takes too long for that.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from retouch_aes.errors import UsageError
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.weights import ModelCard
from retouch_aes.preferences.answers import Answer, Choice, Rating
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.progress import Progress
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.finetune.anchored import learn_offset
from retouch_aes.taste.finetune.held_out import hold_out
from retouch_aes.taste.finetune.taste import FinetunedTaste
from retouch_aes.taste.finetune.training import HEAD, FinetuneSchedule, finetune
from retouch_aes.taste.rated_pool import NEIGHBOURS, RatedPool

MOST_PAIRS = 100
_ALL_PAIRS = 2000


def learn_finetuned(
    answers: Iterable[Answer],
    feature_cache: FeatureCache,
    schedule: FinetuneSchedule = HEAD,
    *,
    pool: RatedPool | None = None,
    generic_card: ModelCard | None = None,
    progress: Progress | None = None,
    start: AestheticModel | None = None,
    folder: Path | None = None,
) -> FinetunedTaste:
    """The taste behind `answers` about photos under the folder of `feature cache`.

    `start` and `folder` are `finetune`'s; see there for errors, too.

    Its metrics are `agreement` and `generic_agreement`, shares of the pairs left out; empty where unchecked.
    `generic_card` is that of the model it starts from: the licence and the data carry over.
    """
    given = tuple(answers)
    preferences = _preferences(given, schedule.seed)
    held = None
    if not schedule.whole:
        held = hold_out(preferences, feature_cache, schedule, pool=pool, progress=progress)
    metrics: dict[str, float] = {}
    stop: tuple[str, ...] = ()
    if held is not None:
        reached = held.epochs[held.best] if schedule.held_out else held.end
        metrics = {"agreement": reached, "generic_agreement": held.start}
    if held is not None and schedule.held_out:
        stage, epoch = held.best
        stop = (f"stopped by pairs left out: {f'{stage}, epoch {epoch}' if epoch else 'at the start'}",)
        schedule = held.shortened(schedule)
    model = finetune(
        preferences,
        feature_cache,
        pool=pool,
        schedule=schedule,
        progress=progress,
        start=start,
        folder=folder,
    )
    begun = (start or feature_cache.model).fingerprint
    told = _of_pool(pool, schedule.neighbours)
    return _taste(model, begun, feature_cache, given, preferences, told, metrics, stop, generic_card)


def learn_anchored(
    answers: Iterable[Answer],
    feature_cache: FeatureCache,
    *,
    pool: RatedPool | None = None,
    generic_card: ModelCard | None = None,
    progress: Progress | None = None,
) -> FinetunedTaste:
    """The taste behind `answers`, an offset to the score of `feature_cache`. Errors are `learn_offset`'s."""
    given = tuple(answers)
    preferences = _preferences(given, 0)
    found = learn_offset(preferences, feature_cache, pool=pool, progress=progress)
    stop = (f"stopped by pairs of photos left out: at {found.stopped}",)
    told, begun = _of_pool(pool, NEIGHBOURS), feature_cache.fingerprint
    return _taste(
        found.model, begun, feature_cache, given, preferences, told, found.metrics, stop, generic_card
    )


def _preferences(given: Sequence[Answer], seed: int) -> PreferenceGraph:
    """What choices and ratings say of pairs. `UsageError` where that is nothing."""
    choices = [a for a in given if isinstance(a, Choice)]
    choices += ratings_as_choices([a for a in given if isinstance(a, Rating)], seed=seed)
    preferences = PreferenceGraph.of(choices)
    if not preferences.pairs:
        raise UsageError(
            "expected a choice that is not contradicted, or two photos rated differently, got none; "
            "make some more choices first"
        )
    return preferences


def _of_pool(pool: RatedPool | None, neighbours: int) -> str:
    if pool is None:
        return "no pool: the generic model stands in for the ratings of similar photos"
    return f"the {neighbours} nearest of {len(pool)} rated photos came first"


def _taste(
    model: AestheticModel,
    begun: str,
    feature_cache: FeatureCache,
    given: Sequence[Answer],
    preferences: PreferenceGraph,
    told: str,
    metrics: dict[str, float],
    stop: tuple[str, ...],
    generic_card: ModelCard | None,
) -> FinetunedTaste:
    """`model`, which started as the one with the fingerprint `begun`, with all that is to be said of it."""
    stated, inferred = len(preferences.stated), len(preferences.inferred)
    provenance = (
        f"one person's taste, learned by retouch_aes from {stated} pairs and {inferred} inferred ones, "
        f"starting from the model with fingerprint {begun}; {told}"
    )
    licence, data = (generic_card.licence, generic_card.data) if generic_card else ("not stated", ())
    unchecked = () if metrics else ("not checked on pairs left out",)
    known = TasteCard(
        model=str(getattr(model, "short_name", type(model).__name__)),
        fingerprint=feature_cache.fingerprint,
        choices=stated,
        ratings=sum(isinstance(answer, Rating) for answer in given),
        metrics=metrics,
        says_little=bool(metrics) and metrics["agreement"] <= metrics["generic_agreement"],
        notes=(f"{inferred} inferred pairs", told, *stop, *unchecked, *preferences.report()),
    )
    return FinetunedTaste(model, ModelCard(licence, provenance, data, dict(metrics)), known)


def ratings_as_choices(ratings: Sequence[Rating], *, most: int = MOST_PAIRS, seed: int = 0) -> list[Choice]:
    """Up to `most` random pairs of unequal ratings, as choices; the same for the same seed."""
    random = np.random.default_rng(seed)
    if len(ratings) > _ALL_PAIRS:  # of more there are too many pairs to list
        ratings = [ratings[n] for n in random.permutation(len(ratings))[:_ALL_PAIRS]]
    i, j = np.triu_indices(len(ratings), 1)
    scores = np.array([rating.score for rating in ratings])
    unequal = np.flatnonzero(scores[i] != scores[j]) if len(ratings) > 1 else np.zeros(0, np.intp)
    chosen = random.permutation(unequal)[:most]
    pairs = [(ratings[i[n]], ratings[j[n]]) for n in chosen if ratings[i[n]].photo != ratings[j[n]].photo]
    ordered = [(a, b) if a.score > b.score else (b, a) for a, b in pairs]
    return [Choice(winner.photo, loser.photo, time="") for winner, loser in ordered]

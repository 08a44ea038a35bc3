"""One person by any method of the papers: from answers about photos to a score that can be stored.

    study      the photos of the answers, and of a population where one is given, as `generic` sees them
    evidence   ratings as they are; of choices the strengths that explain them best, and the pairs
    model      the method fitted to that, over `generic`

The strengths `s` of photos that were only compared are the most probable ones, given the generic scores `g`:

    min_s  sum_pairs log(1 + exp(s_loser - s_winner)) + sum_photos (s - g)^2 / 2

What was learned is checked by leaving a fifth of the photos out in turn: how many pairs of a photo left out
are ordered as the person orders them, by the method and by the generic score.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from retouch_aes.datasets import RatedDataset, Ratings
from retouch_aes.datasets.problems import refuse
from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.executors import Executor
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.papers import methods
from retouch_aes.papers.common.map_method import pooled_maps
from retouch_aes.papers.method import Floats, Indices, Method, PersonEvidence, Study
from retouch_aes.papers.pam.attributes import attributes
from retouch_aes.papers.pam.content import CLUSTERS, ContentClusters
from retouch_aes.papers.personal.study_backbone import StudyBackbone
from retouch_aes.photo.finding import as_on_disk
from retouch_aes.preferences.answers import Answer
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.progress import Progress
from retouch_aes.user_cache import user_cache

FOLDS = 5
MOST_PAIRS = 100
_LEAST = 3


@dataclass(frozen=True, eq=False)
class Said:
    """What a person said of M photos: `photos` (M), a score of each `(M,)` in [1, 10], `pairs` `(N, 2)`.

    Pairs are (winner, loser), places in `photos`; `choices` of them were stated, and `ratings` photos rated.
    """

    photos: tuple[Path, ...]
    scores: Floats
    pairs: Indices
    choices: int
    ratings: int


@dataclass(frozen=True, eq=False)
class LearnedByMethod:
    """The person's `model`, what they `said`, and how well that predicts answers left out: `metrics`."""

    model: AestheticModel
    method: str
    said: Said
    metrics: dict[str, float]


def learn_by_method(
    name: str,
    answers: Iterable[Answer],
    folder: str | Path,
    generic: AestheticModel,
    *,
    population: RatedDataset | None = None,
    cache: Path | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> LearnedByMethod:
    """A person by the method of that short name.

    Args:
        name: One of `retouch_aes.papers.methods()`.
        answers: Choices and ratings of whole photos.
        folder: What the photos of the answers are relative to.
        generic: The score that is learned on; it needs features, and maps for some methods.
        population: Other people's ratings, which some methods need; None: nobody's.
        cache: Where what was seen of photos is kept.
        seed: Of every draw.
        executor: Who looks at the photos; None does it here.
        progress: Told of photos seen and of checks.

    Returns:
        The model, frozen, and what is known of it.

    Raises:
        UsageError: No such method, too few answers, edited renditions, a method that needs a population and
            has none, or that has no differentiable score.
        DatasetError: Photos that are missing, all of them.
    """
    known = methods()
    if name not in known:
        raise UsageError(f"expected a method out of {', '.join(known)}, got {name!r}")
    method = known[name]()
    backbone = StudyBackbone(generic, name, executor=executor)
    photos, graph = _photos(answers, Path(folder))
    study, places = _study(backbone, photos, population, method, cache, seed, progress)
    said = _said(graph, photos, Path(folder), study.score[places], seed)
    method.prepare(study)
    metrics = _checked(method, study, said, places, seed, progress)
    method.fit(study, _evidence(said, places, np.arange(len(photos))), seed)
    model = method.model(generic).to(device_of(generic)).requires_grad_(False).eval()
    return LearnedByMethod(model, method.name, said, metrics)


def said_of(
    answers: Iterable[Answer],
    folder: Path,
    backbone: StudyBackbone,
    cache: Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Said, Floats]:
    """What `answers` say, and the generic scores of those photos; errors as of `learn_by_method`."""
    photos, graph = _photos(answers, folder)
    scores = backbone.see(photos, cache, progress=progress).score
    if scores is None:
        raise UsageError("expected a model with a score, got a backbone without")
    return _said(graph, photos, folder, scores, seed), scores


def strengths(pairs: Indices, generic: Floats) -> Floats:
    """Scores `(M,)` in [1, 10] that explain `pairs` `(N, 2)` best, given the generic ones `(M,)`."""
    from scipy.optimize import minimize  # comes with scikit-learn

    winner, loser = pairs.T

    def objective(scores: Floats) -> tuple[float, Floats]:
        away, behind = scores - generic, scores[loser] - scores[winner]
        wrong = 1 / (1 + np.exp(-behind))
        slope = away + np.bincount(loser, wrong, len(scores)) - np.bincount(winner, wrong, len(scores))
        return float(np.logaddexp(0, behind).sum() + away @ away / 2), slope

    found = minimize(objective, generic, jac=True, method="L-BFGS-B")
    return np.clip(np.asarray(found.x, np.float64), 1, SCORES)


def _photos(answers: Iterable[Answer], folder: Path) -> tuple[tuple[Path, ...], PreferenceGraph]:
    graph = PreferenceGraph.of(answers)
    renditions = [side for pair in graph.stated for side in pair] + [one.photo for one in graph.ratings]
    if any(rendition.recipe is not None for rendition in renditions):
        raise UsageError(
            "expected choices between whole photos, got some between edits; gp learns from those"
        )
    found = tuple(dict.fromkeys(as_on_disk(folder / rendition.photo) for rendition in renditions))
    if len(found) < _LEAST:
        raise UsageError(f"expected answers about {_LEAST} photos at least, got {len(found)}")
    missing = [f"photo not found: {photo}" for photo in found if not photo.is_file()]
    refuse(folder, missing, "expected all photos of the answers")
    return found, graph


def _said(graph: PreferenceGraph, photos: Sequence[Path], folder: Path, generic: Floats, seed: int) -> Said:
    place = {photo: index for index, photo in enumerate(photos)}
    stated = [
        tuple(place[as_on_disk(folder / side.photo)] for side in (pair.winner, pair.loser))
        for pair in graph.stated
    ]
    pairs = np.array(stated, np.intp).reshape(-1, 2)
    rated = np.array([place[as_on_disk(folder / one.photo.photo)] for one in graph.ratings], np.intp)
    scores = strengths(pairs, generic) if len(pairs) else generic.copy()
    if len(rated):
        given = np.array([one.score for one in graph.ratings])
        counts = np.bincount(rated, minlength=len(photos))
        means = np.bincount(rated, given, len(photos)) / np.maximum(counts, 1)
        scores = np.where(counts > 0, means, scores)
        first, second = np.triu_indices(len(photos), 1)
        both = np.flatnonzero((counts[first] > 0) & (counts[second] > 0) & (means[first] != means[second]))
        drawn = np.random.default_rng(seed).permutation(both)[:MOST_PAIRS]
        first, second = first[drawn], second[drawn]
        better = means[first] > means[second]
        more = np.stack([np.where(better, first, second), np.where(better, second, first)], 1)
        pairs = np.concatenate([pairs, more.astype(np.intp)])
    return Said(tuple(photos), scores, pairs, len(stated), len(graph.ratings))


def _study(
    backbone: StudyBackbone,
    photos: Sequence[Path],
    population: RatedDataset | None,
    method: Method,
    cache: Path | None,
    seed: int,
    progress: Progress | None,
) -> tuple[Study, Indices]:
    """The study, and the places of `photos` in it."""
    others = _NOBODY if population is None else population.single_ratings()
    pooled = pooled_maps([method], user_cache("maps"))
    looked: dict[str, Any] = {"progress": progress}
    if pooled is None:
        looked["maps"] = method.maps
    else:
        looked["each_maps"] = pooled.append
    parts = []
    if len(others):
        theirs = backbone.see(others.photos, cache, failed=lambda *_: None, **looked)
        sound = theirs.readable()
        others = others.subset([p for p, kept in zip(others.photos, sound, strict=True) if kept])
        parts.append(theirs.rows(sound))
    parts.append(backbone.see(tuple(photos), cache, **looked))
    features = np.concatenate([part.features for part in parts])
    scores = np.concatenate([part.score for part in parts if part.score is not None])
    traits = parts[-1].traits
    content: Callable[[Tensor], Tensor]
    if traits is not None and traits.contents:
        content = copy.deepcopy(traits).cpu().content
    else:
        content = ContentClusters.of(torch.from_numpy(features), min(CLUSTERS, len(features) - 1), seed)
    raw = zip(*(part.maps for part in parts if isinstance(part.maps, tuple)), strict=True)
    study = Study(
        features=features,
        score=scores,
        attributes=np.concatenate([part.attributes for part in parts]),
        content=content(torch.from_numpy(features)).double().numpy(),
        maps=pooled or tuple(torch.cat(level) for level in raw),
        population=others,
        population_index=np.arange(len(others.photos)),
        measure=attributes if traits is None else traits.attributes_of,
        cluster=content,
        distributions=None if population is None else population.histograms_of(others.photos),
    )
    return study, np.arange(len(features) - len(photos), len(features))


def _evidence(said: Said, places: Indices, kept: Indices) -> PersonEvidence:
    """What was said of the `kept` photos alone, as places in the study."""
    inside = np.isin(said.pairs, kept).all(1)
    return PersonEvidence(places[kept], said.scores[kept], places[said.pairs[inside]])


def _checked(
    method: Method, study: Study, said: Said, places: Indices, seed: int, progress: Progress | None
) -> dict[str, float]:
    """Agreement with the pairs of photos left out; empty where there are too few."""
    order = np.random.default_rng([seed, 19]).permutation(len(places))
    right: list[bool] = []
    generic: list[bool] = []
    for fold in range(FOLDS):
        out, kept = order[fold::FOLDS], np.setdiff1d(order, order[fold::FOLDS])
        asked = said.pairs[np.isin(said.pairs, out).any(1)]
        evidence = _evidence(said, places, kept)
        if len(asked) and len(kept) >= _LEAST and len(evidence.pairs):
            method.fit(study, evidence, seed)
            found = method.predict(study, places[asked.ravel()]).reshape(-1, 2)
            right += (found[:, 0] > found[:, 1]).tolist()
            plain = study.score[places[asked]]
            generic += (plain[:, 0] > plain[:, 1]).tolist()
        if progress is not None:
            progress("checking", fold + 1, FOLDS)
    return {"agreement": float(np.mean(right)), "generic_agreement": float(np.mean(generic))} if right else {}


_NOBODY = Ratings((), (), np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0), (1.0, float(SCORES)))

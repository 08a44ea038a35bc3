"""From answers to a taste.

    answers -> what the generic model and the look see of each rendition (cached)
            -> posterior of a Gaussian process on what the person adds to the generic score
            -> cross-validation over the answers: does it predict them better than the generic score does?

About 100 choices take seconds once their photos have been seen. The result is the same for the same answers.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.models.model import AestheticModel
from retouch_aes.preferences.answers import Answer, Choice, Rating, Skip, Tie
from retouch_aes.preferences.choice_log import to_line
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.gp.covariance import CovarianceSettings, GPInputs, covariance, linear_terms, prior_mean
from retouch_aes.taste.gp.covariance_files import FittedCovariance, default_covariance, find_covariance
from retouch_aes.taste.gp.cross_validation import GatheredAnswers, cross_validate
from retouch_aes.taste.gp.evidence import StyleEvidence
from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.likelihood import CHOICE, RATING, TIE, Observations
from retouch_aes.taste.gp.low_rank import low_rank_posterior, partial_cholesky
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.gp.taste import GPTaste, PosteriorKnowledge, compressed

SAME = 0.8


def learn_gp(
    answers: Iterable[Answer],
    photos: str | Path,
    model: AestheticModel,
    *,
    model_name: str = "aesthetic",
    fitted: FittedCovariance | None = None,
    cache: str | Path | None = None,
    progress: Progress | None = None,
) -> GPTaste:
    """The taste behind `answers` (see `read_answers`) about photos under the folder `photos`.

    `model` is the generic one. `fitted` is found for it, or made from the answered photos. `cache` keeps what
    was seen of photos (`default_cache_folder()` is the command line's). `progress(stage, done, of)` is called
    often; it may raise to stop. `UsageError` where nothing was said, `DatasetError` for missing photos.
    """
    feature_cache = FeatureCache(model, photos, cache=cache)
    return learn_gp_cached(answers, feature_cache, model_name=model_name, fitted=fitted, progress=progress)


def learn_gp_cached(
    answers: Iterable[Answer],
    feature_cache: FeatureCache,
    *,
    model_name: str = "aesthetic",
    fitted: FittedCovariance | None = None,
    progress: Progress | None = None,
) -> GPTaste:
    """As `learn_gp`, with a `feature cache` that may have seen some of the renditions already."""
    answers = tuple(answers)
    said = [answer for answer in answers if _says(answer)]
    if not said:
        raise UsageError("expected a choice, tie or rating at least, got none; make some choices first")
    preferences = PreferenceGraph.of(answers)
    renditions = preferences.renditions
    features, score, styles = feature_cache.see(renditions, progress)
    origins = feature_cache.see([Rendition(rendition.photo) for rendition in renditions], progress)[2]
    notes = list(preferences.report())
    fingerprint = feature_cache.fingerprint
    fitted = fitted or find_covariance(fingerprint)
    if fitted is None:
        fitted = default_covariance(features, fingerprint)
        notes.append("no covariance comes with this model, so one was made from these photos: expect less")
    evidence = gather_answers(said, features, score, styles, origins, fitted)
    found = fit_posterior(evidence, fitted.settings, progress)
    adjustment = posterior_adjustment(fitted, found)
    liked = adjustment.score(features.float(), score.float(), styles.float(), fitted.settings.ranking_share)
    checked = cross_validate(evidence, fitted.settings, progress)
    card = TasteCard(
        model=model_name,
        fingerprint=fingerprint,
        choices=sum(isinstance(answer, Choice | Tie) for answer in said),
        ratings=sum(isinstance(answer, Rating) for answer in said),
        answers_hash=hashlib.sha256(b"".join(_timeless(answer) for answer in said)).hexdigest()[:16],
        metrics={**checked.metrics, "liked_from": float(liked.median())},
        curve=checked.curve,
        says_little=checked.says_little,
        notes=tuple(notes),
    )
    sure = StyleEvidence.of(found.views, found.posterior, fitted.settings)
    return GPTaste(adjustment, card, found, evidence=sure)


def _says(answer: Answer) -> bool:
    """Whether a person said something: no skip, and no choice that a program inferred from others."""
    return not isinstance(answer, Skip) and not (isinstance(answer, Choice) and not answer.stated)


def gather_answers(
    answers: Sequence[Answer],
    features: Tensor,
    score: Tensor,
    styles: Tensor,
    origins: Tensor,
    fitted: FittedCovariance,
) -> GatheredAnswers:
    """The evidence in `answers`; rows of the tensors are their renditions in order of first mention.

    `origins` are the style features of their photos as they are. For two files of one picture their mean
    stands in."""
    renditions = PreferenceGraph.of(answers).renditions
    place = {rendition: i for i, rendition in enumerate(renditions)}
    content = fitted.basis(features.float()).half().double()  # as the file will hold it
    index: dict[tuple[int, float, int], int] = {}

    def row(rendition: Rendition, share: float, partner: int) -> int:
        """The row of a rendition; `partner` is the one it shares a reference with, itself, or -1 for none."""
        return index.setdefault((place[rendition], share, partner), len(index))

    rows: list[tuple[int, int, int, float, float]] = []
    settings = fitted.settings
    for answer in answers:
        if isinstance(answer, Rating):
            rows.append(
                (RATING, row(answer.photo, settings.ranking_share, -1), -1, answer.score, settings.noise)
            )
        elif isinstance(answer, Choice | Tie):
            choice = isinstance(answer, Choice)
            pair = (
                (answer.winner, answer.loser) if isinstance(answer, Choice) else (answer.first, answer.second)
            )
            alone = same_picture(pair, content[place[pair[0]]], content[place[pair[1]]])
            noise = settings.style_noise if alone else settings.noise
            here, there = place[pair[0]], place[pair[1]]
            if not alone:
                first, second = (row(side, settings.ranking_share, -1) for side in pair)
            elif pair[0].photo == pair[1].photo:
                first, second = row(pair[0], 1.0, here), row(pair[1], 1.0, there)
            else:
                first, second = row(pair[0], 1.0, there), row(pair[1], 1.0, here)
            rows.append((CHOICE if choice else TIE, first, second, 0.0, noise))
    columns = list(zip(*rows, strict=True))
    whole = (torch.tensor(column, dtype=torch.long) for column in columns[:3])
    real = (torch.tensor(column, dtype=torch.float64) for column in columns[3:])
    kept = torch.tensor([i for i, _, _ in index])
    share = torch.tensor([share for _, share, _ in index], dtype=torch.float64)
    styles, origins = styles.double(), origins.double()
    reference = torch.stack([_reference(i, partner, styles, origins) for i, _, partner in index])
    views = GPInputs(content[kept], score.double()[kept], styles[kept], reference, share)
    return GatheredAnswers(views, Observations(*whole, *real).merged())


def _reference(own: int, partner: int, styles: Tensor, origins: Tensor) -> Tensor:
    if partner < 0:
        return torch.zeros_like(styles[own])
    return origins[own] if partner == own else (styles[own] + styles[partner]) / 2


def same_picture(pair: tuple[Rendition, Rendition], one: Tensor, other: Tensor) -> bool:
    """Whether two renditions show one picture: one photo, or files whose contents `(R,)` are nearly the same.

    A photo and its retouch by somebody are two files; what is preferred about one is its look.
    """
    return pair[0].photo == pair[1].photo or float(one @ other) > SAME


def fit_posterior(
    evidence: GatheredAnswers, settings: CovarianceSettings, progress: Progress | None = None
) -> PosteriorKnowledge:
    """The posterior over the renditions of `evidence`; where there are many, over some that stand for all."""
    if progress is not None:
        progress("learning", 0, 1)
    views, expected = evidence.views, prior_mean(evidence.views, settings)
    if evidence.large:
        factor, pivots = partial_cholesky(views, settings)
        found = low_rank_posterior(evidence.observations, factor, pivots, expected)
        views = views.part(pivots)
    else:
        found = laplace_posterior(evidence.observations, covariance(views, views, settings), expected)
    if progress is not None:
        progress("learning", 1, 1)
    return PosteriorKnowledge(views, found)


def posterior_adjustment(fitted: FittedCovariance, known: PosteriorKnowledge) -> Adjustment:
    """What the posterior mean adds to the generic score, in the form that a model computes."""
    settings, views, found = fitted.settings, known.views, known.posterior
    plain = linear_terms(views, settings).T @ found.weights
    linear, quadratic, cross = torch.split(plain[2:], views.style.shape[1])
    scale = plain[:2] * plain.new_tensor([settings.offset, settings.slope]).sqrt()
    adjustment = Adjustment(
        basis=fitted.basis,
        points=views.content.float(),
        weights=found.weights.float(),
        scale=scale.float(),
        style_linear=(settings.style_linear**0.5 * linear).float(),
        style_quadratic=(settings.expected_quadratic + settings.style_quadratic**0.5 * quadratic).float(),
        style_cross=(settings.expected_cross + settings.style_cross**0.5 * cross).float(),
        settings=settings,
    )
    return compressed(adjustment)


def _timeless(answer: Any) -> bytes:
    values = {name: value for name, value in vars(answer).items() if name != "time"}
    return to_line(type(answer)(**values, time=""))

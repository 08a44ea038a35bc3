"""Learn a covariance from other people: which settings predict people best from a few of their answers.

Every person of a set of ratings plays the newcomer: some of their ratings are given as such, or as choices
between photos they rated differently, and the rest is to be predicted. The photos asked about are of other
themes than those predicted in one half of the trials, and any in the other. The settings are moved one after
the other along a grid, to the largest mean gain in Spearman's rho over the generic score. The noise of a
rating sets the scale and is taken as it is; how much the look counts between renditions of one photo cannot
be learned from ratings, only how much of it is heard between photos.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, GPInputs, covariance, prior_mean
from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.likelihood import CHOICE, RATING, Observations

GRID: Mapping[str, Sequence[float]] = {
    "content": (0.7, 1.5, 3.0, 6.0, 12.0),
    "length": (0.5, 0.7, 1.0, 1.4),
    "slope": (0.03, 0.1, 0.3),
    "ranking_share": (0.0, 0.05, 0.1, 0.2),
}
SIZES = (10, 30, 100)
MOST_CHOICES = 100
_LEAST_TEST = 8


@dataclass(frozen=True)
class RatedPerson:
    """One person's ratings: indices of photos `(N,)` and scores `(N,)` in [1, 10]."""

    photos: NDArray[np.intp]
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class TuningTrial:
    """What one person says, and what to predict: `learn` as observations on photos, `test` indices."""

    observations: Observations
    photos: Tensor
    test: Tensor
    truth: NDArray[np.float64]


def observe_ratings(scores: NDArray[np.float64], noise: float) -> Observations:
    """Ratings `(N,)` as observations on N things."""
    count = len(scores)
    return Observations(
        torch.full((count,), RATING),
        torch.arange(count),
        torch.full((count,), -1),
        torch.from_numpy(np.asarray(scores, np.float64)),
        torch.full((count,), noise, dtype=torch.float64),
    )


def observe_choices(
    scores: NDArray[np.float64], noise: float, random: np.random.Generator, most: int = MOST_CHOICES
) -> Observations:
    """Up to `most` random pairs with unequal ratings, as choices between them: the protocol of the paper."""
    i, j = np.triu_indices(len(scores), 1)
    sign = np.sign(scores[i] - scores[j])
    kept = random.permutation(np.flatnonzero(sign))[:most]
    winner, loser = np.where(sign > 0, i, j)[kept], np.where(sign > 0, j, i)[kept]
    return Observations(
        torch.full((len(kept),), CHOICE),
        torch.from_numpy(winner),
        torch.from_numpy(loser),
        torch.zeros(len(kept), dtype=torch.float64),
        torch.full((len(kept),), noise, dtype=torch.float64),
    )


def draw_trial(
    person: RatedPerson,
    held: NDArray[np.bool_] | None,
    size: int,
    random: np.random.Generator,
    noise: float,
    *,
    choices: bool,
) -> TuningTrial | None:
    """One draw: `size` of a person's photos to learn from, the rest to predict; None where too few remain.

    With `held` `(P,)`, photos marked there are only predicted, and others only learned from.
    """
    order = random.permutation(len(person.photos))
    if held is None:
        known, test = order[:size], order[size:]
    else:
        away = held[person.photos[order]]
        known, test = order[~away][:size], order[away]
    if len(test) < _LEAST_TEST or len(known) < min(size, _LEAST_TEST) or np.ptp(person.scores[test]) == 0:
        return None
    scores = person.scores[known]
    observations = observe_choices(scores, noise, random) if choices else observe_ratings(scores, noise)
    if not len(observations):
        return None
    photos, tested = torch.from_numpy(person.photos[known]), torch.from_numpy(person.photos[test])
    return TuningTrial(observations, photos, tested, person.scores[test])


def predict_scores(one: TuningTrial, matrix: Tensor, expected: Tensor) -> NDArray[np.float64]:
    """The person's scores for the photos to predict, from the covariance `(P, P)` and mean of all photos."""
    here = matrix[one.photos]
    found = laplace_posterior(one.observations, here[:, one.photos], expected[one.photos])
    return np.asarray((expected[one.test] + here[:, one.test].T @ found.weights).numpy(), np.float64)


def rank_correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Spearman's rho; 0 where either says nothing."""
    from scipy.stats import rankdata  # comes with scikit-learn

    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])


def tune_covariance(
    features: Tensor,
    score: Tensor,
    styles: Tensor,
    people: Sequence[RatedPerson],
    held: Sequence[NDArray[np.bool_]],
    *,
    start: CovarianceSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[FeatureBasis, CovarianceSettings, float]:
    """A basis from `features` `(P, D)`, the best settings for `people`, and their mean gain in rho.

    `held` are masks `(P,)` of themes kept apart, one drawn for each person in turn.
    """
    if len(people) < 10 or not held:
        raise UsageError(f"expected ten people and a theme split at least, got {len(people)} and {len(held)}")
    basis = FeatureBasis.of(features)
    settings = start or CovarianceSettings()
    styles, score = styles.double(), score.double()
    unit = basis(features.double())
    trials = _trials(people, held, settings.noise, seed)
    if not trials:
        raise UsageError(
            f"expected people who rated more photos, got {len(people)} with too few to be tried on"
        )
    before = np.array([rank_correlation(score[one.test].numpy(), one.truth) for one in trials])
    tried: dict[CovarianceSettings, float] = {}

    def gain(candidate: CovarianceSettings) -> float:
        if candidate not in tried:
            views = GPInputs(unit, score, styles, 0 * styles, torch.full_like(score, candidate.ranking_share))
            matrix, expected = covariance(views, views, candidate), prior_mean(views, candidate)
            after = [rank_correlation(predict_scores(one, matrix, expected), one.truth) for one in trials]
            tried[candidate] = float(np.mean(np.array(after) - before))
            if progress is not None:
                progress("tuning", len(tried), 2 * sum(map(len, GRID.values())))
        return tried[candidate]

    for _ in range(2):
        for name, values in GRID.items():
            settings = max(
                (settings, *(replace(settings, **{name: value}) for value in values)),
                key=gain,
            )
    return basis, settings, gain(settings)


def _trials(
    people: Sequence[RatedPerson], held: Sequence[NDArray[np.bool_]], noise: float, seed: int
) -> list[TuningTrial]:
    found = []
    for number, person in enumerate(people):
        random = np.random.default_rng([seed, number])
        for turn, size in enumerate(SIZES):
            for apart in (True, False):
                mask = held[(number + turn) % len(held)] if apart else None
                choices = bool((number + turn + apart) % 2)
                found.append(draw_trial(person, mask, size, random, noise, choices=choices))
    return [one for one in found if one is not None]

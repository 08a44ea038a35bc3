"""`bench taste`: is one person predicted better with a few of their answers than by the generic score?

PAM's protocol on real people: `k` of a person's photos are known, by rating or as up to 100 choices between
them (Zhang et al.), the rest is predicted; the number is the gain in Spearman's rho over the generic score.
Twice: photos split at random, and themes apart, where the photos to be predicted are of themes that neither
the person nor the tuning of the covariance has touched. Beside it, on the same features, PAM's residual
nu-SVR and a direct SVR. Intervals are bootstrapped over people.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.scoring.taste_report import TasteReport
from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.covariance import GPInputs, covariance, prior_mean
from retouch_aes.taste.gp.covariance_files import FittedCovariance
from retouch_aes.taste.gp.people import RaterPopulation
from retouch_aes.taste.gp.tuning import RatedPerson, TuningTrial, draw_trial, predict_scores, rank_correlation

Floats = NDArray[np.float64]
METHODS = ("generic", "ratings", "choices", "residual nu-SVR", "direct SVR")


@dataclass(frozen=True)
class _Fold:
    """One person's known and unknown photos, given as ratings and as choices."""

    ratings: TuningTrial
    choices: TuningTrial | None


def taste(
    people: RaterPopulation,
    test: Sequence[RatedPerson],
    held: NDArray[np.bool_],
    fitted: FittedCovariance,
    *,
    sizes: Sequence[int] = (10, 50, 100),
    repeats: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> TasteReport:
    """Predict each person of `test` from `sizes` of their photos; `held` marks those of other themes."""
    if not test or not sizes or min(sizes) < 2:
        raise UsageError(f"expected people and sizes from 2 on, got {len(test)} and {list(sizes)}")
    rows = person_rhos(people, test, held, fitted, sizes=sizes, repeats=repeats, seed=seed, progress=progress)
    cells = {key: estimates(np.array(list(found.values())), seed) for key, found in rows.items() if found}
    counts = {key: len(found) for key, found in rows.items()}
    return TasteReport(len(test), repeats, seed, fitted.provenance, cells, counts)


def person_rhos(
    people: RaterPopulation,
    test: Sequence[RatedPerson],
    held: NDArray[np.bool_],
    fitted: FittedCovariance,
    *,
    splits: Sequence[bool] = (False, True),
    sizes: Sequence[int] = (10, 50, 100),
    repeats: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[tuple[bool, int], dict[int, Floats]]:
    """Rho of each of `METHODS` `(5,)`, by split (themes apart or not), size and person of `test`."""
    score, styles = people.score.double(), people.styles.double()
    unit = fitted.basis(people.features.double())
    views = GPInputs(unit, score, styles, 0 * styles, torch.full_like(score, fitted.settings.ranking_share))
    matrix, expected = covariance(views, views, fitted.settings), prior_mean(views, fitted.settings)
    standard = _standardised(people.features.double().numpy())
    generic = score.numpy()
    rows: dict[tuple[bool, int], dict[int, Floats]] = {(apart, k): {} for apart in splits for k in sizes}
    for number, person in enumerate(test):
        for apart, size in rows:
            found = []
            for repeat in range(repeats):
                fold = _fold(
                    person, held if apart else None, size, fitted.settings.noise, [seed, number, repeat]
                )
                if fold is not None:
                    found.append(_rhos(fold, matrix, expected, generic, standard))
            if found:
                rows[apart, size][number] = np.mean(found, axis=0)
        if progress is not None:
            progress("taste", number + 1, len(test))
    return rows


def _fold(
    person: RatedPerson, held: NDArray[np.bool_] | None, size: int, noise: float, seed: list[int]
) -> _Fold | None:
    draws = [
        draw_trial(person, held, size, np.random.default_rng(seed), noise, choices=choices)
        for choices in (False, True)
    ]
    if draws[0] is None or len(draws[0].photos) < 0.9 * size:
        return None
    return _Fold(draws[0], draws[1])


def _rhos(
    fold: _Fold, matrix: torch.Tensor, expected: torch.Tensor, generic: Floats, standard: Floats
) -> Floats:
    """Spearman's rho of each of `METHODS`."""
    one = fold.ratings
    known, test = one.photos.numpy(), one.test.numpy()
    given = one.observations.value.numpy()
    predictions = [
        generic[test],
        predict_scores(one, matrix, expected),
        generic[test] if fold.choices is None else predict_scores(fold.choices, matrix, expected),
        generic[test] + _regressed(standard[known], given - generic[known], standard[test]),
        _regressed(standard[known], given, standard[test]),
    ]
    return np.array([rank_correlation(predicted, one.truth) for predicted in predictions])


def _regressed(known: Floats, values: Floats, test: Floats) -> Floats:
    """PAM's regressor: nu-SVR with an RBF kernel, its width from the number of features."""
    from sklearn.svm import NuSVR

    regressor = NuSVR(C=1.0, nu=0.5, gamma=1.0 / known.shape[1]).fit(known, values)
    return np.asarray(regressor.predict(test), np.float64)


def _standardised(features: Floats) -> Floats:
    return np.asarray((features - features.mean(0)) / np.maximum(features.std(0), 1e-6), np.float64)


def estimates(rhos: Floats, seed: int) -> dict[str, Estimate]:
    """Of the generic score its rho, of the others their gain over it."""
    found = {}
    for column, name in enumerate(METHODS):
        values = rhos[:, column] - (rhos[:, 0] if column else 0)
        found[name] = bootstrap(_mean_of(values), len(values), seed=seed)
    return found


def _mean_of(values: Floats) -> Callable[[NDArray[np.intp]], float]:
    return lambda drawn: float(values[drawn].mean()) if len(drawn) else math.nan

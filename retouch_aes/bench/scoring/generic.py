"""`bench generic`: how well scores predict people's ratings.

Over photos, against the mean rating: Spearman, Pearson, and the fraction of photo pairs put in the right
order (pairs with equal mean ratings do not count, equal scores count half). Over people: the mean of each
one's Spearman between the scores and his or her own ratings. Intervals are bootstrapped over photos for the
former and over people for the latter.
"""

import math

import numpy as np
from numpy.typing import NDArray

from retouch_aes.bench.common.bootstrap import bootstrap
from retouch_aes.bench.common.correlation import Floats, pearson, spearman
from retouch_aes.bench.scoring.generic_report import GenericReport
from retouch_aes.errors import UsageError

Indices = NDArray[np.intp]

_PAIR_PHOTOS = 2000


def generic(
    scores: Floats,
    users: Indices,
    photos: Indices,
    ratings: Floats,
    *,
    seed: int = 0,
    resamples: int = 1000,
    least_ratings: int = 5,
) -> GenericReport:
    """Compare `scores` `(N,)` of N photos with ratings: one entry each of `users`, `photos`, `ratings`.

    `photos` indexes `scores`; users are any whole numbers. Photos without ratings do not count; people with
    fewer than `least_ratings`, or with all ratings equal, do not count for the mean per-user rho.
    """
    scores, ratings = np.asarray(scores, dtype=np.float64), np.asarray(ratings, dtype=np.float64)
    users, photos = np.asarray(users), np.asarray(photos)
    _check(scores, users, photos, ratings)
    counts = np.bincount(photos, minlength=len(scores))
    rated = counts > 0
    means = np.bincount(photos, weights=ratings, minlength=len(scores))[rated] / counts[rated]
    predicted = scores[rated]
    rhos = user_rhos(scores, users, photos, ratings, least_ratings=least_ratings)

    paired = np.random.default_rng(seed).permutation(len(means))[:_PAIR_PHOTOS]
    right, counted = pair_matrices(predicted[paired], means[paired])

    def pairs(drawn: Indices) -> float:
        weight = np.bincount(drawn, minlength=len(paired)).astype(np.float64)
        total = weight @ counted @ weight
        return float(weight @ right @ weight / total) if total else math.nan

    over_photos = {"count": len(means), "seed": seed, "resamples": resamples}
    return GenericReport(
        photos=len(means),
        people=len(np.unique(users)),
        people_counted=len(rhos),
        ratings=len(ratings),
        spearman=bootstrap(lambda drawn: spearman(predicted[drawn], means[drawn]), **over_photos),
        pearson=bootstrap(lambda drawn: pearson(predicted[drawn], means[drawn]), **over_photos),
        pair_accuracy=bootstrap(pairs, len(paired), seed=seed, resamples=resamples),
        user_rho=bootstrap(
            lambda drawn: float(rhos[drawn].mean()), len(rhos), seed=seed, resamples=resamples
        ),
    )


def pair_accuracy(scores: Floats, means: Floats) -> float:
    """The fraction of pairs with different means that the scores put in the right order."""
    right, counted = pair_matrices(scores, means)
    return float(right.sum() / counted.sum()) if counted.any() else math.nan


def pair_matrices(scores: Floats, means: Floats) -> tuple[Floats, Floats]:
    """`(N, N)` each: 1 where a pair is right, one half where its scores are equal; 1 where it counts."""
    wanted = np.sign(means[:, None] - means[None])
    found = np.sign(scores[:, None] - scores[None])
    counted = (wanted != 0).astype(np.float64)
    return counted * (1 + wanted * found) / 2, counted


def user_rhos(
    scores: Floats, users: Indices, photos: Indices, ratings: Floats, *, least_ratings: int = 5
) -> Floats:
    """Each person's Spearman between the scores and the own ratings, for those who count."""
    order = np.argsort(users, kind="stable")
    cuts = np.flatnonzero(np.diff(users[order])) + 1
    each = [group for group in np.split(order, cuts) if len(group) >= least_ratings]
    rhos = [spearman(scores[photos[group]], ratings[group]) for group in each]
    return np.array([rho for rho in rhos if math.isfinite(rho)], dtype=np.float64)


def _check(scores: Floats, users: Indices, photos: Indices, ratings: Floats) -> None:
    shapes = {array.shape for array in (users, photos, ratings)}
    if scores.ndim != 1 or len(shapes) != 1 or users.ndim != 1 or not len(users):
        got = f"{scores.shape}; {users.shape}, {photos.shape}, {ratings.shape}"
        raise UsageError(f"expected scores (N,) and users, photos, ratings of one length (M,), got {got}")
    if photos.min() < 0 or photos.max() >= len(scores):
        got = f"{photos.min()} to {photos.max()}"
        raise UsageError(f"expected photo indices from 0 to {len(scores) - 1}, got {got}")
    if not (np.isfinite(scores).all() and np.isfinite(ratings).all()):
        raise UsageError("expected finite scores and ratings; leave failed photos out")

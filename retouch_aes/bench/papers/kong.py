"""`bench kong`: do ranking, attributes and content help to predict the mean rating of photos?

Kong's ablations (ECCV 2016, table 2) on frozen features: the same head, the same number of steps and the same
settings, only the terms differ. Whole themes are kept back for the test, another draw for every seed. The
number is Spearman's rho with the mean rating of the kept-back photos, and its gain over regression alone,
averaged over seeds. Intervals: bootstrap over themes, the same draw for all seeds and all methods.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.correlation import spearman
from retouch_aes.bench.papers.kong_report import KongReport, KongRow
from retouch_aes.datasets import Ratings, split_by_theme, theme
from retouch_aes.errors import UsageError
from retouch_aes.papers.kong.pairs import Sampling
from retouch_aes.papers.kong.training import AADB, KongSettings, fit_head
from retouch_aes.progress import Progress

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
CONTENTS = 10


@dataclass(frozen=True)
class KongAblation:
    """One ablation, and Spearman's rho that the paper prints for it on AADB."""

    name: str
    sampling: Sampling | None
    attributes: bool
    contents: bool
    paper: float


ARMS = (
    KongAblation("regression", None, attributes=False, contents=False, paper=0.6239),
    KongAblation("+ ranking, across raters", "cross", attributes=False, contents=False, paper=0.6308),
    KongAblation("+ ranking, within raters", "within", attributes=False, contents=False, paper=0.6450),
    KongAblation("+ ranking, both", "both", attributes=False, contents=False, paper=0.6515),
    KongAblation("+ ranking + attributes", "both", attributes=True, contents=False, paper=0.6656),
    KongAblation("+ ranking + content", "both", attributes=False, contents=True, paper=0.6737),
    KongAblation("+ ranking + attributes + content", "both", attributes=True, contents=True, paper=0.6782),
)


@dataclass(frozen=True)
class _Fold:
    """What one seed's test photos were rated, `(T,)`, predicted by every arm `(A, T)`, and their themes."""

    truth: Floats
    predicted: Floats
    themes: NDArray[np.intp]


def kong(
    features: torch.Tensor,
    ratings: Ratings,
    attributes: Floats | None = None,
    *,
    seeds: int = 5,
    holdout: float = 0.25,
    raters: int | None = None,
    split: tuple[Sequence[Path], Sequence[Path]] | None = None,
    themes: Sequence[str] | None = None,
    settings: KongSettings = AADB,
    resamples: int = 1000,
    progress: Progress | None = None,
) -> KongReport:
    """Train and test every arm on `features` `(P, D)` of `ratings.photos`, `seeds` times.

    With `raters` each training photo keeps that many ratings, of few people who rated much; AADB has five.
    The test is against all ratings. With `split`, photos to train on and photos to test, that is the split of
    every seed, and `holdout` is not looked at. `themes` (P) say which photos stay together, by default their
    names. Without `attributes` `(P, A)`, of any scale, the arms that need them are left out.
    """
    if seeds < 1:
        raise UsageError(f"expected one seed at least, got {seeds}")
    if attributes is not None:
        attributes = _to_range(attributes)
    arms = [arm for arm in ARMS if attributes is not None or not arm.attributes]
    themes = [theme(photo) for photo in ratings.photos] if themes is None else list(themes)
    number = {name: index for index, name in enumerate(sorted(set(themes)))}
    of_photo = np.array([number[name] for name in themes], np.intp)
    means, folds = ratings.mean_scores(), []
    for seed in range(seeds):
        train, test = (
            _parts(ratings.photos, split) if split else _apart(ratings.photos, holdout, seed, themes)
        )
        known = ratings.subset(ratings.photos[index] for index in train)
        known = known if raters is None else few_raters(known, raters, seed)
        rows = []
        for place, arm in enumerate(arms):
            head = fit_head(
                features[train],
                known,
                replace(settings, sampling=arm.sampling),
                attributes=attributes[train] if attributes is not None and arm.attributes else None,
                contents=CONTENTS if arm.contents else 0,
                seed=seed,
            )
            with torch.no_grad():
                rows.append(head(features[test]).score.double().numpy())
            if progress is not None:
                progress("training", seed * len(arms) + place + 1, seeds * len(arms))
        folds.append(_Fold(means[test], np.array(rows), of_photo[test]))
    estimates = _estimates(folds, len(arms), len(number), resamples)
    return KongReport(
        photos=len(ratings.photos),
        people=len(ratings.users),
        seeds=seeds,
        holdout=holdout,
        raters=raters,
        attributes=0 if attributes is None else attributes.shape[1],
        rows=tuple(
            KongRow(arm.name, rho, gain, arm.paper) for arm, (rho, gain) in zip(arms, estimates, strict=True)
        ),
    )


def few_raters(ratings: Ratings, count: int, seed: int) -> Ratings:
    """At most `count` ratings of every photo, from as few people, drawn by `seed`, as it takes."""
    if count < 1:
        raise UsageError(f"expected one rating of a photo at least, got {count}")
    left = np.full(len(ratings.photos), count)
    kept = np.zeros(len(ratings), bool)
    for user in np.random.default_rng([seed, 5]).permutation(len(ratings.users)):
        mine = np.flatnonzero(ratings.user_index == user)
        mine = mine[left[ratings.photo_index[mine]] > 0]
        left[ratings.photo_index[mine]] -= 1
        kept[mine] = True
    users, user_index = np.unique(ratings.user_index[kept], return_inverse=True)
    return replace(
        ratings,
        users=tuple(ratings.users[user] for user in users),
        user_index=user_index,
        photo_index=ratings.photo_index[kept],
        original=ratings.original[kept],
    )


def _apart(
    photos: Sequence[Path], holdout: float, seed: int, themes: Sequence[str]
) -> tuple[Indices, Indices]:
    train, test = (np.array(part, np.intp) for part in split_by_theme(photos, holdout, seed, themes))
    return train, test


def _parts(photos: Sequence[Path], split: tuple[Sequence[Path], Sequence[Path]]) -> tuple[Indices, Indices]:
    """Places in `photos` of both parts of a published split."""
    place = {photo: index for index, photo in enumerate(photos)}
    train, test = (np.array([place[p] for p in part if p in place], np.intp) for part in split)
    if not len(train) or not len(test) or set(train) & set(test):
        raise UsageError(
            f"expected rated photos in both parts and none in two, got {len(train)} and {len(test)}"
        )
    return train, test


def _to_range(attributes: Floats) -> Floats:
    """AADB's range: -1 and 1 lie two deviations from the mean."""
    spread = np.maximum(attributes.std(0), 1e-9)
    return np.asarray(np.clip((attributes - attributes.mean(0)) / (2 * spread), -1, 1), np.float64)


def _estimates(folds: list[_Fold], arms: int, themes: int, resamples: int) -> list[tuple[Estimate, Estimate]]:
    """Of every arm, its rho and its gain over the first, with intervals over themes."""
    cache: dict[bytes, Floats] = {}

    def rhos(drawn: NDArray[np.intp]) -> Floats:
        """`(arms,)`: the mean over folds, photos counting as often as their theme was drawn."""
        key = drawn.tobytes()
        if key not in cache:
            times = np.bincount(drawn, minlength=themes)
            found = []
            for fold in folds:
                photos = np.repeat(np.arange(len(fold.truth)), times[fold.themes])
                found.append([spearman(row[photos], fold.truth[photos]) for row in fold.predicted])
            cache[key] = np.array(found).mean(0)
        return cache[key]

    def estimate(arm: int, less: int | None) -> Estimate:
        def statistic(drawn: NDArray[np.intp]) -> float:
            found = rhos(drawn)
            return float(found[arm] - (0.0 if less is None else found[less]))

        return bootstrap(statistic, themes, resamples=resamples)

    return [(estimate(arm, None), estimate(arm, 0)) for arm in range(arms)]

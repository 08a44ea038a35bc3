"""`bench kong`: do ranking, attributes and content help to predict the mean rating of photos?

Kong's tables (ECCV 2016) on one split or several: the same network, the same number of steps and the same
settings, only what a row names differs. The test photos are the authors', or whole themes that are kept back,
another draw for every seed. Spearman's rho with the mean rating of the test photos, its gain over regression
alone, and the share of photos told good from bad by a threshold that the validation photos choose; averaged
over seeds. Intervals: bootstrap over themes, the same draw for all seeds and all rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.correlation import spearman
from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.kong_fitting import KongFitter
from retouch_aes.bench.papers.kong_report import KongRatersRow, KongReport, KongRow, KongTransferRow
from retouch_aes.bench.papers.kong_variants import FULL, REGRESSION, KongVariant
from retouch_aes.bench.papers.piaa import mean_of
from retouch_aes.datasets import Ratings, split_by_theme, theme
from retouch_aes.errors import UsageError
from retouch_aes.papers.kong.accuracy import best_threshold
from retouch_aes.papers.kong.data import KongData
from retouch_aes.progress import Progress

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_VALIDATION, _MOST_VALIDATION = 0.06, 1000
_RATERS = (0, 100, 200)
_PAPER_RATERS = {0: 0.6738, 100: 0.7013, 200: 0.7112}
_PAPER_TRANSFER = {
    ("aadb", "aadb"): 0.6782,
    ("aadb", "ava"): 0.1566,
    ("ava", "aadb"): 0.3191,
    ("ava", "ava"): 0.5154,
}


@dataclass(frozen=True)
class KongPlan:
    """How much is done.

    Args:
        seeds: Trainings of every row; splits, where the authors have none.
        holdout: Share of the photos kept back, whole themes, where there is no split.
        raters: Ratings kept of each training photo, of few people; None: all.
        human: Whether single raters are held against the mean (table 6).
        resamples: Of the bootstrap.
    """

    seeds: int = 5
    holdout: float = 0.25
    raters: int | None = None
    human: bool = False
    resamples: int = 1000

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise UsageError(f"expected one seed at least, got {self.seeds}")


@dataclass(frozen=True)
class _Fold:
    """One seed's photos: the training's, the validation's and the test's; themes of the test's."""

    train: Indices
    validation: Indices
    test: Indices


def kong(
    fitter: KongFitter,
    data: KongData,
    rows: Sequence[KongVariant],
    plan: KongPlan = KongPlan(),
    *,
    kept: ResumableResults | None = None,
    other: tuple[KongFitter, KongData] | None = None,
    progress: Progress | None = None,
) -> KongReport:
    """Train and test `rows` on the photos of `data`, which `fitter` sees, `plan.seeds` times.

    What `kept` holds already is not done again. With `other`, the full network of either is tested on both
    (table 7). Gains are over the row of regression alone.
    """
    kept = kept or ResumableResults(None, {})
    themes = _themes(data)
    number = {name: index for index, name in enumerate(sorted(set(themes)))}
    of_photo = np.array([number[name] for name in themes], np.intp)
    folds, told, done = [], [], 0
    for seed in range(plan.seeds):
        fold = _fold(data, themes, plan, seed)
        known = data.some(fold.train)
        if plan.raters is not None:
            known = replace(known, ratings=few_raters(known.ratings, plan.raters, seed))
        answers = []
        for row in rows:
            key = (row.table, row.name, str(seed))
            if key not in kept:
                network = fitter.fit(row, fold.train, known, seed)
                kept.add(key, _rounded(fitter.scores(network, np.concatenate([fold.validation, fold.test]))))
            answers.append(np.asarray(kept[key], np.float64))
            done += 1
            if progress is not None:
                progress("training", done, plan.seeds * len(rows))
        folds.append(fold)
        told.append(np.array(answers))
    truth = data.ratings.mean_scores()
    base = [row.name for row in rows].index(REGRESSION.name)
    found = _estimates(folds, told, truth, of_photo, len(number), data.liked_above, plan.resamples, base)
    return KongReport(
        photos=len(truth),
        people=len(data.ratings.users) if data.has_raters else 0,
        seeds=plan.seeds,
        holdout=None if data.split else plan.holdout,
        raters=plan.raters,
        attributes=0 if data.attributes is None else data.attributes.shape[1],
        paper=data.paper or "aadb",
        rows=tuple(
            KongRow(row.table, row.name, *numbers, row.paper(data), row.accuracy)
            for row, numbers in zip(rows, found, strict=True)
        ),
        single_raters=human(data.ratings, plan.resamples) if plan.human and data.has_raters else (),
        transfer=() if other is None else _transfer(((fitter, data), other), plan, kept),
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


def human(ratings: Ratings, resamples: int = 1000) -> tuple[KongRatersRow, ...]:
    """Table 6: rho of each rater with the mean rating, which counts that rater too, by photos rated."""
    means, rhos, counts = ratings.mean_scores(), [], []
    for user in range(len(ratings.users)):
        mine = ratings.user_index == user
        rhos.append(spearman(ratings.scores[mine], means[ratings.photo_index[mine]]))
        counts.append(int(mine.sum()))
    values, rated = np.array(rhos), np.array(counts)
    rows = []
    for least in _RATERS:
        some = values[(rated > least) & np.isfinite(values)]
        if len(some):
            found = bootstrap(mean_of(some), len(some), resamples=resamples)
            rows.append(KongRatersRow(least, len(some), found, _PAPER_RATERS[least]))
    return tuple(rows)


def _transfer(
    both: Sequence[tuple[KongFitter, KongData]], plan: KongPlan, kept: ResumableResults
) -> tuple[KongTransferRow, ...]:
    """Table 7: the full network of each dataset on the test photos of both; one seed."""
    folds = [_fold(data, _themes(data), plan, 0) for _, data in both]
    found = []
    for place, (fitter, data) in enumerate(both):
        network = None
        for target, (judge, asked) in enumerate(both):
            key, test = ("transfer", str(place), str(target)), folds[target].test
            if key not in kept:
                train = folds[place].train
                network = network or fitter.fit(FULL, train, data.some(train), 0)
                kept.add(key, _rounded(judge.scores(network, test)))
            said, truth = np.asarray(kept[key]), asked.ratings.mean_scores()[test]
            rho = bootstrap(partial(_spearman_of, said, truth), len(test), resamples=plan.resamples)
            names = (data.paper or f"dataset {place + 1}", asked.paper or f"dataset {target + 1}")
            found.append(KongTransferRow(*names, rho, _PAPER_TRANSFER.get(names)))
    return tuple(found)


def _rounded(scores: Floats) -> list[float]:
    return [float(f"{score:.6g}") for score in scores]


def _themes(data: KongData) -> list[str]:
    return [theme(photo) for photo in data.ratings.photos] if data.groups is None else list(data.groups)


def _fold(data: KongData, themes: Sequence[str], plan: KongPlan, seed: int) -> _Fold:
    """The authors' parts, else whole themes kept back; without validation photos some training ones."""
    if data.split is not None:
        train, validation, test = data.split
    else:
        parts = split_by_theme(data.ratings.photos, plan.holdout, seed, themes)
        train, test = (np.array(part, np.intp) for part in parts)
        validation = np.zeros(0, np.intp)
    if not len(validation):
        order = np.random.default_rng([seed, 13]).permutation(train)
        count = min(_MOST_VALIDATION, max(1, round(_VALIDATION * len(train))))
        train, validation = np.sort(order[count:]), np.sort(order[:count])
    if not len(train):
        raise UsageError(f"expected photos to learn from and to test on, got {len(themes)} in all")
    return _Fold(train, validation, test)


def _estimates(
    folds: Sequence[_Fold],
    told: Sequence[Floats],
    truth: Floats,
    themes: Indices,
    count: int,
    liked_above: float,
    resamples: int,
    base: int,
) -> list[tuple[Estimate, Estimate, Estimate]]:
    """Of every row, its rho, its gain over the row `base`, and its accuracy; intervals over themes."""
    parts = []
    for fold, rows in zip(folds, told, strict=True):
        first = len(fold.validation)
        good = truth > liked_above
        cuts = [best_threshold(row[:first], good[fold.validation]) for row in rows]
        right = (rows[:, first:] > np.array(cuts)[:, None]) == good[fold.test]
        parts.append((rows[:, first:], right, truth[fold.test], themes[fold.test]))
    cache: dict[bytes, Floats] = {}

    def numbers(drawn: Indices) -> Floats:
        """`(rows, 2)`: rho and accuracy, photos counting as often as their theme was drawn."""
        key = drawn.tobytes()
        if key not in cache:
            times, found = np.bincount(drawn, minlength=count), []
            for said, right, wanted, of in parts:
                photos = np.repeat(np.arange(len(wanted)), times[of])
                rhos = [spearman(row[photos], wanted[photos]) for row in said]
                shares = right[:, photos].mean(1) if len(photos) else np.full(len(right), np.nan)
                found.append(np.stack([rhos, shares], 1))
            cache[key] = np.array(found).mean(0)
        return cache[key]

    def estimate(row: int, column: int, less: int | None = None) -> Estimate:
        def statistic(drawn: Indices) -> float:
            found = numbers(drawn)[:, column]
            return float(found[row] - (0.0 if less is None else found[less]))

        return bootstrap(statistic, count, resamples=resamples)

    return [(estimate(n, 0), estimate(n, 0, base), estimate(n, 1)) for n in range(len(told[0]))]


def _spearman_of(said: NDArray[np.float64], truth: NDArray[np.float64], drawn: NDArray[np.intp]) -> float:
    return spearman(said[drawn], truth[drawn])

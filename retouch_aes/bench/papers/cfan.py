"""`bench cfan`: who thinks which photo good? CFAN, its ablations, BPR and VBPR, by AUC per user.

A fifth of the photos is kept back whole: nobody's judgement or review of them is seen in training. Of the
other photos a tenth of the judgements is kept back. A network is asked about a (user, photo) without the
review that was written of it; it reads what the user wrote of training photos. The number is the area under
the ROC curve over each user's judgements (ties count half), averaged over users who have both kinds, and over
seeds; intervals are bootstrapped over users.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.correlation import ranks
from retouch_aes.bench.papers.cfan_report import CFANReport, CFANRow
from retouch_aes.bench.papers.planted_reviews import ReviewedMaps
from retouch_aes.datasets.reviews import Vocabulary
from retouch_aes.errors import UsageError
from retouch_aes.papers.cfan.training import (
    CFANSettings,
    Judgements,
    fit_bpr,
    fit_cfan,
    predict_bpr,
    predict_judgements,
)
from retouch_aes.progress import Progress

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
LENGTH = 24
NEW_PHOTOS, KEPT_PAIRS = 0.2, 0.1
BPR, VBPR, FULL, WITHOUT_REVIEW = "BPR", "VBPR", "CFAN, 3 tasks", "CFAN without review"
TRUTH = "the planted chances"

ABLATIONS: dict[str, tuple[bool, bool, bool]] = {  # review, tags, agnostic head
    "CFN, 1 task": (False, False, False),
    "CFAN, 1 task": (True, False, False),
    "CFAN without agnostic head (2 tasks)": (True, True, False),
    "CFAN without tags": (True, False, True),
    WITHOUT_REVIEW: (False, True, True),
    FULL: (True, True, True),
}


@dataclass(frozen=True)
class JudgementSplit:
    """Indices of judgements: to learn from, of known photos, of new photos."""

    train: Integers
    known: Integers
    new: Integers


def split(reviewed: ReviewedMaps, seed: int) -> JudgementSplit:
    """Whole photos kept back, and judgements of the others; neither depends on what was judged."""
    random = np.random.default_rng([seed, 7])
    reviews = reviewed.reviews
    count = len(reviews.photos)
    new_photo = np.zeros(count, bool)
    new_photo[random.permutation(count)[: round(NEW_PHOTOS * count)]] = True
    new = new_photo[reviews.photo_index]
    known = ~new & (random.random(len(reviews)) < KEPT_PAIRS)
    found = JudgementSplit(*(np.flatnonzero(part) for part in (~new & ~known, known, new)))
    if not len(found.train) or not len(found.new):
        raise UsageError(f"expected reviews to learn from and to test on, got {len(reviews)} in all")
    return found


def judgements(reviewed: ReviewedMaps, train: Integers) -> Judgements:
    """All of it as tensors; the vocabulary is that of the `train` reviews."""
    reviews = reviewed.reviews
    vocabulary = Vocabulary(reviews.texts[index] for index in train)
    return Judgements(
        users=torch.from_numpy(reviews.user_index),
        photos=torch.from_numpy(reviews.photo_index),
        good=torch.from_numpy(reviews.good).float(),
        tokens=torch.from_numpy(vocabulary.encode(reviews.texts, LENGTH)),
        maps=reviewed.maps,
        tags=torch.from_numpy(reviews.tags),
        liked=torch.from_numpy(reviews.liked).float(),
        counts=(len(reviews.users), len(reviews.tag_names), len(vocabulary)),
    )


def cfan(
    world: Callable[[int], ReviewedMaps],
    *,
    seeds: int = 3,
    settings: CFANSettings = CFANSettings(),  # noqa: B008 - frozen
    title: str = "planted tastes",
    progress: Progress | None = None,
) -> CFANReport:
    """Train and test everything on `world(seed)`, `seeds` times."""
    if seeds < 1:
        raise UsageError(f"expected one seed at least, got {seeds}")
    names = [BPR, VBPR, *ABLATIONS]
    tables: dict[str, list[tuple[Floats, Floats]]] = {}
    for seed in range(seeds):
        reviewed = world(seed)
        parts = split(reviewed, seed)
        every = judgements(reviewed, parts.train)
        examples, known, new = (
            every.some(torch.from_numpy(part)) for part in (parts.train, parts.known, parts.new)
        )
        for place, name in enumerate(names):
            asked = _fitted(name, examples, settings, seed)
            tables.setdefault(name, []).append((aucs(asked(new), new), aucs(asked(known), known)))
            if progress is not None:
                progress("training", seed * len(names) + place + 1, seeds * len(names))
        if reviewed.truth is not None:
            truth = torch.from_numpy(reviewed.truth)
            both = (
                aucs(truth[torch.from_numpy(part)], asked_of)
                for part, asked_of in ((parts.new, new), (parts.known, known))
            )
            first, second = both
            tables.setdefault(TRUTH, []).append((first, second))
    return _report(
        title, seeds, len(reviewed.reviews.users), len(reviewed.reviews.photos), len(reviewed.reviews), tables
    )


def _fitted(
    name: str, examples: Judgements, settings: CFANSettings, seed: int
) -> Callable[[Judgements], Tensor]:
    if name in (BPR, VBPR):
        recommender = fit_bpr(examples, visual=name == VBPR, seed=seed)
        return lambda asked: predict_bpr(recommender, examples, asked)
    review, tags, agnostic = ABLATIONS[name]
    chosen = replace(settings, review=review, tags=tags, agnostic=agnostic)
    network = fit_cfan(examples, chosen, seed)
    return lambda asked: predict_judgements(network, examples, asked, seed=seed)


def aucs(scores: Tensor, asked: Judgements) -> Floats:
    """`(U,)`: each user's area under the ROC curve; not-a-number where all judgements are equal."""
    values, good, users = scores.double().numpy(), asked.good.numpy() > 0.5, asked.users.numpy()
    found = np.full(asked.counts[0], np.nan)
    for user in np.unique(users):
        mine = users == user
        found[user] = auc(values[mine], good[mine])
    return found


def auc(scores: Floats, good: NDArray[np.bool_]) -> float:
    """The chance that a good one scores above a bad one, ties counted half."""
    positives, negatives = int(good.sum()), int((~good).sum())
    if not positives or not negatives:
        return float("nan")
    return float((ranks(scores)[good].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _report(
    title: str,
    seeds: int,
    users: int,
    photos: int,
    judged: int,
    tables: dict[str, list[tuple[Floats, Floats]]],
) -> CFANReport:
    columns = {
        name: tuple(np.array([pair[part] for pair in pairs]) for part in (0, 1))
        for name, pairs in tables.items()
    }
    full = columns[FULL][0]
    rows = tuple(
        CFANRow(name, mean(new), mean(known), mean(full - new), own=name != TRUTH)
        for name, (new, known) in columns.items()
    )
    steps = {
        f"{after} over {before}": mean(columns[after][0] - columns[before][0])
        for before, after in ((BPR, VBPR), (VBPR, FULL), (WITHOUT_REVIEW, FULL))
    }
    return CFANReport(title, users, photos, judged, seeds, rows, steps)


def mean(values: Floats) -> Estimate:
    """The mean of `(seeds, users)`, and its interval over users, who keep their seeds together."""
    users = values[:, ~np.isnan(values).all(0)]

    def statistic(drawn: Integers) -> float:
        return float(np.nanmean(users[:, drawn]))

    return bootstrap(statistic, users.shape[1])

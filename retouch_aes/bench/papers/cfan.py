"""`bench cfan`: who thinks which photo good? CFAN, its ablations, BPR and VBPR, and the paper's figures.

A fifth of the photos is kept back whole: nobody's judgement or review of them is seen in training. Of the
other photos a tenth of the judgements is kept back, which is the paper's test. A network is asked about a
(user, photo) without the review that was written of it; it reads what the user wrote of training photos.

* **AUC per user**, ours: the area under the ROC curve over each user's judgements (ties count half), averaged
  over users who have both kinds; on new photos and on known ones.
* **AUC as printed** (figure 8): over the judgements of known photos of one tag, all users together, averaged
  over tags; and the share of these judgements told right.
* **Figure 7**: how often the user-agnostic answer to new photos of a tag is right.
* **Figure 9**: training on so many reviews of each photo at most.

Numbers are averaged over seeds; intervals are bootstrapped over users, or over tags.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.cfan_measures import accuracy, accuracy_by_tag, auc_by_tag, aucs
from retouch_aes.bench.papers.cfan_report import CFANFewRow, CFANReport, CFANRow, CFANTagRow
from retouch_aes.bench.papers.planted_reviews import ReviewedMaps
from retouch_aes.datasets.reviews import Vocabulary, consistency
from retouch_aes.errors import UsageError
from retouch_aes.papers.cfan.bpr_training import fit_bpr, predict_bpr
from retouch_aes.papers.cfan.training import (
    CFANSettings,
    Judgements,
    fit_cfan,
    predict_agnostic,
    predict_judgements,
)
from retouch_aes.progress import Progress

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Numbers = dict[str, Any]
"""Of one network and seed, plain values: `new`, `known`, AUC by user; `tags`, AUC by tag; `right`, a share;
`agnostic`, shares by tag, of networks with that task. None is not defined."""
LENGTH = 24
NEW_PHOTOS, KEPT_PAIRS = 0.2, 0.1
BPR, VBPR, FULL, WITHOUT_REVIEW = "BPR", "VBPR", "CFAN, 3 tasks", "CFAN without review"
ONE, ATTENTIVE = "CFN, 1 task", "CFAN, 1 task"
TRUTH = "the planted chances"
RECOMMENDERS = {  # visual, negatives judged bad
    BPR: (False, False),
    VBPR: (True, False),
    "BPR, against photos judged bad": (False, True),
    "VBPR, against photos judged bad": (True, True),
}
ABLATIONS: dict[str, tuple[bool, bool, bool]] = {  # review, tags, agnostic head
    ONE: (False, False, False),
    ATTENTIVE: (True, False, False),
    "CFAN without agnostic head (2 tasks)": (True, True, False),
    "CFAN without tags": (True, False, True),
    WITHOUT_REVIEW: (False, True, True),
    FULL: (True, True, True),
}
STEPS = ((BPR, VBPR), (VBPR, FULL), (WITHOUT_REVIEW, FULL), (ONE, ATTENTIVE))
IMAGE_ONLY = "image alone (for MTRLCNN)"
FIGURE_7 = (WITHOUT_REVIEW, IMAGE_ONLY, FULL)
FIGURE_9 = (ONE, ATTENTIVE)


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
    figures: bool = False,
    few: Sequence[int] = (1, 2, 4, 8),
    only: Sequence[str] | None = None,
    device: torch.device | None = None,
    kept: ResumableResults | None = None,
    progress: Progress | None = None,
) -> CFANReport:
    """Train and test everything on `world(seed)`, `seeds` times. What `kept` holds is not done again.

    With `figures` those of the paper too, of figure 9 at `few` reviews of a photo. `only` some networks are
    trained, the full one among them.
    """
    if seeds < 1:
        raise UsageError(f"expected one seed at least, got {seeds}")
    kept = kept or ResumableResults(None, {})
    names = [*RECOMMENDERS, *ABLATIONS, *([IMAGE_ONLY] if figures else [])]
    names = [name for name in names if only is None or name in only]
    fewer = [(name, count) for count in few for name in FIGURE_9] if figures else []
    total, done = seeds * (len(names) + len(fewer)), 0
    for seed in range(seeds):
        reviewed = world(seed)
        parts = split(reviewed, seed)
        every = _on(judgements(reviewed, parts.train), device)
        examples, known, new = (
            every.some(torch.from_numpy(part).to(every.users.device))
            for part in (parts.train, parts.known, parts.new)
        )
        for name, count in [*((name, 0) for name in names), *fewer]:
            key = (name, str(count), str(seed))
            if key not in kept:
                learned = examples if not count else at_most(examples, count, seed)
                kept.add(key, _measured(name, learned, known, new, settings, seed))
            done += 1
            if progress is not None:
                progress("training", done, total)
        if reviewed.truth is not None and (TRUTH, "0", str(seed)) not in kept:
            told = {"new": (parts.new, new), "known": (parts.known, known)}
            chances = {
                key: _plain(aucs(torch.from_numpy(reviewed.truth[part]), asked))
                for key, (part, asked) in told.items()
            }
            kept.add((TRUTH, "0", str(seed)), chances)
    everything = [*names, *([TRUTH] if reviewed.truth is not None else [])]
    return _report(title, seeds, reviewed, everything, fewer, kept, figures=figures)


def at_most(examples: Judgements, count: int, seed: int) -> Judgements:
    """`count` judgements of every photo at most, drawn by `seed`."""
    order = np.random.default_rng([seed, 17]).permutation(len(examples.users))
    photos = examples.photos.cpu().numpy()[order]
    by_photo = np.argsort(photos, kind="stable")
    ranked = photos[by_photo]
    place = np.arange(len(ranked)) - np.searchsorted(ranked, ranked)
    chosen = np.sort(order[by_photo[place < count]])
    return examples.some(torch.from_numpy(chosen).to(examples.users.device))


def _on(every: Judgements, device: torch.device | None) -> Judgements:
    if device is None:
        return every
    moved: dict[str, Any] = {
        name: value.to(device) for name, value in vars(every).items() if isinstance(value, Tensor)
    }
    return replace(every, **moved)


def _measured(
    name: str, examples: Judgements, known: Judgements, new: Judgements, settings: CFANSettings, seed: int
) -> Numbers:
    found: Numbers = {"right": None, "agnostic": None}
    if name in RECOMMENDERS:
        visual, judged = RECOMMENDERS[name]
        recommender = fit_bpr(examples, visual=visual, judged=judged, seed=seed)
        said = [predict_bpr(recommender, examples, asked) for asked in (known, new)]
    else:
        review, tags, agnostic = ABLATIONS.get(name, (False, True, True))
        personal = name != IMAGE_ONLY
        chosen = replace(settings, review=review, tags=tags, agnostic=agnostic, personal=personal)
        network = fit_cfan(examples, chosen, seed)
        said = [predict_judgements(network, examples, asked, seed=seed) for asked in (known, new)]
        found["right"] = accuracy(said[0], known)
        if agnostic:
            found["agnostic"] = _plain(accuracy_by_tag(predict_agnostic(network, new.maps), new))
    new_auc, known_auc = aucs(said[1], new), aucs(said[0], known)
    return {
        **found,
        "new": _plain(new_auc),
        "known": _plain(known_auc),
        "tags": _plain(auc_by_tag(said[0], known)),
    }


def _plain(values: Floats) -> list[float | None]:
    return [round(value, 6) if np.isfinite(value) else None for value in values.tolist()]


def _report(
    title: str,
    seeds: int,
    reviewed: ReviewedMaps,
    names: Sequence[str],
    fewer: Sequence[tuple[str, int]],
    kept: ResumableResults,
    *,
    figures: bool,
) -> CFANReport:
    def table(name: str, part: str, count: int = 0) -> Floats:
        """`(seeds, users or tags)`."""
        rows = [kept[name, str(count), str(seed)].get(part) for seed in range(seeds)]
        return np.array([[np.nan] if row is None else row for row in rows], np.float64)

    def share(name: str, count: int = 0) -> float:
        return float(np.mean(table(name, "right", count)))

    full = table(FULL, "new")
    rows = tuple(
        CFANRow(
            name,
            mean(table(name, "new")),
            mean(table(name, "known")),
            mean(table(name, "tags")),
            share(name),
            mean(full - table(name, "new")),
            own=name != TRUTH,
        )
        for name in names
        if name != IMAGE_ONLY
    )
    steps = {
        f"{after} over {before}": mean(table(after, "new") - table(before, "new"))
        for before, after in STEPS
        if before in names and after in names
    }
    reviews = reviewed.reviews
    tags = []
    if figures:
        columns = [_over_seeds(table(name, "agnostic")) for name in FIGURE_7]
        tags = [
            CFANTagRow(name, tuple(float(column[number]) for column in columns))
            for number, name in enumerate(reviews.tag_names)
            if len(columns[0]) > number and np.isfinite(columns[0][number])
        ]
    return CFANReport(
        title=title,
        users=len(reviews.users),
        photos=len(reviews.photos),
        judgements=len(reviews),
        good=int(reviews.good.sum()),
        consistency=consistency(reviews),
        seeds=seeds,
        rows=rows,
        steps=steps,
        tag_networks=FIGURE_7 if figures else (),
        tags=tuple(tags),
        few=tuple(
            CFANFewRow(name, count, mean(table(name, "tags", count)), share(name, count))
            for name, count in [*fewer, *(((name, 0) for name in FIGURE_9) if figures else ())]
        ),
    )


def _over_seeds(values: Floats) -> Floats:
    """`(seeds, T)` -> the mean of what is known of each tag, `(T,)`; not-a-number where nothing is."""
    known = np.isfinite(values)
    sums, counts = np.where(known, values, 0).sum(0), known.sum(0)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def mean(values: Floats) -> Estimate:
    """The mean of `(seeds, users or tags)`; its interval over those, which keep their seeds together."""
    users = values[:, ~np.isnan(values).all(0)]
    if not users.shape[1]:
        return Estimate(float("nan"), float("nan"), float("nan"))

    def statistic(drawn: Integers) -> float:
        return float(np.nanmean(users[:, drawn]))

    return bootstrap(statistic, users.shape[1])

"""`bench score-folds`: the recipe of the default score on themes that nothing was fitted or chosen on.

The themes of the rated photos are cut into five folds, the other photos too. For each fold in turn the
settings are chosen among `CANDIDATES` on the other folds, each left out in turn, the head is fitted to all
the others with the chosen ones, and judged on the fold. What is chosen by is what photos are worth, without
their faults: its rho with the mean ratings, plus half of that with NIMA on photos without ratings, as a
model's opinion is worth less than people's. How much faults of light count is chosen after that, among
`LIGHTS`, by the same of worth less light, plus half the share of misexposed renditions below their views.
Where adapters of the trunk were taught NIMA's opinion of some of
them, NIMA's order is judged by the others alone. The basis of the features is fitted without labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from retouch_aes.bench.common.correlation import spearman
from retouch_aes.datasets import Ratings
from retouch_aes.datasets.splits import theme
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.models.trunk_score import WorthHead
from retouch_aes.training.score.light_faults import fit_light
from retouch_aes.training.score.sights import KINDS, Sights
from retouch_aes.training.score.trunk_basis import fit_basis
from retouch_aes.training.score.trunk_head import TrunkHeadFitting, fit_trunk_head, judged
from retouch_aes.training.score.worth import WorthFitting, fit_worth

FOLDS = 5
NIMA_SHARE = 0.5
EXPOSURE_SHARE = 0.5
LIGHTS = (0.2, 0.35, 0.5)
CANDIDATES = tuple(
    WorthFitting(nima=nima, people=people) for nima in (0.3, 0.4, 0.5, 0.7) for people in (2.0, 4.0, 8.0)
)


@dataclass(frozen=True)
class FoldResult:
    """What was chosen for one fold, and what `judged` found on it."""

    chosen: WorthFitting
    light: float
    found: dict[str, float]


@dataclass(frozen=True)
class FoldsResult:
    """Scores `(P,)` of the rated photos, each by a head that never saw its theme, and the folds.

    `features` `(P, K)` are those photos seen whole, `fold_of` `(P,)` their folds.
    """

    scores: Tensor
    folds: tuple[FoldResult, ...]
    features: Tensor
    fold_of: Tensor

    def means(self) -> dict[str, float]:
        """The mean over folds of everything that was judged."""
        names = {name for fold in self.folds for name in fold.found}
        return {
            name: float(np.mean([fold.found[name] for fold in self.folds if name in fold.found]))
            for name in sorted(names)
        }


def folds_of(photos: Sequence[Path], count: int, seed: int = 0) -> Tensor:
    """The fold of each of `count` photos, of which the first are the rated `photos`: whole themes."""
    names = sorted({theme(photo) for photo in photos})
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: index % FOLDS for index, place in enumerate(order)}
    of_rated = [fold[theme(photo)] for photo in photos]
    return torch.tensor([*of_rated, *(index % FOLDS for index in range(len(photos), count))])


def score_folds(
    sights: Sights,
    ratings: Ratings,
    settings: TrunkHeadFitting,
    *,
    components: int = 512,
    untaught: Sequence[int] | None = None,
    candidates: Sequence[WorthFitting] = CANDIDATES,
    seed: int = 0,
) -> FoldsResult:
    """Fit and judge on every fold, see the module; NIMA's order on photos `untaught`, where None: on all."""
    photos = ratings.photos
    means = torch.from_numpy(ratings.mean_scores()).float()
    fold_of = folds_of(photos, int(sights.photo.max()) + 1, seed)
    rows = torch.where(sights.photo >= 0, fold_of[sights.photo.clamp(min=0)], -1)
    features = fit_basis(sights, sights.photo >= len(photos), components)(sights.features)
    whole = whole_views(sights, len(photos))
    result = torch.full((len(photos),), torch.nan)
    plain = sights.kind == KINDS.index("plain")
    judges = sights.photo >= len(photos)
    if untaught is not None:
        judges = torch.isin(sights.photo, torch.tensor(untaught))
    found = []

    def agreement(score: Tensor, fold: int, exposure: float = 0) -> float:
        mine = [p for p, row in whole.items() if fold_of[p] == fold]
        people = spearman(score[[whole[p] for p in mine]].double().numpy(), means[mine].double().numpy())
        others = judged(sights, score, (rows == fold) & judges)
        kept = judged(sights, score, rows == fold).get("misexposure", 0) if exposure else 0
        return people + NIMA_SHARE * others["nima"] + exposure * kept

    def inside(fold: int, candidate: WorthFitting) -> float:
        return sum(
            agreement(fit_worth(sights, features, means, ~without, candidate)(features), one)
            for one, without in inner(fold)
        )

    def inner(fold: int) -> list[tuple[int, Tensor]]:
        others = [other for other in range(FOLDS) if other != fold]
        return [(one, (rows == fold) | (rows == one)) for one in others]

    @cache
    def light_without(folds: frozenset[int]) -> Tensor:
        chosen = ~torch.isin(rows, torch.tensor(sorted(folds)))
        light = fit_light(sights, features, chosen, settings.lit)
        with torch.no_grad():
            said: Tensor = light(features)[:, 0]
        return said

    def lit_inside(fold: int, worth: WorthFitting) -> list[float]:
        found = [0.0] * len(LIGHTS)
        for one, without in inner(fold):
            score = fit_worth(sights, features, means, ~without, worth)(features)
            dark = light_without(frozenset({fold, one}))
            for index, share in enumerate(LIGHTS):
                found[index] += agreement(score - share * dark, one, EXPOSURE_SHARE)
        return found

    for fold in range(FOLDS):
        best = candidates[0] if len(candidates) == 1 else max(candidates, key=partial(inside, fold))
        tried = lit_inside(fold, best)
        light = LIGHTS[tried.index(max(tried))]
        fitting = replace(settings, worth=best, lit=replace(settings.lit, worth=light))
        head = fit_trunk_head(sights, features, means, rows != fold, fitting)
        score = scores_of(head, features)
        for photo, row in whole.items():
            if fold_of[photo] == fold:
                result[photo] = score[row]
        judgement = judged(sights, score, (rows == fold) | plain)
        others = judged(sights, score, (rows == fold) & judges)
        found.append(FoldResult(best, light, {**judgement, "nima": others["nima"]}))
    seen = torch.stack([features[whole[photo]] for photo in range(len(photos))])
    return FoldsResult(result, tuple(found), seen, fold_of[: len(photos)])


def whole_views(sights: Sights, rated: int) -> dict[int, int]:
    """The row in which each of the `rated` first photos is seen whole."""
    rows: dict[int, int] = {}
    for row in (
        (sights.of_kind("view") & (sights.photo >= 0) & (sights.photo < rated)).nonzero()[:, 0].tolist()
    ):
        rows.setdefault(int(sights.photo[row]), row)
    return rows


def scores_of(head: WorthHead, features: Tensor) -> Tensor:
    """Scores `(N,)` of features `(N, K)`."""
    with torch.no_grad():
        return mean_score(rating_distribution(head(features)))

"""When to stop: pairs left out in turn say after which epoch a person's network orders them best.

For each fold of the stated pairs the stages are run on the others, and what follows from them; after every
epoch, and at the start, the pairs left out are counted that stand in the right order. A network stops at the
first epoch that has most of them, and stays at its start unless an epoch has more than the start: by these
pairs no person ends below where they began. An inferred pair never crosses from one side to the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import AestheticModel, mean_score
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.finetune.training import FinetuneSchedule, finetune
from retouch_aes.taste.rated_pool import RatedPool

FOLDS = 5
Epoch = tuple[str, int]
"""A stage and its epoch: `("start", 0)`, `("regression", 1)`, ..., `("ranking", 20)`."""


@dataclass(frozen=True)
class HeldOutPairs:
    """Shares of the pairs left out in the right order: at the `start`, at the `end`, after each epoch."""

    start: float
    end: float
    epochs: dict[Epoch, float]

    @property
    def best(self) -> Epoch:
        """The first of the best epochs, the start first of all."""
        return max(self.epochs, key=lambda epoch: (self.epochs[epoch], -list(self.epochs).index(epoch)))

    def shortened(self, schedule: FinetuneSchedule) -> FinetuneSchedule:
        """`schedule`, ended at the best epoch."""
        stage, epoch = self.best
        regression = {"start": 0, "regression": epoch}.get(stage, schedule.regression_epochs)
        ranking = epoch if stage == "ranking" else 0
        return replace(schedule, regression_epochs=regression, ranking_epochs=ranking, held_out=False)


def hold_out(
    preferences: PreferenceGraph,
    feature_cache: FeatureCache,
    schedule: FinetuneSchedule,
    *,
    pool: RatedPool | None = None,
    progress: Progress | None = None,
) -> HeldOutPairs | None:
    """Leave each fold of the stated pairs out in turn; None for a single pair. For heads on features only."""
    stated = preferences.stated
    folds = min(FOLDS, len(stated))
    if folds < 2:
        return None
    order = np.random.default_rng(schedule.seed).permutation(len(stated))
    right: dict[Epoch, list[bool]] = {}
    for fold in range(folds):
        out = set(order[fold::folds].tolist())
        rest = [Choice(pair.winner, pair.loser, time="") for i, pair in enumerate(stated) if i not in out]
        sides = [side for i in sorted(out) for side in (stated[i].winner, stated[i].loser)]
        features = feature_cache.see(sides)[0].to(feature_cache.device)
        counts: dict[str, int] = {}

        def watch(
            stage: str,
            model: AestheticModel,
            features: torch.Tensor = features,
            counts: dict[str, int] = counts,
        ) -> None:
            counts[stage] = counts.get(stage, -1 if stage == "start" else 0) + 1
            head: Any = model.get_submodule("head")
            with torch.no_grad():
                score = mean_score(rating_distribution(head(features)))
            right.setdefault((stage, counts[stage]), []).extend((score[0::2] > score[1::2]).tolist())

        finetune(PreferenceGraph.of(rest), feature_cache, pool=pool, schedule=schedule, watch=watch)
        if progress is not None:
            progress("checking", fold + 1, folds)
    shares = {epoch: float(np.mean(values)) for epoch, values in right.items()}
    last: Sequence[Epoch] = list(shares)
    return HeldOutPairs(shares["start", 0], shares[last[-1]], shares)

"""A person's offset to the generic score from rated neighbours and pairs: the preset `zhang-laptop`.

The stages are Zhang et al.'s, on features seen once and held to the score (`optim.pair_offset`), as in the
row `zhang-anchored` of `bench piaa`. What pairs of photos left out say decides where to stop: at the score
itself, after the first stage or after the second; by these pairs nobody ends below the start.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.models.anchored_score import AnchoredScore, UnitComponents
from retouch_aes.optim.pair_offset import PairDifferences, left_out, ranked, regressed
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.rated_pool import NEIGHBOURS, RatedPool

COMPONENTS = 128
HELD = 1.0
STOPS = ("the start", "the first stage", "the second stage")


@dataclass(frozen=True, eq=False)
class AnchoredPerson:
    """The `model`; where it `stopped`, one of `STOPS`; shares of pairs left out in order, if checked."""

    model: AnchoredScore
    stopped: str
    metrics: dict[str, float]


def learn_offset(
    preferences: PreferenceGraph,
    feature_cache: FeatureCache,
    *,
    pool: RatedPool | None = None,
    neighbours: int = NEIGHBOURS,
    seed: int = 0,
    progress: Progress | None = None,
) -> AnchoredPerson:
    """Learn from `preferences`, and from the photos of `pool` that look like those in them.

    `UsageError` without pairs, for a score of another kind, or where the pool was seen by another one.
    """
    generic = feature_cache.model
    if not preferences.pairs:
        raise UsageError("expected a pair at least that is not contradicted, got none")
    if pool is not None and pool.fingerprint != generic.fingerprint:
        raise UsageError(
            f"the pool was seen by the model {pool.fingerprint}, got {generic.fingerprint}; build it again"
        )
    renditions = tuple(dict.fromkeys(side for pair in preferences.pairs for side in pair))
    seen = list(renditions)
    means = torch.zeros(0)
    if pool is not None:
        mine = feature_cache.see(renditions, progress)[0].to(feature_cache.device)
        union, histograms = pool.neighbourhood(mine, neighbours)
        seen += [Rendition(pool.names[i]) for i in union.tolist()]
        means = histograms.double() @ torch.arange(1, 11).double()
    features, score, _ = (part.double() for part in feature_cache.see(seen, progress))
    model = AnchoredScore(copy.deepcopy(generic), min(COMPONENTS, *features.shape))
    model.mean.copy_(features.mean(0))
    model.deviation.copy_(features.std(0).clamp(min=1e-3))
    inputs = (features - model.mean.double()) / model.deviation.double()
    model.components = UnitComponents.of(inputs, len(model.weights))
    table = model.components(inputs)
    count = len(renditions)
    nothing = torch.zeros(table.shape[1], dtype=table.dtype)
    begun = nothing if pool is None else regressed(table[count:], means - score[count:], HELD)
    index = {rendition: i for i, rendition in enumerate(renditions)}
    photos = torch.tensor([[index[pair.winner], index[pair.loser]] for pair in preferences.pairs])
    pairs = PairDifferences.of(table[:count], score[:count], photos)
    stop, metrics = _stop(pairs, nothing, begun, seed)
    model.weights.copy_((nothing, begun, ranked(pairs, begun))[stop])
    model.components = model.components.float()
    model = model.to(feature_cache.device).requires_grad_(False).eval()
    return AnchoredPerson(model, STOPS[stop], metrics)


def _stop(pairs: PairDifferences, nothing: Tensor, begun: Tensor, seed: int) -> tuple[int, dict[str, float]]:
    """The place in `STOPS` that predicts pairs of photos left out best; the last where none can be."""
    losses, right, total = np.zeros(3), np.zeros(3), 0
    for rest, out in left_out(pairs, seed):
        for place, weights in enumerate((nothing, begun, ranked(rest, begun))):
            losses[place] += out.loss(weights)
            right[place] += float((out.ahead + out.away @ weights > 0).sum())
        total += len(out)
    if not total:
        return 2, {}
    allowed = np.where(right >= right[0], losses, np.inf)
    best = int(allowed.argmin())
    return best, {"agreement": right[best] / total, "generic_agreement": right[0] / total}

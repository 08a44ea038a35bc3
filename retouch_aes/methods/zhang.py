"""Zhang et al., "Personalized Image Aesthetics Assessment via Joint Regression and Ranking".

    1. the K = 50 nearest photos that others rated, of every photo of the person; their union by EMD
    2. the person's pairs, and those that follow from two of them, by  max(0, f(loser) - f(winner) + 0.1)

The network attends over two levels of feature maps (`retouch_aes.models.emd_attention`). The ablations of
the paper's table are options, `ABLATIONS`. Left out: training the backbone; the paper's rates are for that,
and those here for a small network. Before step 1 the network has seen all rated photos once (in `prepare`),
where the paper starts from ImageNet.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.datasets.nearest import nearest
from retouch_aes.datasets.two_hops import two_hops
from retouch_aes.errors import UsageError
from retouch_aes.losses.ranking import PairLoss, exponential, hinge, logistic
from retouch_aes.methods.descent import Stage, descend
from retouch_aes.methods.map_method import MapMethod, rated_by_others
from retouch_aes.methods.method import Evidence, Floats, Study
from retouch_aes.models.emd_attention import SpatialAttention
from retouch_aes.models.heads import rating_distribution, rating_head
from retouch_aes.models.model import mean_score

NEIGHBOURS = 50
FIRST = Stage(80, 1e-2, 1e-2)
REGRESSION = Stage(8, 2e-3, 1e-2)
RANKING = Stage(40, 5e-3, 0.1)


class AttentionNetwork(nn.Module):
    """Condensed maps of two levels or more -> distributions `(B, 10)`; the last two are attended.

    Attention scores are divided by the root of the width: with a few hundred photos they grow too sharp.
    """

    def __init__(self, widths: Sequence[int], *, attention: bool) -> None:
        super().__init__()
        if len(widths) < 2:
            raise UsageError(f"expected feature maps at two strides or more, got {len(widths)}")
        first, second = widths[-2:]
        self.attention = attention
        self.pool1, self.pool2 = SpatialAttention(first, second), SpatialAttention(second, second)
        self.pool1.requires_grad_(attention)
        self.pool2.requires_grad_(attention)
        self.head = rating_head(first + second)

    def forward(self, maps: tuple[Tensor, ...]) -> Tensor:
        """See the class."""
        z1, z2 = maps[-2:]
        z3 = F.max_pool2d(z2, 2, ceil_mode=True)
        attended = [self._pooled(z1, z3, self.pool1), self._pooled(z2, z3, self.pool2)]
        return rating_distribution(self.head(torch.cat(attended, 1)))

    def _pooled(self, maps: Tensor, guide: Tensor, pool: SpatialAttention) -> Tensor:
        if not self.attention:
            return maps.mean((-2, -1))
        calm = maps.shape[1] ** -0.5
        return (maps * pool.weights(calm * maps, calm * guide)).sum((-2, -1))


class Zhang(MapMethod):
    """Regression on what looks like the person's photos, then their pairs. See the module.

    `loss` of a pair: `hinge`, `exponential` or `logistic`. Without `rankings` the pairs are not read;
    without `population` nobody else's ratings are; without `enrich` nothing is inferred from two pairs.
    """

    name: ClassVar[str] = "Zhang"
    pairs: ClassVar[bool] = True

    def __init__(
        self,
        *,
        loss: PairLoss = hinge,
        attention: bool = True,
        rankings: bool = True,
        population: bool = True,
        enrich: bool = True,
        neighbours: int = NEIGHBOURS,
        channels: int = 64,
        grid: int = 4,
        first: Stage = FIRST,
        regression: Stage = REGRESSION,
        ranking: Stage = RANKING,
    ) -> None:
        super().__init__(channels, grid, first if population else None)
        self.loss, self.attention, self.rankings, self.enrich = loss, attention, rankings, enrich
        self.neighbours, self.regression, self.ranking = neighbours, regression, ranking
        self._rated: tuple[Tensor, Tensor] | None = None
        self._table = np.zeros((0, 0), np.float32)

    def build(self, widths: Sequence[int]) -> nn.Module:
        """See `AttentionNetwork`."""
        return AttentionNetwork(widths, attention=self.attention)

    def prepare(self, study: Study) -> None:
        """As `MapMethod.prepare`; and the features of the rated photos, for the search."""
        super().prepare(study)
        if self.population is not None:
            self._rated = rated_by_others(study)
            self._table = _unit(study.features[study.population_index])

    def learn(self, network: nn.Module, study: Study, evidence: Evidence) -> None:
        """Regression, then ranking."""
        if self._rated is not None:
            queries = torch.from_numpy(_unit(study.features[evidence.photos]))
            _, found = nearest(self._table, queries, min(self.neighbours, len(self._table)))
            union = torch.from_numpy(np.unique(found.numpy()))
            maps, wanted = self.seen(self._rated[0][union]), self._rated[1][union]
            descend(network, lambda: self.photo_loss(network, maps, wanted), self.regression)
        pairs = [(int(winner), int(loser)) for winner, loser in evidence.pairs]
        if self.rankings and pairs:
            if self.enrich:
                stated = list(dict.fromkeys(pairs))
                sound = [pair for pair in stated if pair[::-1] not in pairs]
                conflicts = {frozenset(pair) for pair in stated if pair[::-1] in pairs}
                pairs = sound + two_hops(sound, conflicts)[0]
            rank(self, network, np.array(pairs), self.loss, self.ranking)


def rank(method: MapMethod, network: nn.Module, pairs: np.ndarray, loss: PairLoss, stage: Stage) -> None:
    """Train `network` on `pairs` `(N, 2)` of (winner, loser), photos of the study."""
    photos, places = np.unique(pairs, return_inverse=True)
    maps = method.seen(torch.from_numpy(photos))
    winners, losers = torch.from_numpy(places.reshape(-1, 2)).unbind(1)

    def ranking() -> Tensor:
        scores = mean_score(network(maps))
        return loss(scores[winners], scores[losers])

    descend(network, ranking, stage)


def _unit(features: Floats) -> np.ndarray:
    rows = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return np.asarray(rows, np.float32)


ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "exponential loss": {"loss": exponential},
    "logistic loss": {"loss": logistic},
    "no attention": {"attention": False},
    "no rankings": {"rankings": False},
    "no population": {"population": False},
    "no enrichment": {"enrich": False},
}
"""The rows of the paper's table (the last is ours), as arguments of `Zhang`."""

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
from numpy.typing import NDArray
from torch import Tensor, nn

from retouch_aes.datasets.nearest import nearest
from retouch_aes.errors import UsageError
from retouch_aes.losses.ranking import PairLoss, exponential, hinge, logistic
from retouch_aes.models.emd_attention import SpatialAttention
from retouch_aes.models.heads import rating_distribution, rating_head
from retouch_aes.papers.common.described import described
from retouch_aes.papers.common.full_batch import TrainingStage, fit_full_batch
from retouch_aes.papers.common.map_method import MapMethod, PopulationRatings
from retouch_aes.papers.common.pairs import fit_pairs
from retouch_aes.papers.method import Floats, PersonEvidence, Study
from retouch_aes.papers.zhang.pairs import enriched

NEIGHBOURS = 50
FIRST = TrainingStage(80, 1e-2, 1e-2)
REGRESSION = TrainingStage(8, 2e-3, 1e-2)
RANKING = TrainingStage(40, 5e-3, 0.1)


@described
class AttentionNetwork(nn.Module):
    """Condensed maps of two levels or more -> distributions `(B, 10)`; the last two are attended.

    Attention scores are divided by the root of the width: with a few hundred photos they grow too sharp.
    """

    def __init__(self, widths: Sequence[int], *, attention: bool) -> None:
        super().__init__()
        if len(widths) < 2:
            raise UsageError(f"expected feature maps at two strides or more, got {len(widths)}")
        first, second = widths[-2:]
        self.config: dict[str, Any] = {"widths": list(widths), "attention": attention}
        self.attention = attention
        self.pool1, self.pool2 = SpatialAttention(first, second), SpatialAttention(second, second)
        self.pool1.requires_grad_(attention)
        self.pool2.requires_grad_(attention)
        self.head = rating_head(first + second)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "AttentionNetwork":
        """The network that `config` describes, with random weights."""
        return cls(**config)

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
    without `population` nobody else's ratings are; without `enrich` nothing is inferred from two pairs. With
    0 `neighbours` nothing is learned of them. `pool` photos of others are learned from at most; None: all.
    """

    name: str = "Zhang"
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
        pool: int | None = None,
        channels: int = 64,
        grid: int = 4,
        first: TrainingStage = FIRST,
        regression: TrainingStage = REGRESSION,
        ranking: TrainingStage = RANKING,
    ) -> None:
        super().__init__(channels, grid, first if population else None, most=pool)
        self.loss, self.attention, self.rankings, self.enrich = loss, attention, rankings, enrich
        self.neighbours, self.regression, self.ranking = neighbours, regression, ranking
        self._unit = np.zeros((0, 0), np.float32)

    def prepare(self, study: Study) -> None:
        """Also bring the features that neighbours are found by to unit length."""
        self._unit = _unit(study.features)
        super().prepare(study)

    def build(self, widths: Sequence[int]) -> nn.Module:
        """See `AttentionNetwork`."""
        return AttentionNetwork(widths, attention=self.attention)

    def learn(
        self,
        network: nn.Module,
        study: Study,  # noqa: ARG002
        evidence: PersonEvidence,
        others: PopulationRatings | None,
    ) -> None:
        """Regression, then ranking."""
        if others is not None and self.neighbours:
            table, queries = (self._unit[i] for i in (others.photos.numpy(), evidence.photos))
            _, found = nearest(table, torch.from_numpy(queries), min(self.neighbours, len(table)))
            union = torch.from_numpy(np.unique(found.numpy()))
            maps, wanted = self.seen(others.photos[union]), others.histograms[union]
            fit_full_batch(network, lambda: self.photo_loss(network, maps, wanted), self.regression)
        pairs = [(int(winner), int(loser)) for winner, loser in evidence.pairs]
        if self.rankings and pairs:
            stated = enriched(pairs) if self.enrich else pairs
            fit_pairs(self, network, np.array(stated), self.loss, self.ranking)


def _unit(features: Floats) -> NDArray[np.float32]:
    lengths = np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return np.asarray(np.divide(features, lengths, dtype=np.float32, casting="same_kind"), np.float32)


ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "exponential loss": {"loss": exponential},
    "logistic loss": {"loss": logistic},
    "no attention": {"attention": False},
    "no rankings": {"rankings": False},
    "no population": {"population": False},
    "no enrichment": {"enrich": False},
    "start alone": {"rankings": False, "neighbours": 0},
}
"""The rows of the paper's table (the last two are ours), as arguments of `Zhang`."""


def ablated(name: str, **more: Any) -> Zhang:
    """The row `name` of `ABLATIONS`, with `more` arguments of `Zhang`."""
    method = Zhang(**{**ABLATIONS[name], **more})
    method.name = f"Zhang, {name}"
    return method

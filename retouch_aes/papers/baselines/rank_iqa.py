"""RankIQA (Liu et al., ICCV 2017), as Zhang et al. run it: a Siamese network on this user's pairs only.

    max(0, f(loser) - f(winner) + 1/2)

Both photos of a pair pass through one network on pooled features. Nobody else's ratings are read. Left out:
the pre-training on synthetic distortions, and the backbone's own training.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from torch import nn

from retouch_aes.losses.ranking import hinge
from retouch_aes.papers.baselines.nima import PooledNetwork
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.map_method import MapMethod, PopulationRatings
from retouch_aes.papers.common.pairs import fit_pairs
from retouch_aes.papers.method import PersonEvidence, Study

RANKING = TrainingStage(100, 1e-2, 1e-3)


class RankIQA(MapMethod):
    """See the module. `margin` in score points."""

    name: str = "RankIQA"
    pairs: ClassVar[bool] = True

    def __init__(self, *, channels: int = 64, margin: float = 0.5, ranking: TrainingStage = RANKING) -> None:
        super().__init__(channels, 1, None)
        self.margin, self.ranking = margin, ranking

    def build(self, widths: Sequence[int]) -> nn.Module:
        """See `PooledNetwork`."""
        return PooledNetwork(widths)

    def learn(
        self,
        network: nn.Module,
        study: Study,  # noqa: ARG002
        evidence: PersonEvidence,
        others: PopulationRatings | None,  # noqa: ARG002
    ) -> None:
        """Learn from the pairs as stated; without any the fresh network stays."""
        if len(evidence.pairs):
            fit_pairs(self, network, evidence.pairs, partial(hinge, margin=self.margin), self.ranking)

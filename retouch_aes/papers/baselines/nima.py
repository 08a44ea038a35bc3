"""NIMA (Talebi & Milanfar, 2018): pooled features, ten rating bins, EMD; the row without a personal idea.

Trained on the ratings of others, then fine-tuned on the person's own, each as a distribution of one vote.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from retouch_aes.models.heads import rating_distribution, rating_head
from retouch_aes.papers.common.described import described
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.rated_method import RatedMethod

FIRST = TrainingStage(150, 1e-2, 1e-3)
OWN = TrainingStage(60, 2e-3, 0.1)


@described
class PooledNetwork(nn.Module):
    """Condensed maps -> distributions `(B, 10)` by the mean of the last level over positions."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.config: dict[str, Any] = {"widths": list(widths)}
        self.head = rating_head(widths[-1])

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "PooledNetwork":
        """The network that `config` describes, with random weights."""
        return cls(**config)

    def forward(self, maps: tuple[Tensor, ...]) -> Tensor:
        """See the class."""
        return rating_distribution(self.head(maps[-1].mean((-2, -1))))


class NIMAMethod(RatedMethod):
    """See the module. `own` is the stage on the person's ratings."""

    name: str = "NIMA"

    def __init__(
        self,
        *,
        channels: int = 64,
        first: TrainingStage = FIRST,
        own: TrainingStage = OWN,
    ) -> None:
        super().__init__(channels, 1, first, own)

    def build(self, widths: Sequence[int]) -> nn.Module:
        """See `PooledNetwork`."""
        return PooledNetwork(widths)

"""MLSP features (Hosu et al., CVPR 2019): maps of all levels pooled over space, and a regression on them.

Every level is averaged over the photo (the paper's narrow features) or over a coarse grid (its wide ones,
`grid=5`), concatenated, and a hidden layer predicts the mean score by the squared error. Trained on the
ratings of others, then fine-tuned on the person's own.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.models.heads import hidden_head, rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.papers.common.described import described
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.rated_method import RatedMethod

FIRST = TrainingStage(150, 5e-3, 0.1)
OWN = TrainingStage(60, 2e-3, 1.0)


@described
class MultiLevelNetwork(nn.Module):
    """Condensed maps of all levels, `grid x grid` -> distributions `(B, 10)`, whose mean is regressed."""

    def __init__(self, widths: Sequence[int], grid: int, hidden: int) -> None:
        super().__init__()
        self.config: dict[str, Any] = {"widths": list(widths), "grid": grid, "hidden": hidden}
        self.head = hidden_head(sum(widths) * grid * grid, hidden)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MultiLevelNetwork":
        """The network that `config` describes, with random weights."""
        return cls(**config)

    def forward(self, maps: tuple[Tensor, ...]) -> Tensor:
        """See the class."""
        logits: Tensor = self.head(torch.cat([level.flatten(1) for level in maps], 1))
        return rating_distribution(logits)


class MLSP(RatedMethod):
    """See the module. `own` is the stage on the person's ratings."""

    name: str = "MLSP"

    def __init__(
        self,
        *,
        channels: int = 128,
        grid: int = 1,
        hidden: int = 64,
        first: TrainingStage = FIRST,
        own: TrainingStage = OWN,
    ) -> None:
        super().__init__(channels, grid, first, own)
        self.hidden = hidden

    def build(self, widths: Sequence[int]) -> nn.Module:
        """See `MultiLevelNetwork`."""
        return MultiLevelNetwork(widths, self.grid, self.hidden)

    def photo_loss(self, network: nn.Module, maps: tuple[Tensor, ...], wanted: Tensor) -> Tensor:
        """The mean squared error of the scores."""
        return F.mse_loss(mean_score(network(maps)), mean_score(wanted))

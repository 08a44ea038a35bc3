"""What the methods share that first learn from others' ratings, then from the person's own ratings."""

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.models.model import SCORES
from retouch_aes.papers.common.full_batch import TrainingStage, fit_full_batch
from retouch_aes.papers.common.map_method import MapMethod, PopulationRatings
from retouch_aes.papers.method import PersonEvidence, Study


class RatedMethod(MapMethod):
    """A `MapMethod` whose network is fine-tuned on the person's ratings, one vote each, by `photo_loss`."""

    def __init__(self, channels: int, grid: int, population: TrainingStage, own: TrainingStage) -> None:
        super().__init__(channels, grid, population)
        self.own = own

    def learn(
        self,
        network: nn.Module,
        study: Study,  # noqa: ARG002
        evidence: PersonEvidence,
        others: PopulationRatings | None,  # noqa: ARG002
    ) -> None:
        """Fine-tune on the person's ratings."""
        maps = self.seen(torch.from_numpy(np.asarray(evidence.photos)))
        wanted = votes(torch.from_numpy(np.asarray(evidence.scores)).float())
        fit_full_batch(network, lambda: self.photo_loss(network, maps, wanted), self.own)


def votes(scores: Tensor) -> Tensor:
    """Scores `(k,)` in [1, 10] -> distributions `(k, 10)`; one between two bins is shared, the mean kept."""
    bins = torch.arange(1, SCORES + 1, dtype=scores.dtype)
    return (1 - (scores[:, None] - bins).abs()).clamp(min=0)

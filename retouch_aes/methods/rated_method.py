"""What the methods share that first learn from others' ratings, then from the person's own ratings."""

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.methods.descent import Stage, descend
from retouch_aes.methods.map_method import MapMethod
from retouch_aes.methods.method import Evidence, Study
from retouch_aes.models.model import SCORES


class RatedMethod(MapMethod):
    """A `MapMethod` whose network is fine-tuned on the person's ratings, one vote each, by `photo_loss`."""

    def __init__(self, channels: int, grid: int, population: Stage, own: Stage) -> None:
        super().__init__(channels, grid, population)
        self.own = own

    def learn(self, network: nn.Module, study: Study, evidence: Evidence) -> None:  # noqa: ARG002
        """Fine-tune on the person's ratings."""
        maps = self.seen(torch.from_numpy(np.asarray(evidence.photos)))
        wanted = votes(torch.from_numpy(np.asarray(evidence.scores)).float())
        descend(network, lambda: self.photo_loss(network, maps, wanted), self.own)


def votes(scores: Tensor) -> Tensor:
    """Scores `(k,)` in [1, 10] -> distributions `(k, 10)`; one between two bins is shared, the mean kept."""
    bins = torch.arange(1, SCORES + 1, dtype=scores.dtype)
    return (1 - (scores[:, None] - bins).abs()).clamp(min=0)

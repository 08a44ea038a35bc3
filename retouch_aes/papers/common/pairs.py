"""Training of a small network on one person's pairs, as Zhang's second stage and RankIQA do it."""

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.losses.ranking import PairLoss
from retouch_aes.models.model import mean_score
from retouch_aes.papers.common.full_batch import TrainingStage, fit_full_batch
from retouch_aes.papers.common.map_method import MapMethod


def fit_pairs(
    method: MapMethod, network: nn.Module, pairs: np.ndarray, loss: PairLoss, stage: TrainingStage
) -> None:
    """Train `network` on `pairs` `(N, 2)` of (winner, loser), photos of the study."""
    photos, places = np.unique(pairs, return_inverse=True)
    maps = method.seen(torch.from_numpy(photos))
    winners, losers = torch.from_numpy(places.reshape(-1, 2)).unbind(1)

    def ranking() -> Tensor:
        scores = mean_score(network(maps))
        return loss(scores[winners], scores[losers])

    fit_full_batch(network, ranking, stage)

"""Learning from people: rating distributions, pairs within and across raters, and a second opinion.

For photos that people rated: the earth mover's distance to their distribution, and for every pair of the
batch the cross-entropy of `sigmoid((f_i - f_j) / temperature)` against the share of raters who put `i`
above `j`: of those who rated both (within raters) and, where nobody did, of all pairs of their ratings
(across raters), after Kong et al. 2016. For photos without ratings: the mean rating that a support vector
regressor on the teachers' features predicts, fitted on the training photos only.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.datasets import Ratings
from retouch_aes.losses import emd
from retouch_aes.models.model import mean_score
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.score.distillation_data import Opinion
from retouch_aes.training.score.teachers import Teachers

TEMPERATURE = 1.0  # score points in which a preference is about 73 to 27


class RatingTable:
    """Ratings in the shape that training wants: histograms `(P, 10)` and shares of preference."""

    def __init__(self, ratings: Ratings) -> None:
        self.histograms = torch.from_numpy(ratings.histograms()).float()
        table = np.full((len(ratings.users), len(ratings.photos)), np.nan, np.float32)
        table[ratings.user_index, ratings.photo_index] = ratings.scores
        self._table = table

    def preference(self, indices: Tensor) -> Tensor:
        """`(B, B)`: the share of raters who put photo i above photo j, ties counted half."""
        scores = self._table[:, indices.numpy()]
        above = np.sign(scores[:, :, None] - scores[:, None, :])
        both = (~np.isnan(above)).sum(0)
        within = np.nansum(above, axis=0) / np.maximum(both, 1)
        cumulative = self.histograms[indices].cumsum(1).numpy()
        exact = self.histograms[indices].numpy()
        below = np.concatenate([np.zeros((len(indices), 1), np.float32), cumulative[:, :-1]], axis=1)
        wins = exact @ below.T
        across = wins - wins.T
        return torch.from_numpy(0.5 + 0.5 * np.where(both > 0, within, across)).float()


def rating_losses(distribution: Tensor, table: RatingTable, indices: Tensor) -> dict[str, Tensor]:
    """EMD and pair losses of predicted distributions `(B, 10)` for rated photos `indices` `(B,)`."""
    score = mean_score(distribution)
    gap = (score[:, None] - score[None, :]) / TEMPERATURE
    pairs = F.binary_cross_entropy_with_logits(gap, table.preference(indices).to(gap))
    return {"emd": emd(distribution, table.histograms[indices].to(distribution)), "pairs": pairs}


def teacher_opinion(teachers: Teachers, rated: PhotoPool, means: Sequence[float], side: int) -> Opinion:
    """A regressor from the teachers' pooled features of a photo at `side` px to its mean rating.

    Fitted on whole `rated` photos and their `means`, squashed to a square as the crops of `examples` are.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    wholes = (rated.whole(index, (side, side)) for index in range(len(rated)))
    known = torch.cat([teachers.outputs(photo)[1] for photo in wholes]).numpy()
    regressor = make_pipeline(StandardScaler(), SVR(C=3.0, gamma=0.3 / known.shape[1]))
    regressor.fit(known, np.asarray(means))

    def opinion(pooled: Tensor) -> Tensor:
        return torch.from_numpy(regressor.predict(pooled.numpy())).float().clamp(1, 10)

    return opinion

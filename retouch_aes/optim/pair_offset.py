"""A linear offset to a score, learned from means and from pairs, held to where it began.

    regressed   w = argmin mean (gap - w . z)^2 + a |w|^2
    ranked      w = argmin mean log(1 + exp(-(ahead + w . away))) + |w - w0|^2 / k

`gap` is what a score lacks, `away` the difference of a pair's two sides in z, `ahead` that of their scores,
and k the number of photos in the pairs: pairs of few photos say less than their number. Both have one
minimum.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_PARTS, _NEWTON, _TINY = 5, 12, 1e-9


@dataclass(frozen=True, eq=False)
class PairDifferences:
    """Winner minus loser: components `away` `(N, C)`, scores `ahead` `(N,)`; `photos` `(N, 2)` by number."""

    away: Tensor
    ahead: Tensor
    photos: Tensor

    def __len__(self) -> int:
        return len(self.ahead)

    @staticmethod
    def of(table: Tensor, score: Tensor, photos: Tensor) -> "PairDifferences":
        """Of pairs (winner, loser) `(N, 2)` of the rows of `table` `(P, C)`, scored `score` `(P,)`."""
        winner, loser = photos.unbind(1)
        return PairDifferences(table[winner] - table[loser], score[winner] - score[loser], photos)

    def where(self, kept: Tensor) -> "PairDifferences":
        """Those where `kept` `(N,)` is true."""
        return PairDifferences(self.away[kept], self.ahead[kept], self.photos[kept])

    def names(self) -> Tensor:
        """The photos that occur, `(k,)`."""
        return torch.from_numpy(np.unique(self.photos.numpy()))

    def loss(self, weights: Tensor) -> float:
        """The sum of log(1 + exp(-(ahead + w . away)))."""
        return float(F.softplus(-self.ahead - self.away @ weights).sum())


def regressed(table: Tensor, gap: Tensor, held: float) -> Tensor:
    """`w` `(C,)` for what scores lack, `gap` `(N,)`, in components `table` `(N, C)`; a shift counts not."""
    square = table.T @ table / len(table) + held * torch.eye(table.shape[1], dtype=table.dtype)
    found: Tensor = torch.linalg.solve(square, table.T @ (gap - gap.mean()) / len(table))
    return found


def ranked(pairs: PairDifferences, begun: Tensor) -> Tensor:
    """`w` `(C,)` by Newton's method from `begun`, to which it is held."""
    strength = 1 / max(1, len(pairs.names()))
    weights, eye = begun.clone(), torch.eye(len(begun), dtype=begun.dtype)
    for _ in range(_NEWTON):
        wrong = torch.sigmoid(-pairs.ahead - pairs.away @ weights)
        slope = -(pairs.away.T @ wrong) / len(wrong) + 2 * strength * (weights - begun)
        curve = (pairs.away.T * (wrong * (1 - wrong))) @ pairs.away / len(wrong) + 2 * strength * eye
        step = torch.linalg.solve(curve, slope)
        weights = weights - step
        if float(step.abs().max()) < _TINY:
            break
    return weights


def left_out(pairs: PairDifferences, seed: int = 0) -> list[tuple[PairDifferences, PairDifferences]]:
    """Five times: the pairs without a fifth of their photos, and those that touch it; none of them empty."""
    photos = pairs.names()
    order, found = np.random.default_rng(seed).permutation(len(photos)), []
    for part in range(_PARTS):
        touched = torch.isin(pairs.photos, photos[order[part::_PARTS]]).any(1)
        if touched.any() and not touched.all():
            found.append((pairs.where(~touched), pairs.where(touched)))
    return found


def ranking_helps(pairs: PairDifferences, begun: Tensor, seed: int = 0) -> bool:
    """Whether pairs of photos left out are predicted no worse by `ranked` than where it began."""
    gains = [out.loss(begun) - out.loss(ranked(rest, begun)) for rest, out in left_out(pairs, seed)]
    return sum(gains) >= 0

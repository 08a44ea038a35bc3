"""Losses of a pair: the winner's score should exceed the loser's.

    hinge         max(0, f(loser) - f(winner) + margin)        Zhang et al., margin 0.1
    exponential   exp(f(loser) - f(winner))                    as in RankBoost
    logistic      log(1 + exp(f(loser) - f(winner)))           as in RankNet and Bradley-Terry

All are >= 0 and fall as `winner - loser` grows; only the hinge is satisfied for good once the margin is kept.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses.reduction import Reduction, check_reduction, reduced

PairLoss = Callable[[Tensor, Tensor], Tensor]
MARGIN = 0.1


def hinge(
    winner: Tensor, loser: Tensor, *, margin: float | Tensor = MARGIN, reduction: Reduction = "mean"
) -> Tensor:
    """`max(0, loser - winner + margin)` of scores `(B,)`; `margin` in score points, one or one per pair."""
    _check(winner, loser, reduction)
    if isinstance(margin, Tensor) and margin.ndim and margin.shape != winner.shape:
        raise UsageError(f"expected one margin or {tuple(winner.shape)}, got {tuple(margin.shape)}")
    return reduced(F.relu(loser - winner + margin), reduction)


def exponential(winner: Tensor, loser: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """`exp(loser - winner)` of scores `(B,)`."""
    _check(winner, loser, reduction)
    return reduced(torch.exp(loser - winner), reduction)


def logistic(winner: Tensor, loser: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """`log(1 + exp(loser - winner))` of scores `(B,)`, without overflow."""
    _check(winner, loser, reduction)
    return reduced(F.softplus(loser - winner), reduction)


class HingeLoss(nn.Module):
    """`hinge` with its margin kept: scores `(B,)`, `(B,)` -> scalar."""

    def __init__(self, *, margin: float = MARGIN, reduction: Reduction = "mean") -> None:
        super().__init__()
        check_reduction(reduction)
        self.margin, self.reduction = margin, reduction

    def forward(self, winner: Tensor, loser: Tensor) -> Tensor:
        """See `hinge`."""
        return hinge(winner, loser, margin=self.margin, reduction=self.reduction)


class ExponentialLoss(nn.Module):
    """`exponential` as a module: scores `(B,)`, `(B,)` -> scalar."""

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        check_reduction(reduction)
        self.reduction = reduction

    def forward(self, winner: Tensor, loser: Tensor) -> Tensor:
        """See `exponential`."""
        return exponential(winner, loser, reduction=self.reduction)


class LogisticLoss(nn.Module):
    """`logistic` as a module: scores `(B,)`, `(B,)` -> scalar."""

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        check_reduction(reduction)
        self.reduction = reduction

    def forward(self, winner: Tensor, loser: Tensor) -> Tensor:
        """See `logistic`."""
        return logistic(winner, loser, reduction=self.reduction)


def _check(winner: Tensor, loser: Tensor, reduction: str) -> None:
    check_reduction(reduction)
    if winner.shape != loser.shape or winner.ndim > 1:
        got = f"{tuple(winner.shape)} and {tuple(loser.shape)}"
        raise UsageError(f"expected the scores of winners and losers, both (B,), got {got}")

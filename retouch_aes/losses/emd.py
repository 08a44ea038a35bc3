"""Squared earth mover's distance between rating distributions over ordered scores.

    EMD(p, q) = ( (1/K) * sum_j |CDF_p(j) - CDF_q(j)|^r )^(1/r),   r = 2, K = 10

Hou, Yu & Samaras, "Squared Earth Mover's Distance-based Loss for Training Deep Neural Networks" (2016), as
used by NIMA and by Zhang et al. Range [0, ((K - 1) / K)^(1/r)]; 0 for equal distributions. It knows that a
vote moved by one score is a small mistake and by eight a large one; cross-entropy does not.
"""

import math

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses.reduction import Reduction, check_reduction, reduced


def emd(predicted: Tensor, target: Tensor, *, r: float = 2.0, reduction: Reduction = "mean") -> Tensor:
    """The distance between `predicted` and `target`, both `(B, K)` with rows that sum to 1.

    Returns a scalar, or `(B,)` with `reduction="none"`. The gradient is finite everywhere, and zero where
    the two are equal. `UsageError` for other shapes or `r < 1`.
    """
    check_reduction(reduction)
    if predicted.ndim != 2 or predicted.shape != target.shape:
        got = f"{tuple(predicted.shape)} and {tuple(target.shape)}"
        raise UsageError(f"expected two distributions of one shape (B, K), got {got}")
    if not r >= 1:
        raise UsageError(f"expected r >= 1, got {r}")
    return reduced(_emd(predicted, target, r), reduction)


class EMDLoss(nn.Module):
    """`emd` with its settings kept: `(B, K)`, `(B, K)` -> scalar."""

    def __init__(self, *, r: float = 2.0, reduction: Reduction = "mean") -> None:
        super().__init__()
        check_reduction(reduction)
        self.r, self.reduction = r, reduction

    def forward(self, predicted: Tensor, target: Tensor) -> Tensor:
        """See `emd`."""
        return emd(predicted, target, r=self.r, reduction=self.reduction)


def _emd(predicted: Tensor, target: Tensor, r: float) -> Tensor:
    difference = torch.cumsum(predicted - target, -1)
    # vector_norm has the subgradient 0 at equality, where a root of a sum of powers has none.
    norm: Tensor = torch.linalg.vector_norm(difference, ord=r, dim=-1)
    return norm / math.pow(predicted.shape[-1], 1 / r)

"""A score without bounds brought into (1, 10), and a distribution moved to a wanted mean.

    squashed(z) = 5.5 + 4.5 tanh((z - 5.5) / 4.5)
    tilted(p, m)_i = p_i exp(t i) / sum_j p_j exp(t j),     t such that the mean is m

Both keep the order; the gradient of `bounded_score` is the score's, that of `shift_distribution` leaves `t`
as it is.
"""

import torch
from torch import Tensor

from retouch_aes.models.model import SCORES

_MIDDLE, _REACH = 5.5, 4.5
_HALVINGS = 24


def bounded_score(raw: Tensor) -> Tensor:
    """Any scores -> scores in (1, 10), in the same order; the middle of the range hardly moves."""
    return _MIDDLE + _REACH * torch.tanh((raw - _MIDDLE) / _REACH)


def shift_distribution(distribution: Tensor, wanted: Tensor) -> Tensor:
    """Probabilities `(B, 10)` of the scores 1..10, tilted so that their mean is `wanted` `(B,)`."""
    scores = torch.arange(1, SCORES + 1, device=distribution.device, dtype=distribution.dtype)
    logits = distribution.clamp(min=1e-6).log()
    with torch.no_grad():
        low, high = torch.full_like(wanted, -20), torch.full_like(wanted, 20)
        for _ in range(_HALVINGS):  # the mean rises with the tilt: bisection
            tilt = (low + high) / 2
            mean = (torch.softmax(logits + tilt[:, None] * scores, 1) * scores).sum(1)
            low, high = torch.where(mean < wanted, tilt, low), torch.where(mean < wanted, high, tilt)
    return torch.softmax(logits + tilt[:, None] * scores, 1)

"""A linear head in closed form: ridge regression of mean ratings, written as logits of ten bins.

A bell of mean 5.5 and variance v, tilted by `exp(t i)`, has about the mean `5.5 + v t`. So the logits
`log bell_i + i (w . x + c) / v` have about the mean `5.5 + w . x + c`, and `w`, `c` are those of

    min  |5.5 + X w + c - y|^2 + penalty * D * |S w|^2

for N features `X` of D columns with standard deviations `S` (as if each had been standardised).
"""

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.heads import FIRST_MEAN, FIRST_SPREAD, rating_head
from retouch_aes.models.model import SCORES


def ridge_head(features: Tensor, scores: Tensor, *, penalty: float = 1.0) -> nn.Linear:
    """The layer `(B, D) -> (B, 10)` fitted to mean `scores` `(N,)` in [1, 10] of `features` `(N, D)`.

    Args:
        features: As the head is to see them; they are standardised inside.
        scores: Mean ratings.
        penalty: Above 0; larger holds the weights nearer to 0, and every score nearer to the mean.

    Raises:
        UsageError: Fewer than two photos, other shapes, scores out of range, or a penalty of 0 and below.
    """
    if features.ndim != 2 or scores.shape != features.shape[:1] or len(scores) < 2:
        got = f"{tuple(features.shape)} and {tuple(scores.shape)}"
        raise UsageError(f"expected features (N, D) and scores (N,) of two photos or more, got {got}")
    if not bool(((scores >= 1) & (scores <= SCORES)).all()) or not bool(features.isfinite().all()):
        raise UsageError("expected finite features, and scores from 1 to 10")
    if not penalty > 0:
        raise UsageError(f"expected a penalty above 0, got {penalty:g}")
    x, y = features.detach().double(), scores.detach().double()
    centre, scale = x.mean(0), x.std(0).clamp(min=1e-6)
    x = (x - centre) / scale
    # the dual form: N is hundreds where D is thousands
    ridge = penalty * x.shape[1] * torch.eye(len(x), dtype=x.dtype, device=x.device)
    weights = (x.T @ torch.linalg.solve(x @ x.T + ridge, y - y.mean())) / scale
    offset = y.mean() - FIRST_MEAN - weights @ centre
    head = rating_head(features.shape[1]).to(features.device)
    steps = torch.arange(1, SCORES + 1, dtype=x.dtype, device=x.device) / FIRST_SPREAD**2
    with torch.no_grad():
        head.weight.copy_(steps[:, None] * weights)
        head.bias.add_(steps * offset)
    return head

"""The last layers of a scorer: features to logits of ten rating bins, and logits to probabilities."""

import torch
from torch import Tensor, nn

from retouch_aes.models.model import SCORES

FIRST_MEAN = 5.5
FIRST_SPREAD = 1.5


def hidden_head(features: int, hidden: int) -> nn.Sequential:
    """`(B, features) -> (B, 10)` logits through one rectified layer of `hidden` units; starts undecided."""
    return nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), rating_head(hidden))


def rating_head(features: int) -> nn.Linear:
    """A linear layer `(B, features) -> (B, 10)` logits that starts as an undecided judge.

    Untrained, its softmax lies near a bell of mean 5.5 and standard deviation 1.5, whatever the photo: the
    distribution that ratings have on the whole, so that training begins with the differences.
    """
    head = nn.Linear(features, SCORES)
    scores = torch.arange(1, SCORES + 1, dtype=torch.float32)
    with torch.no_grad():
        nn.init.normal_(head.weight, std=0.01)
        head.bias.copy_(-0.5 * ((scores - FIRST_MEAN) / FIRST_SPREAD) ** 2)
    return head


def rating_distribution(logits: Tensor) -> Tensor:
    """Logits `(B, 10)` -> probabilities `(B, 10)`, in float32 at least, also under autocast."""
    return full_precision(logits).softmax(-1)


def between_bins(score: Tensor) -> Tensor:
    """Scores `(B,)` in [1, 10] -> all mass `(B, 10)` on the two bins beside each, their mean.

    For networks that know no more than a mean.
    """
    scores = torch.arange(1, SCORES + 1, device=score.device, dtype=score.dtype)
    return (1 - (score[:, None] - scores).abs()).clamp(min=0)


def full_precision(x: Tensor) -> Tensor:
    """`x` as float32 where autocast made it shorter; a softmax of 16-bit logits shifts scores by 0.02."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x

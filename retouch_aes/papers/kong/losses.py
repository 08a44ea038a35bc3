"""The losses of Kong et al., "Photo Aesthetics Ranking Network with Attributes and Content Adaptation".

    regression   1/(2N) sum (y - y')^2                                       also of attributes
    styles       -1/N sum log p_n(style of n)                                AVA: a photo has one of them
    ranking      1/(2N) sum max(0, alpha - d (y'_i - y'_j)),    d = 1 where y_i >= y_j, else -1

Primed are predictions. Scores lie in [0, 1], so that `alpha`, the margin, is .02 for AADB and .15 for AVA.
"""

import torch
from torch import Tensor

from retouch_aes.errors import UsageError

MARGIN = 0.02


def kong_regression(predicted: Tensor, truth: Tensor) -> Tensor:
    """Half the mean squared distance of `(N,)` or `(N, A)`; the A values of an item are summed."""
    if predicted.shape != truth.shape or not predicted.ndim or not len(predicted):
        got = f"{tuple(predicted.shape)} and {tuple(truth.shape)}"
        raise UsageError(f"expected predictions and truth of one shape (N,) or (N, A), got {got}")
    return (predicted - truth).square().sum() / (2 * len(predicted))


def kong_ranking(
    predicted: tuple[Tensor, Tensor], truth: tuple[Tensor, Tensor], *, margin: float = MARGIN
) -> Tensor:
    """The ranking loss of N pairs: predictions and truth of the first and of the second photo, all `(N,)`."""
    shapes = {tuple(side.shape) for side in (*predicted, *truth)}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or not len(predicted[0]):
        raise UsageError(f"expected four tensors of one shape (N,), got {sorted(shapes)}")
    order = torch.where(truth[0] >= truth[1], 1.0, -1.0)
    return (margin - order * (predicted[0] - predicted[1])).clamp(min=0).sum() / (2 * len(predicted[0]))


def kong_attributes(predicted: Tensor, truth: Tensor, *, styles: bool = False) -> Tensor:
    """The loss of attributes `(N, A)`: `kong_regression`, or of shares of `styles` the cross entropy.

    Not-a-number in `truth` is unknown and counts nothing; a style is 1 in its column.
    """
    known = truth.isfinite()
    wanted = torch.where(known, truth, torch.zeros_like(truth))
    if styles:
        return -(wanted * predicted.clamp(min=1e-7).log()).sum() / wanted.sum().clamp(min=1)
    return kong_regression(torch.where(known, predicted, torch.zeros_like(predicted)), wanted)

"""Distributions over the scores 1..10 out of means or of votes on another scale.

A value between two bins is shared by them in proportion, so the mean of the distribution stays the mean.
"""

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import UsageError

Floats = NDArray[np.float64]
SCORES = 10


def histograms_of_means(means: Floats) -> Floats:
    """`(P, 10)` with at most two bins each: what is known of a photo whose mean `(P,)` in [1, 10] is all."""
    return _shares(means)


def rebin(votes: Floats, values: Floats) -> Floats:
    """Votes `(P, S)` for the S `values` in [1, 10] -> distributions `(P, 10)`, rows sum to 1.

    `UsageError` for a row without votes or with negative ones.
    """
    votes = np.asarray(votes, np.float64)
    if votes.ndim != 2 or votes.shape[1] != len(values) or (votes < 0).any() or not votes.sum(1).all():
        raise UsageError(
            f"expected votes (P, {len(values)}), none negative and no row empty, got {votes.shape}"
        )
    found = votes @ _shares(np.asarray(values, np.float64))
    return np.asarray(found / found.sum(1, keepdims=True), np.float64)


def _shares(values: Floats) -> Floats:
    """`(S, 10)`: how much of each value falls into which bin."""
    position = np.asarray(values, np.float64) - 1
    if position.size and not (position.min() >= -1e-9 and position.max() <= SCORES - 1 + 1e-9):
        raise UsageError(f"expected scores in 1..10, got {position.min() + 1:g} to {position.max() + 1:g}")
    lower = np.clip(np.floor(position).astype(np.intp), 0, SCORES - 2)
    share = np.clip(position - lower, 0.0, 1.0)
    table = np.zeros((len(position), SCORES))
    rows = np.arange(len(position))
    table[rows, lower] = 1 - share
    table[rows, lower + 1] += share
    return table

"""Good from bad by a score: the accuracy of Kong's table 3, and the cut that decides it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def best_threshold(scores: Floats, good: NDArray[np.bool_]) -> float:
    """The cut that tells most of these photos right; between two of them, or below all.

    Args:
        scores: Predicted, `(N,)`.
        good: Whether each photo is good, `(N,)`.

    Examples:
        >>> best_threshold(np.array([1.0, 4.0, 6.0]), np.array([False, False, True]))
        5.0
    """
    order = np.argsort(scores)
    ranked, values = good[order], scores[order]
    wrong = np.concatenate([[0], np.cumsum(ranked)]) + np.concatenate([np.cumsum(~ranked[::-1])[::-1], [0]])
    place = int(np.argmin(wrong))
    edges = np.concatenate([[values[0] - 1], (values[1:] + values[:-1]) / 2, [values[-1] + 1]])
    return float(edges[place])

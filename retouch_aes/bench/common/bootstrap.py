"""Percentile bootstrap (Efron 1979): how far a number could lie from here with other photos or people."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import UsageError


@dataclass(frozen=True)
class Estimate:
    """A statistic and the bounds of its interval; not-a-number where it is not defined."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        """`value`, `low` and `high`; None where not defined."""
        return {name: finite(value) for name, value in vars(self).items()}

    def shown(self, number: Callable[[float], str]) -> str:
        """The value and its interval, each as `number` writes it: "1.2 (0.9 to 1.5)"."""
        return f"{number(self.value)} ({number(self.low)} to {number(self.high)})"

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], float],
    count: int,
    *,
    seed: int = 0,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Estimate:
    """`statistic` of all of `count` items, and its percentile interval over items drawn with replacement.

    `statistic` takes the indices of the items. Resamples in which it is not defined are left out.
    """
    if not 0 < confidence < 1 or resamples < 1:
        raise UsageError(f"expected 0 < confidence < 1 and resamples >= 1, got {confidence}, {resamples}")
    value = float(statistic(np.arange(count))) if count else math.nan
    random = np.random.default_rng(seed)
    items = [random.integers(count, size=count) for _ in range(resamples)] if count else []
    draws = np.array([statistic(indices) for indices in items])
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return Estimate(value, math.nan, math.nan)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(value, float(low), float(high))


def grouped_ratio(
    groups: Sequence[str], above: Sequence[float], below: Sequence[float], *, seed: int = 0
) -> Estimate:
    """`sum(above) / sum(below)`, and its interval over the groups: photos, scenes."""
    names = {name: index for index, name in enumerate(dict.fromkeys(groups))}
    index = np.array([names[group] for group in groups], dtype=np.intp)
    sums = np.stack(
        [np.bincount(index, weights=np.asarray(values, dtype=float)) for values in (above, below)]
    )

    def quotient(drawn: NDArray[np.intp]) -> float:
        numerator, denominator = sums[:, drawn].sum(axis=1).tolist()
        return ratio(numerator, denominator)

    return bootstrap(quotient, len(names), seed=seed)


def ratio(numerator: float, denominator: float) -> float:
    """The quotient; not-a-number when there is nothing to divide by."""
    return numerator / denominator if denominator else math.nan


def finite(value: float) -> float | None:
    """`value`, or None for what JSON cannot hold."""
    return value if math.isfinite(value) else None

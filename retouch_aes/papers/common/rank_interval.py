"""How far Spearman's rho of other photos could lie from the one that was found."""

import math

_NORMAL = 1.959964  # two-sided, 95 %


def rank_interval(rho: float, count: int) -> tuple[float, float]:
    """The 95 % interval of Spearman's `rho` over `count` pairs; not-a-number below four.

    Fisher's transform with the variance `(1 + rho^2 / 2) / (n - 3)` (Bonett and Wright, Psychometrika 2000).
    """
    if count < 4 or not math.isfinite(rho):
        return math.nan, math.nan
    place = math.atanh(max(-1 + 1e-9, min(1 - 1e-9, rho)))
    away = _NORMAL * math.sqrt((1 + rho**2 / 2) / (count - 3))
    return math.tanh(place - away), math.tanh(place + away)

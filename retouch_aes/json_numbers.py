"""Numbers out of JSON that anybody may have written."""

import math
from typing import Any


def finite(value: Any) -> float | None:
    """`value` where it is a number that a float holds; None for a text, a truth value, 400 digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None

"""What is known of raters: categories such as their experience, and numbers such as the Big Five."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UserTraits:
    """Of U `users`: `categories`, name -> a word each ("" for unknown); `numbers`, name -> `(U,)`, NaN so."""

    users: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.users)

    def names(self) -> tuple[str, ...]:
        """Names of the columns of `encoded`: `trait=word` for each word that occurs, then the numbers."""
        words = [f"{name}={word}" for name, values in self.categories.items() for word in _words(values)]
        return (*words, *self.numbers)

    def encoded(self) -> Floats:
        """`(U, T)` in [0, 1]: words as zeros and ones, numbers between their extremes; 0.5 for unknown."""
        columns: list[Floats] = []
        for values in self.categories.values():
            columns += [np.array([value == word for value in values], np.float64) for word in _words(values)]
        for number in self.numbers.values():
            known = number[np.isfinite(number)]
            low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
            scaled = (number - low) / (high - low) if high > low else np.full(len(number), 0.5)
            columns.append(np.where(np.isfinite(number), scaled, 0.5))
        return np.stack(columns, 1) if columns else np.zeros((len(self.users), 0))


def _words(values: tuple[str, ...]) -> list[str]:
    return sorted({value for value in values if value})

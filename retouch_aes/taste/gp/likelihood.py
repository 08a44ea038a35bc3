"""What answers say about the scores `f` behind them, as a log-likelihood that is concave in `f`.

    choice   log Phi((f_winner - f_loser) / (sqrt(2) s))      probit (Thurstone 1927)
    tie      -(f_first - f_second)^2 / (2 (s/2)^2)            near each other
    rating   -(rating - f)^2 / (2 s^2)

`s` is the noise of one judgement in score points: smaller between two renditions of one photo, where nothing
but the look differs. Every answer sees one number, a value of `f` or the difference of two.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

CHOICE, TIE, RATING = 0, 1, 2
_SQRT_2 = 2**0.5


@dataclass(frozen=True)
class Observations:
    """N answers on M things: `kind` `(N,)`, `first`, `second` `(N,)` indices, `value`, `noise` `(N,)`.

    `second` is -1 for a rating; `value` is the rating, else 0. `noise` is `s` above. `times` `(N,)` says how
    often each was given; None is once.
    """

    kind: Tensor
    first: Tensor
    second: Tensor
    value: Tensor
    noise: Tensor
    times: Tensor | None = None

    def __len__(self) -> int:
        return len(self.kind)

    def part(self, kept: Tensor) -> "Observations":
        """Those at the indices `kept`."""
        times = None if self.times is None else self.times[kept]
        kind, first, second = self.kind[kept], self.first[kept], self.second[kept]
        return Observations(kind, first, second, self.value[kept], self.noise[kept], times)

    @property
    def count(self) -> int:
        """How many answers there are, each as often as it was given."""
        return len(self) if self.times is None else int(self.times.sum())

    def merged(self) -> "Observations":
        """Each distinct answer once, in the order of first mention; itself where none repeats."""
        columns = (self.kind, self.first, self.second, self.value, self.noise)
        rows = torch.stack([column.double() for column in columns], 1).numpy()
        _, first, which = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        if len(first) == len(rows):
            return self
        given = np.ones(len(rows)) if self.times is None else self.times.numpy()
        times = np.bincount(which.reshape(-1), weights=given)
        order = np.argsort(first)
        kept = self.part(torch.from_numpy(first[order]))
        return replace(kept, times=torch.from_numpy(times[order]))

    def differences(self, values: Tensor) -> Tensor:
        """What each answer sees of `values` `(M, ...)` of the things: one, or one less the other."""
        found = values[self.first].clone()
        two = self.second >= 0
        found[two] -= values[self.second[two]]
        return found

    def design(self, count: int) -> Tensor:
        """`(N, M)`: the row of an answer times `f` is the number it sees."""
        rows = torch.zeros(len(self), count, dtype=self.value.dtype)
        index = torch.arange(len(self))
        rows[index, self.first] = 1
        two = self.second >= 0
        rows[index[two], self.second[two]] = -1
        return rows

    def log_likelihood(self, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of the numbers `seen` `(N,)`: its value, its slope and minus its curvature, `(N,)` each."""
        z = seen / (_SQRT_2 * self.noise)
        # phi / Phi, without underflow
        ratio = torch.exp(-0.5 * z.square() - torch.special.log_ndtr(z)) / (2 * torch.pi) ** 0.5
        width = torch.where(self.kind == TIE, self.noise / 2, self.noise)
        gap = (self.value - seen) / width
        choice = self.kind == CHOICE
        value = torch.where(choice, torch.special.log_ndtr(z), -0.5 * gap.square())
        slope = torch.where(choice, ratio / (_SQRT_2 * self.noise), gap / width)
        curved = torch.where(choice, ratio * (ratio + z) / (2 * self.noise.square()), 1 / width.square())
        curved = curved.clamp(min=1e-9)
        if self.times is None:
            return value, slope, curved
        return self.times * value, self.times * slope, self.times * curved

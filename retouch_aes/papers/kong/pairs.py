"""Which pairs Kong's ranking loss sees: of one rater, of the raters' means, or both (ECCV 2016, section 4.2).

* `within`: two photos that one rater gave different ratings, in that rater's order. A rating is drawn, then
  another one of the same rater, so who rated more is heard more.
* `cross`: two photos with different mean ratings, in the order of the means; `apart` asks for a distance.
* `both`: half of each.

Equal pairs are never drawn: they say nothing of an order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError

Sampling = Literal["within", "cross", "both"]
SAMPLINGS = ("within", "cross", "both")
_TRIES = 200


@dataclass(frozen=True, eq=False)
class RankingPairs:
    """N pairs: photos `first`, `second` `(N,)`, what they were given, `(N,)` in [0, 1], and by whom.

    `rater` `(N,)` is the user of a pair within one rater, -1 for a pair across raters.
    """

    first: Tensor
    second: Tensor
    first_rating: Tensor
    second_rating: Tensor
    rater: Tensor


class PairSampler:
    """Draws pairs from `ratings`; a photo is its place in `ratings.photos`.

    With `listed` that many pairs are drawn once, by `seed`, and every draw is out of those, as the paper
    samples two or five million before it trains; without, there is no end of new ones.
    """

    def __init__(
        self,
        ratings: Ratings,
        sampling: Sampling = "both",
        *,
        apart: float = 0.0,
        listed: int | None = None,
        seed: int = 0,
    ) -> None:
        if sampling not in SAMPLINGS:
            raise UsageError(f"expected a sampling out of {', '.join(SAMPLINGS)}, got {sampling!r}")
        self.sampling, self.apart = sampling, apart
        order = torch.from_numpy(ratings.user_index).argsort(stable=True)
        self._user = torch.from_numpy(ratings.user_index)[order]
        self._photo = torch.from_numpy(ratings.photo_index)[order]
        self._rating = torch.from_numpy((ratings.scores - 1) / 9).float()[order]
        self._count = torch.bincount(self._user)
        self._start = self._count.cumsum(0) - self._count
        self._mean = torch.from_numpy((ratings.mean_scores() - 1) / 9).float()
        self._list: RankingPairs | None = None
        if listed is not None:
            self._list = self.draw(listed, Generator().manual_seed(seed))

    def draw(self, count: int, generator: Generator) -> RankingPairs:
        """`count` pairs. `UsageError` where the ratings hold no such pair, or hardly one."""
        if self._list is not None:
            some = torch.randint(len(self._list.first), (count,), generator=generator)
            return RankingPairs(*(column[some] for column in vars(self._list).values()))
        if self.sampling == "both":
            parts = [self._within(count - count // 2, generator), self._cross(count // 2, generator)]
        else:
            draw = self._within if self.sampling == "within" else self._cross
            parts = [draw(count, generator)]
        columns = [
            torch.cat([vars(part)[name] for part in parts]) for name in RankingPairs.__dataclass_fields__
        ]
        return RankingPairs(*columns)

    def _within(self, count: int, generator: Generator) -> RankingPairs:
        def draw() -> RankingPairs:
            one = torch.randint(len(self._user), (count,), generator=generator)
            user = self._user[one]
            share = torch.rand(count, generator=generator)
            other = self._start[user] + (share * self._count[user]).long().clamp(max=self._count[user] - 1)
            return RankingPairs(
                self._photo[one], self._photo[other], self._rating[one], self._rating[other], user
            )

        return _unequal(draw, count, 0.0, "one rater who gave two photos different ratings")

    def _cross(self, count: int, generator: Generator) -> RankingPairs:
        def draw() -> RankingPairs:
            one, other = torch.randint(len(self._mean), (2, count), generator=generator)
            return RankingPairs(one, other, self._mean[one], self._mean[other], torch.full((count,), -1))

        return _unequal(draw, count, self.apart, f"two photos with mean ratings {self.apart:g} apart")


def _unequal(draw: Callable[[], RankingPairs], count: int, apart: float, wanted: str) -> RankingPairs:
    found: list[tuple[Tensor, ...]] = []
    for _ in range(_TRIES):
        pairs = draw()
        gap = (pairs.first_rating - pairs.second_rating).abs()
        kept = (gap > 0) & (gap >= apart) & (pairs.first != pairs.second)
        found.append(tuple(column[kept] for column in vars(pairs).values()))
        if sum(len(columns[0]) for columns in found) >= count:
            return RankingPairs(*(torch.cat(column)[:count] for column in zip(*found, strict=True)))
    raise UsageError(f"expected {wanted}, found {sum(len(c[0]) for c in found)} in {_TRIES * count} draws")

"""Who gave which photo what: `Ratings`, the answer of every reader of single ratings.

Ratings are kept on their own scale and mapped linearly onto 1..10, so a 7-point scale falls on the positions
1, 2.5, 4, ... 10. In a histogram over the bins 1..10 a rating between two bins is shared by them in
proportion, which keeps the mean of the histogram equal to the mean of the mapped ratings.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import UsageError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
SCORES = 10


@dataclass(frozen=True, eq=False)
class Ratings:
    """N single ratings of P photos by U users.

    `users` (U) and `photos` (P) are sorted; `user_index`, `photo_index` (N) point into them. `original` (N)
    holds the ratings on their own `scale` (lowest, highest), `scores` (N) the same mapped to [1, 10]. A user
    who rated a photo twice counts twice.
    """

    users: tuple[str, ...]
    photos: tuple[Path, ...]
    user_index: Integers
    photo_index: Integers
    original: Floats
    scale: tuple[float, float]

    def __len__(self) -> int:
        return len(self.original)

    @property
    def scores(self) -> Floats:
        """The ratings mapped to [1, 10], `(N,)`."""
        low, high = self.scale
        return 1 + (SCORES - 1) * (self.original - low) / (high - low)

    def counts(self) -> Integers:
        """How many ratings each photo has, `(P,)`."""
        return np.bincount(self.photo_index, minlength=len(self.photos))

    def mean_scores(self) -> Floats:
        """Mean mapped rating of each photo, `(P,)`, in [1, 10]."""
        sums = np.bincount(self.photo_index, self.scores, len(self.photos))
        return np.asarray(sums / self.counts(), np.float64)

    def histograms(self) -> Floats:
        """Distribution over the scores 1..10 for each photo, `(P, 10)`, rows sum to 1."""
        position = self.scores - 1
        lower = np.clip(np.floor(position).astype(np.int64), 0, SCORES - 2)
        share = position - lower
        cells = np.concatenate([self.photo_index * SCORES + lower, self.photo_index * SCORES + lower + 1])
        votes = np.bincount(cells, np.concatenate([1 - share, share]), len(self.photos) * SCORES)
        return np.asarray(votes.reshape(-1, SCORES) / self.counts()[:, None], np.float64)

    def histogram(self, photo: str | Path) -> Floats:
        """Distribution over the scores 1..10 for one photo, `(10,)`. `UsageError` for an unrated one."""
        return np.asarray(self.subset([Path(photo)]).histograms()[0])

    def joined(self, other: "Ratings") -> "Ratings":
        """Both tables in one, mapped to the scale 1..10. `UsageError` where they share a user or a photo."""
        shared = set(self.users) & set(other.users) or set(self.photos) & set(other.photos)
        if shared:
            raise UsageError(f"expected different users and photos, both have {sorted(map(str, shared))[0]}")
        users = sorted((*self.users, *other.users))
        photos = sorted((*self.photos, *other.photos), key=str)
        user_at = {user: index for index, user in enumerate(users)}
        photo_at = {photo: index for index, photo in enumerate(photos)}
        parts = (self, other)
        to_user = [np.array([user_at[user] for user in part.users], np.intp) for part in parts]
        to_photo = [np.array([photo_at[photo] for photo in part.photos], np.intp) for part in parts]
        return Ratings(
            users=tuple(users),
            photos=tuple(photos),
            user_index=np.concatenate([to_user[0][self.user_index], to_user[1][other.user_index]]),
            photo_index=np.concatenate([to_photo[0][self.photo_index], to_photo[1][other.photo_index]]),
            original=np.concatenate([self.scores, other.scores]),
            scale=(1.0, float(SCORES)),
        )

    def doubled(self) -> "Ratings":
        """Ratings 1..5 as 2..10 on the scale 1..10, as Zhang et al. take REAL-CUR's; 1 becomes 2, not 1."""
        if self.scale != (1.0, 5.0):
            raise UsageError(f"expected ratings on the scale 1..5 to be doubled, got {self.scale}")
        return replace(self, original=2 * self.original, scale=(1.0, float(SCORES)))

    def subset(self, photos: Iterable[str | Path]) -> "Ratings":
        """The ratings of `photos` only, and the users who gave them. `UsageError` for unrated ones."""
        wanted = {Path(photo) for photo in photos}
        _check_known({str(photo) for photo in wanted}, {str(photo) for photo in self.photos}, "photo")
        return self.where(np.array([photo in wanted for photo in self.photos], bool)[self.photo_index])

    def by(self, users: Collection[str]) -> "Ratings":
        """The ratings that `users` gave, and the photos they rated. `UsageError` for unknown ones."""
        if isinstance(users, str):
            raise UsageError(f"expected a collection of users, got the single text {users!r}")
        wanted = set(users)
        _check_known(wanted, set(self.users), "user")
        return self.where(np.array([user in wanted for user in self.users], bool)[self.user_index])

    def where(self, kept: NDArray[np.bool_]) -> "Ratings":
        """The ratings where `kept` `(N,)` is true, and the users and photos that still occur."""
        users, user_index = np.unique(self.user_index[kept], return_inverse=True)
        photos, photo_index = np.unique(self.photo_index[kept], return_inverse=True)
        return replace(
            self,
            users=tuple(self.users[i] for i in users),
            photos=tuple(self.photos[i] for i in photos),
            user_index=user_index,
            photo_index=photo_index,
            original=self.original[kept],
        )


def _check_known(wanted: set[str], known: set[str], word: str) -> None:
    unknown = sorted(wanted - known)
    if unknown:
        more = f" and {len(unknown) - 1} more" if unknown[1:] else ""
        raise UsageError(f"expected {word}s that have ratings, got {unknown[0]!r}{more}")
    if not wanted:
        raise UsageError(f"expected one {word} at least, got none")

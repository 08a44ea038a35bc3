"""Who wrote what of which photo: `Reviews`, the answer of every reader of written judgements."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.datasets.sentiment import is_good, words

Integers = NDArray[np.intp]
PADDING, UNKNOWN = 0, 1


@dataclass(frozen=True, eq=False)
class Reviews:
    """N reviews of P photos by U users, and what their photos are.

    `user_index`, `photo_index` (N) point into `users` (U) and `photos` (P), `texts` (N) are as written,
    `good` (N) is the judgement, from the texts by `retouch_aes.datasets.sentiment` where nothing else tells.
    `tags` (P) points into `tag_names`, -1 for none; `liked` (P): do people on the whole think the photo good?
    """

    users: tuple[str, ...]
    photos: tuple[Path, ...]
    user_index: Integers
    photo_index: Integers
    texts: tuple[str, ...]
    good: NDArray[np.bool_]
    tag_names: tuple[str, ...]
    tags: Integers
    liked: NDArray[np.bool_]

    def __len__(self) -> int:
        """N."""
        return len(self.texts)

    def subset(self, photos: Collection[Path]) -> "Reviews | None":
        """The reviews of `photos`, and the users who wrote them; None where there are none."""
        mask = np.array([photo in photos for photo in self.photos], bool)[self.photo_index]
        if not mask.any():
            return None
        users, user_index = np.unique(self.user_index[mask], return_inverse=True)
        kept, photo_index = np.unique(self.photo_index[mask], return_inverse=True)
        return replace(
            self,
            users=tuple(self.users[i] for i in users),
            photos=tuple(self.photos[i] for i in kept),
            user_index=user_index,
            photo_index=photo_index,
            texts=tuple(self.texts[i] for i in np.flatnonzero(mask)),
            good=self.good[mask],
            tags=self.tags[kept],
            liked=self.liked[kept],
        )


def consistency(reviews: Reviews) -> float:
    """How far judgements by review agree with the ratings of the same photos: Wang et al.'s equation 7.

    Of each photo the share of its reviews on the side of `liked`, good or bad; the mean over photos. The
    paper has .8106 for its set.
    """
    agree = reviews.good == reviews.liked[reviews.photo_index]
    count = np.bincount(reviews.photo_index, minlength=len(reviews.photos))
    shares = np.bincount(reviews.photo_index, agree, len(reviews.photos))[count > 0] / count[count > 0]
    return float(shares.mean())


def judged(texts: Sequence[str]) -> tuple[list[int], NDArray[np.bool_]]:
    """The places of the reviews that judge, and whether each of them is good."""
    verdicts = [is_good(text) for text in texts]
    places = [place for place, verdict in enumerate(verdicts) if verdict is not None]
    return places, np.array([verdicts[place] for place in places], bool)


class Vocabulary:
    """Words as numbers: 0 is padding, 1 an unknown word, then the `limit` most frequent of `texts`."""

    def __init__(self, texts: Iterable[str], *, limit: int = 5000, least: int = 2) -> None:
        counts = Counter(word for text in texts for word in words(text))
        kept = [word for word, count in counts.most_common(limit) if count >= least]
        self.numbers = {word: index for index, word in enumerate(sorted(kept), start=2)}

    def __len__(self) -> int:
        """How many numbers, padding and unknown included."""
        return len(self.numbers) + 2

    def encode(self, texts: Sequence[str], length: int) -> Integers:
        """`(N, length)`: the first `length` words of each text, padded at the end; at least one."""
        table = np.zeros((len(texts), length), np.intp)
        for row, text in enumerate(texts):
            found = [self.numbers.get(word, UNKNOWN) for word in words(text)[:length]] or [UNKNOWN]
            table[row, : len(found)] = found
        return table

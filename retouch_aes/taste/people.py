"""A crowd of people who rated photos, for tuning and the benchmark: seen once, split by person and theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.datasets import Ratings, split_by_theme
from retouch_aes.models.model import AestheticModel
from retouch_aes.taste.renditions import Rendition
from retouch_aes.taste.sight import Progress, Sight
from retouch_aes.taste.tuning import Person


@dataclass(frozen=True, eq=False)
class People:
    """`features` `(P, D)`, `score` `(P,)`, `looks` `(P, 6)` of P photos, and what every person rated."""

    photos: tuple[Path, ...]
    features: Tensor
    score: Tensor
    looks: Tensor
    persons: tuple[Person, ...]

    @staticmethod
    def of(
        ratings: Ratings, model: AestheticModel, cache: Path | None, progress: Progress | None = None
    ) -> "People":
        """See all photos of `ratings` with the generic `model`."""
        renditions = [Rendition(str(path.resolve())) for path in ratings.photos]
        features, score, looks = Sight(model, Path(), cache=cache).see(renditions, progress)
        persons = []
        for user in range(len(ratings.users)):
            mine = ratings.user_index == user
            persons.append(Person(ratings.photo_index[mine], ratings.scores[mine]))
        return People(ratings.photos, features, score, looks, tuple(persons))

    def split(self, share: float, seed: int) -> tuple[list[Person], list[Person]]:
        """People for tuning, about `share` of them, and the others."""
        order = np.random.default_rng(seed).permutation(len(self.persons))
        count = round(share * len(order))
        return [self.persons[i] for i in order[:count]], [self.persons[i] for i in order[count:]]

    def held(self, share: float, seed: int) -> NDArray[np.bool_]:
        """A mask `(P,)` of about `share` of the photos, whole themes only."""
        mask = np.zeros(len(self.photos), bool)
        mask[list(split_by_theme(self.photos, share, seed)[1])] = True
        return mask

    def without(self, mask: NDArray[np.bool_], persons: Sequence[Person]) -> list[Person]:
        """`persons` as if they had never rated the photos of `mask`."""
        kept = [~mask[person.photos] for person in persons]
        return [
            Person(person.photos[keep], person.scores[keep])
            for person, keep in zip(persons, kept, strict=True)
        ]

"""A crowd of people who rated photos, for tuning and the benchmark: seen once, split by person and theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.datasets import Ratings, split_by_theme
from retouch_aes.models.model import AestheticModel
from retouch_aes.photo import read
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import SIDE, FeatureCache
from retouch_aes.taste.gp.tuning import RatedPerson
from retouch_aes.taste.style_features import style_features


@dataclass(frozen=True, eq=False)
class RaterPopulation:
    """`features` `(P, D)`, `score` `(P,)`, `styles` `(P, 6)` of P photos, and what every person rated."""

    photos: tuple[Path, ...]
    features: Tensor
    score: Tensor
    styles: Tensor
    persons: tuple[RatedPerson, ...]

    @staticmethod
    def of(
        ratings: Ratings, model: AestheticModel, cache: Path | None, progress: Progress | None = None
    ) -> "RaterPopulation":
        """See all photos of `ratings` with the generic `model`."""
        renditions = [Rendition(str(path.resolve())) for path in ratings.photos]
        features, score, styles = FeatureCache(model, Path(), cache=cache).see(renditions, progress)
        return RaterPopulation(ratings.photos, features, score, styles, _persons(ratings))

    @staticmethod
    def seen(ratings: Ratings, features: Tensor, score: Tensor, side: int = SIDE) -> "RaterPopulation":
        """As `of`, for photos whose `features` `(P, D)` and generic `score` `(P,)` are at hand."""
        styles = torch.cat([style_features(read(path).proxy(side)) for path in ratings.photos])
        return RaterPopulation(ratings.photos, features.float(), score.float(), styles, _persons(ratings))

    def split(self, share: float, seed: int) -> tuple[list[RatedPerson], list[RatedPerson]]:
        """People for tuning, about `share` of them, and the others."""
        order = np.random.default_rng(seed).permutation(len(self.persons))
        count = round(share * len(order))
        return [self.persons[i] for i in order[:count]], [self.persons[i] for i in order[count:]]

    def held(self, share: float, seed: int) -> NDArray[np.bool_]:
        """A mask `(P,)` of about `share` of the photos, whole themes only."""
        mask = np.zeros(len(self.photos), bool)
        mask[list(split_by_theme(self.photos, share, seed)[1])] = True
        return mask

    def without(self, mask: NDArray[np.bool_], persons: Sequence[RatedPerson]) -> list[RatedPerson]:
        """`persons` as if they had never rated the photos of `mask`."""
        kept = [~mask[person.photos] for person in persons]
        return [
            RatedPerson(person.photos[keep], person.scores[keep])
            for person, keep in zip(persons, kept, strict=True)
        ]


def _persons(ratings: Ratings) -> tuple[RatedPerson, ...]:
    mine = [ratings.user_index == user for user in range(len(ratings.users))]
    return tuple(RatedPerson(ratings.photo_index[rows], ratings.scores[rows]) for rows in mine)

"""`RatedDataset`: the answer of every reader of a published dataset, whatever it holds.

Of each photo there is a mean score; what else there is depends on the dataset and is None where it has none.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from retouch_aes.datasets.histograms import histograms_of_means
from retouch_aes.datasets.ratings import Floats, Integers, Ratings
from retouch_aes.datasets.reviews import Reviews
from retouch_aes.datasets.skipped import Skipped
from retouch_aes.datasets.user_traits import UserTraits
from retouch_aes.errors import UsageError

CROWD = "crowd"


@dataclass(frozen=True, eq=False)
class PhotoAttributes:
    """Attributes by `names` (A) of P photos: `values` `(P, A)` in [-1, 1], NaN where unknown."""

    names: tuple[str, ...]
    values: Floats


@dataclass(frozen=True, eq=False)
class PhotoTags:
    """Semantic tags by `names`; `index` `(P, K)` points into them, the most important first, -1 for none."""

    names: tuple[str, ...]
    index: Integers


@dataclass(frozen=True)
class PublishedSplit:
    """A published part of a dataset: its photos, and the users whose ratings belong to it (None: all)."""

    photos: tuple[Path, ...]
    users: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class RatedDataset:
    """P rated photos.

    Args:
        name: Short name of the dataset.
        photos: Paths of files that are there, P of them, each once.
        mean_scores: Mean score of each photo, `(P,)` in [1, 10].
        distributions: Over the scores 1..10, `(P, 10)`, rows sum to 1; where known.
        ratings: Who gave which of the photos what; some photos may be rated by nobody known.
        attributes: Of the photos, in their order.
        tags: Of the photos, in their order.
        styles: Photographic styles of the photos, in their order: 1 has it, 0 has not, NaN unknown.
        traits: Of raters.
        reviews: What users wrote of the photos.
        groups: What each photo belongs to, such as an album; None where nothing is known. Whole groups stay
            on one side of a split.
        splits: The authors' parts by name, `train` and `test` where they give such.
        skipped: What the reader left out, and why.
    """

    name: str
    photos: tuple[Path, ...]
    mean_scores: Floats
    distributions: Floats | None = None
    ratings: Ratings | None = None
    attributes: PhotoAttributes | None = None
    tags: PhotoTags | None = None
    styles: PhotoAttributes | None = None
    traits: UserTraits | None = None
    reviews: Reviews | None = None
    groups: tuple[str, ...] | None = None
    splits: Mapping[str, PublishedSplit] = field(default_factory=dict)
    skipped: Skipped = field(default_factory=Skipped)

    def __post_init__(self) -> None:
        count = len(self.photos)
        tables = [self.mean_scores, self.distributions]
        tables += [part.values for part in (self.attributes, self.styles) if part is not None]
        wrong = [table.shape for table in tables if table is not None and len(table) != count]
        if wrong or not count or len(set(self.photos)) != count:
            raise UsageError(f"expected tables of {count} photos, each named once, got {wrong}")
        if self.tags is not None and len(self.tags.index) != count:
            raise UsageError(f"expected tags of {count} photos, got {len(self.tags.index)}")
        if self.groups is not None and len(self.groups) != count:
            raise UsageError(f"expected groups of {count} photos, got {len(self.groups)}")

    def __len__(self) -> int:
        return len(self.photos)

    def histograms(self) -> Floats:
        """Distributions over the scores 1..10, `(P, 10)`.

        Those published, else those of the single ratings; of a mere mean, the two bins about it.
        """
        if self.distributions is not None:
            return self.distributions
        found = histograms_of_means(self.mean_scores)
        if self.ratings is not None:
            place = {photo: index for index, photo in enumerate(self.photos)}
            found[[place[photo] for photo in self.ratings.photos]] = self.ratings.histograms()
        return found

    def histograms_of(self, photos: Iterable[Path]) -> Floats:
        """Those of `photos`, in their order. `KeyError` for one that is not among the dataset's."""
        place, table = {photo: index for index, photo in enumerate(self.photos)}, self.histograms()
        return np.asarray(table[[place[photo] for photo in photos]], np.float64)

    def single_ratings(self) -> Ratings:
        """The single ratings; where none are known, the mean scores as ratings of one user, the crowd."""
        if self.ratings is not None:
            return self.ratings
        order = sorted(range(len(self.photos)), key=lambda index: str(self.photos[index]))
        return Ratings(
            users=(CROWD,),
            photos=tuple(self.photos[index] for index in order),
            user_index=np.zeros(len(order), np.intp),
            photo_index=np.arange(len(order)),
            original=self.mean_scores[order],
            scale=(1.0, 10.0),
        )

    def part(self, name: str) -> "RatedDataset":
        """The published part of that name, with the ratings that belong to it. `UsageError` for another."""
        if name not in self.splits:
            known = ", ".join(self.splits) or "none"
            raise UsageError(f"expected a part of {self.name} out of {known}, got {name!r}")
        split = self.splits[name]
        found = self.subset(split.photos)
        if split.users is None or found.ratings is None:
            return found
        users = set(split.users) & set(found.ratings.users)
        return replace(found, ratings=found.ratings.by(users) if users else None)

    def subset(self, photos: Iterable[Path]) -> "RatedDataset":
        """The dataset with those of its photos that are among `photos`. `UsageError` where none is."""
        wanted = set(photos)
        mask = np.array([photo in wanted for photo in self.photos], bool)
        if not mask.any():
            raise UsageError(f"expected photos of {self.name}, got {len(wanted)} others")
        kept = {photo for photo, is_kept in zip(self.photos, mask, strict=True) if is_kept}
        return replace(
            self,
            photos=tuple(photo for photo in self.photos if photo in kept),
            mean_scores=self.mean_scores[mask],
            distributions=None if self.distributions is None else self.distributions[mask],
            ratings=_ratings_of(self.ratings, kept),
            attributes=self.attributes and replace(self.attributes, values=self.attributes.values[mask]),
            styles=self.styles and replace(self.styles, values=self.styles.values[mask]),
            tags=self.tags and replace(self.tags, index=self.tags.index[mask]),
            groups=self.groups and tuple(g for g, is_kept in zip(self.groups, mask, strict=True) if is_kept),
            reviews=self.reviews and self.reviews.subset(kept),
            splits={name: _split_of(split, kept) for name, split in self.splits.items()},
        )


def _ratings_of(ratings: Ratings | None, photos: Collection[Path]) -> Ratings | None:
    if ratings is None:
        return None
    rated = [photo for photo in ratings.photos if photo in photos]
    return ratings.subset(rated) if rated else None


def _split_of(split: PublishedSplit, photos: Collection[Path]) -> PublishedSplit:
    return replace(split, photos=tuple(photo for photo in split.photos if photo in photos))

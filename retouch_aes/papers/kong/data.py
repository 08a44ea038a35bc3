"""What Kong's networks learn from, out of any rated dataset: ratings, attributes or styles, contents, parts.

AADB has eleven attributes, and raters by name; AVA has fourteen styles and eight categories of content, in
lists of their own (`animal_train.jpgl` and so on), and nobody's name. The paper splits AADB into 8,500
training photos, 500 for validation and 1,000 for the test; AVA's 20,000 test photos are a list.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.datasets import RatedDataset, Ratings
from retouch_aes.datasets.rated_dataset import CROWD
from retouch_aes.errors import UsageError

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_GENERIC = "generic_"
_LIKED_AVA, _LIKED = 5.0, 5.5


@dataclass(frozen=True, eq=False)
class KongData:
    """P photos, those of `ratings`.

    Args:
        ratings: Who gave what; of one user, the crowd, where nobody is known.
        attributes: `(P, A)` in [-1, 1], NaN where unknown; one-hot with `styles`. None: there are none.
        styles: Whether the attributes are styles, of which a photo has one.
        categories: Contents `(P,)`, -1 where unknown; None: contents are clusters to be found.
        category_names: Of those.
        split: The authors' photos for training, validation (may be none) and test, as indices.
        groups: What each photo belongs to, such as an album; None: the theme of its name.
        liked_above: A photo is good above this mean score, of 1..10.
        paper: Whose printed numbers belong beside ours, `aadb` or `ava`; empty for neither.
    """

    ratings: Ratings
    attributes: Floats | None = None
    styles: bool = False
    categories: Indices | None = None
    category_names: tuple[str, ...] = ()
    split: tuple[Indices, Indices, Indices] | None = None
    groups: tuple[str, ...] | None = None
    liked_above: float = _LIKED
    paper: str = ""

    @property
    def has_raters(self) -> bool:
        """Whether single raters are known, so that pairs within one rater exist."""
        return self.ratings.users != (CROWD,)

    def some(self, photos: Indices) -> "KongData":
        """Those of the photos, ascending places; the split is left out."""
        if (np.diff(photos) <= 0).any():
            raise UsageError("expected places of photos in ascending order, each once")
        ratings = self.ratings.subset(self.ratings.photos[index] for index in photos)
        return replace(
            self,
            ratings=ratings,
            attributes=None if self.attributes is None else self.attributes[photos],
            categories=None if self.categories is None else self.categories[photos],
            groups=None if self.groups is None else tuple(self.groups[index] for index in photos),
            split=None,
        )


def kong_data(dataset: RatedDataset, ratings: Ratings | None = None) -> KongData:
    """What `dataset` holds of `ratings`' photos, by default all of its single ratings."""
    ratings = dataset.single_ratings() if ratings is None else ratings
    place = {photo: index for index, photo in enumerate(dataset.photos)}
    rows = [place[photo] for photo in ratings.photos]
    kept = {photo: index for index, photo in enumerate(ratings.photos)}
    table = dataset.styles or dataset.attributes
    values = None if table is None else table.values[rows]
    if values is not None and not np.isfinite(values).any():
        values = None
    names, categories = _categories(dataset, kept)
    parts = dataset.splits
    split = None
    if "train" in parts and "test" in parts:
        validation = parts["validation"].photos if "validation" in parts else ()
        train, test = (_places(parts[name].photos, kept) for name in ("train", "test"))
        split = (train, _places(validation, kept), test) if len(train) and len(test) else None
    ava = dataset.name == "ava"
    return KongData(
        ratings=ratings,
        attributes=values,
        styles=dataset.styles is not None and values is not None,
        categories=categories,
        category_names=names,
        split=split,
        groups=None if dataset.groups is None else tuple(dataset.groups[row] for row in rows),
        liked_above=_LIKED_AVA if ava else _LIKED,
        paper=dataset.name if dataset.name in ("ava", "aadb") else "",
    )


def to_range(attributes: Floats) -> Floats:
    """Measured attributes `(P, A)` in AADB's range: -1 and 1 lie two deviations from the mean."""
    spread = np.maximum(attributes.std(0), 1e-9)
    return np.asarray(np.clip((attributes - attributes.mean(0)) / (2 * spread), -1, 1), np.float64)


def _places(photos: Iterable[Path], kept: dict[Path, int]) -> Indices:
    """Ascending: tables of some photos are in the order of all."""
    return np.array(sorted({kept[photo] for photo in photos if photo in kept}), np.intp)


def _categories(dataset: RatedDataset, kept: dict[Path, int]) -> tuple[tuple[str, ...], Indices | None]:
    """The lists of one category each; a photo of several counts for the first."""
    lists = [name for name in dataset.splits if re.fullmatch(r".+_(train|test)", name)]
    names = sorted({name.rpartition("_")[0] for name in lists if not name.startswith(_GENERIC)})
    found = np.full(len(kept), -1, np.intp)
    for number, name in enumerate(names):
        for part in ("train", "test"):
            split = dataset.splits.get(f"{name}_{part}")
            places = _places(split.photos if split else (), kept)
            found[places[found[places] < 0]] = number
    return (tuple(names), found) if len(names) > 1 and (found >= 0).any() else ((), None)

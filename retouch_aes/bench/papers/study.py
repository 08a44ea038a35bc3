"""A study out of a table of ratings: who is the population, who is predicted, and what generic score holds.

People are split: about half of them are the population, of whose ratings the methods may learn, and some of
the others are predicted; nothing of theirs is in the study. Where the backbone has no score of its own, the
generic score of a photo is a regressor's that learned from the population's mean ratings of photos of other
themes, so nobody's ratings of a photo are in its generic score. A backbone's own score is taken as it is.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from retouch_aes.datasets import RatedDataset, Ratings
from retouch_aes.datasets.splits import theme
from retouch_aes.datasets.user_traits import UserTraits
from retouch_aes.errors import UsageError
from retouch_aes.papers.common.regressed_score import cross_fitted, population_means
from retouch_aes.papers.method import Floats, Indices, Study
from retouch_aes.papers.pam.attributes import attributes
from retouch_aes.papers.pam.content import CLUSTERS, ContentClusters
from retouch_aes.papers.personal.study_backbone import StudyFeatures

FOLDS = 10


@dataclass(frozen=True, eq=False)
class StudyPerson:
    """`name` and what they rated: indices of the study's photos `(N,)`, each once, and scores `(N,)`.

    `traits` `(T,)` is what is known of them; None: nothing.
    """

    name: str
    photos: Indices
    scores: Floats
    traits: Floats | None = None


def split_people(ratings: Ratings, share: float, people: int, seed: int) -> tuple[list[str], list[str]]:
    """Names of the population, about `share` of all, and of up to `people` of the others.

    Drawn as `taste tune` and `bench taste` draw theirs, so a covariance tuned with the same `share` and
    `seed` has not met those predicted.
    """
    order = np.random.default_rng(seed).permutation(len(ratings.users))
    count = round(share * len(order))
    if not 0 < count < len(order):
        raise UsageError(
            f"expected people enough for a population and others to predict, got {len(order)} of whom "
            f"{count} would be the population"
        )
    names = [ratings.users[place] for place in order]
    return names[:count], names[count:][:people]


def published_people(dataset: RatedDataset, ratings: Ratings) -> tuple[list[str], list[str]] | None:
    """The people of the authors' training and test parts who are among `ratings`; None without such parts."""
    parts = [dataset.splits[name].users for name in ("train", "test") if name in dataset.splits]
    if len(parts) < 2 or None in parts:
        return None
    known = set(ratings.users)
    train, test = ([user for user in users or () if user in known] for users in parts)
    if not train or not test or set(train) & set(test):
        raise UsageError(
            f"expected different people in both parts of {dataset.name}, got {len(train)} and {len(test)}"
        )
    return train, test


def study_of(
    ratings: Ratings,
    seen: StudyFeatures,
    population: Sequence[str],
    seed: int,
    themes: Sequence[str] | None = None,
    pool: RatedDataset | None = None,
    user_traits: UserTraits | None = None,
) -> Study:
    """The photos of `ratings` as `seen`, with `population` of its users; see the module.

    `themes` (one for each photo) stand in for those of the photos' names. `pool` is the dataset that the
    population comes from, where it is one of its own: its published distributions count, not only the means,
    and since it holds none of the photos measured, one network learned from all of it says of all.
    `user_traits` are those of users, of `population` and others.
    """
    others = ratings.by(population)
    place = {path: index for index, path in enumerate(ratings.photos)}
    places = np.array([place[path] for path in others.photos], np.intp)
    folds = theme_folds(ratings.photos, seed, themes)
    score = seen.score
    if score is None:
        means = population_means(others, places, len(ratings.photos))
        score = cross_fitted(seen.features, means, folds)
    features = torch.from_numpy(seen.features)
    traits = None if seen.traits is None else copy.deepcopy(seen.traits).cpu()
    content: Callable[[Tensor], Tensor]
    if traits is not None and traits.contents:
        content = traits.content
    else:
        content = ContentClusters.of(features, min(CLUSTERS, len(features)), seed)
    return Study(
        features=seen.features,
        score=score,
        attributes=seen.attributes,
        content=content(features).double().numpy(),
        maps=seen.maps,
        population=others,
        population_index=places,
        folds=None if pool is not None else folds,
        measure=attributes if traits is None else traits.attributes_of,
        cluster=content,
        distributions=None if pool is None else pool.histograms_of(others.photos),
        population_traits=None if user_traits is None else _encoded(user_traits, others.users),
    )


def _encoded(traits: UserTraits, users: Sequence[str]) -> Floats:
    """`(U, T)` of `users`; 0.5 throughout for one of whom nothing is known."""
    table, place = traits.encoded(), {user: index for index, user in enumerate(traits.users)}
    rows = [table[place[user]] if user in place else np.full(table.shape[1], 0.5) for user in users]
    return np.asarray(rows, np.float64).reshape(len(rows), table.shape[1])


def persons(ratings: Ratings, names: Sequence[str], traits: UserTraits | None = None) -> list[StudyPerson]:
    """The people called `names`; who rated a photo twice has rated it by the mean."""
    place = {name: index for index, name in enumerate(ratings.users)}
    known = [None] * len(names) if traits is None else list(_encoded(traits, names))
    found = []
    for name, said in zip(names, known, strict=True):
        mine = ratings.user_index == place[name]
        photos, index = np.unique(ratings.photo_index[mine], return_inverse=True)
        sums = np.bincount(index, ratings.scores[mine])
        found.append(StudyPerson(name, photos, np.asarray(sums / np.bincount(index), np.float64), said))
    return found


def theme_folds(photos: Sequence[Path], seed: int, themes: Sequence[str] | None = None) -> Indices:
    """Ten groups of whole themes, fewer where there are fewer themes: `(P,)`."""
    themes = [theme(path) for path in photos] if themes is None else themes
    names = sorted(set(themes))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {name: int(order[index]) % FOLDS for index, name in enumerate(names)}
    return np.array([fold[name] for name in themes], np.intp)

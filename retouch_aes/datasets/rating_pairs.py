"""Pairs of photos out of one person's ratings: the better one first, equal ratings make none."""

import numpy as np

from retouch_aes.datasets.ratings import Integers, Ratings


def rating_pairs(ratings: Ratings, per_user: int = 100, seed: int = 0) -> Integers:
    """`(M, 3)`: user, winner and loser, as indices into `ratings`' users and photos.

    Up to `per_user` pairs are drawn of each user without repetition, as Zhang et al. draw 100 of an album. A
    photo that a user rated twice counts by the mean.
    """
    random, found = np.random.default_rng(seed), list[Integers]()
    order = np.argsort(ratings.user_index, kind="stable")
    bounds = np.searchsorted(ratings.user_index[order], np.arange(len(ratings.users) + 1))
    for user in range(len(ratings.users)):
        rows = order[bounds[user] : bounds[user + 1]]
        photos, index = np.unique(ratings.photo_index[rows], return_inverse=True)
        means = np.bincount(index, ratings.original[rows]) / np.bincount(index)
        first, second = np.triu_indices(len(photos), 1)
        unequal = np.flatnonzero(means[first] != means[second])
        drawn = random.permutation(unequal)[:per_user]
        first, second = first[drawn], second[drawn]
        better = means[first] > means[second]
        winner, loser = np.where(better, first, second), np.where(better, second, first)
        found.append(np.stack([np.full(len(drawn), user), photos[winner], photos[loser]], 1))
    return np.concatenate(found).astype(np.intp)

from pathlib import Path

import numpy as np
import pytest

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError

A, B, C = Path("a.jpg"), Path("b.jpg"), Path("c.jpg")


@pytest.fixture
def ratings() -> Ratings:
    """Ann rates a 1 and b 7; Bob rates a 2, b 4 and c 6; out of 1..7."""
    return Ratings(
        users=("ann", "bob"),
        photos=(A, B, C),
        user_index=np.array([0, 0, 1, 1, 1]),
        photo_index=np.array([0, 1, 0, 1, 2]),
        original=np.array([1.0, 7.0, 2.0, 4.0, 6.0]),
        scale=(1.0, 7.0),
    )


def test_tables_are_joined_on_the_scale_1_to_10() -> None:
    def table(users: str, photos: str, value: float, high: float) -> Ratings:
        index = np.arange(len(users))
        paths = tuple(Path(name) for name in photos)
        return Ratings(tuple(users), paths, index, index, np.full(len(users), value), (1.0, high))

    both = table("bd", "xz", 3, 5).joined(table("ac", "wy", 7, 7))
    assert both.users == ("a", "b", "c", "d")
    assert [str(photo) for photo in both.photos] == ["w", "x", "y", "z"]
    assert both.by(["b"]).photos == (Path("x"),)
    assert both.by(["b"]).scores.tolist() == [5.5]
    assert both.by(["c"]).photos == (Path("y"),)
    assert both.by(["c"]).scores.tolist() == [10.0]
    for other in (table("be", "uv", 1, 5), table("ef", "xv", 1, 5)):
        with pytest.raises(UsageError, match="different users and photos"):
            table("bd", "xz", 3, 5).joined(other)


def test_the_scale_maps_onto_one_to_ten(ratings: Ratings) -> None:
    assert ratings.scores.tolist() == [1, 10, 2.5, 5.5, 8.5]
    assert ratings.mean_scores().tolist() == [1.75, 7.75, 8.5]
    assert ratings.counts().tolist() == [2, 2, 1]


def test_a_rating_between_two_bins_is_shared(ratings: Ratings) -> None:
    assert ratings.histogram(A).tolist() == [0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0]
    assert ratings.histogram("c.jpg").tolist() == [0, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0]


def test_histograms_keep_the_mean(ratings: Ratings) -> None:
    histograms = ratings.histograms()
    assert histograms.sum(1) == pytest.approx(1)
    assert histograms @ np.arange(1, 11) == pytest.approx(ratings.mean_scores())
    assert (histograms >= 0).all()
    assert np.array_equal(histograms[1], ratings.histogram(B))


def test_subset_by_photos_drops_users_without_ratings(ratings: Ratings) -> None:
    part = ratings.subset(["c.jpg"])
    assert (part.users, part.photos) == (("bob",), (C,))
    assert part.scores.tolist() == [8.5]
    assert len(part) == 1
    assert part.scale == ratings.scale


def test_subset_by_users_drops_photos_without_ratings(ratings: Ratings) -> None:
    part = ratings.by(["ann"])
    assert part.photos == (A, B)
    assert part.original.tolist() == [1, 7]


def test_unknown_names_are_quoted(ratings: Ratings) -> None:
    with pytest.raises(UsageError, match=r"'x.jpg' and 1 more"):
        ratings.subset(["x.jpg", "y.jpg"])
    with pytest.raises(UsageError, match="'eve'"):
        ratings.by(["ann", "eve"])
    with pytest.raises(UsageError, match="got none"):
        ratings.subset([])
    with pytest.raises(UsageError, match="single text"):
        ratings.by("ann")

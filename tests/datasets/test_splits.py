import random

import pytest

from retouch_aes.datasets import split_by_theme, theme
from retouch_aes.errors import UsageError

PHOTOS = [
    f"photos/{name}_{i}.jpg"
    for name, n in (("baby", 7), ("car", 3), ("dog", 12), ("sky", 5))
    for i in range(n)
]


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        ("a/Baby_3.jpg", "baby"),
        ("baby 12.png", "baby"),
        ("baby-(2).jpg", "baby"),
        ("baby.jpg", "baby"),
        ("angry_pose_2.jpg", "angry_pose"),
        ("1234.jpg", "1234"),
        ("IMG_0001.JPG", "img"),
    ],
)
def test_theme(photo: str, expected: str) -> None:
    assert theme(photo) == expected


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.9])
def test_no_theme_on_both_sides(seed: int, fraction: float) -> None:
    kept, held = split_by_theme(PHOTOS, fraction, seed)
    assert sorted(kept + held) == list(range(len(PHOTOS)))
    assert kept
    assert held
    assert not {theme(PHOTOS[i]) for i in kept} & {theme(PHOTOS[i]) for i in held}


def test_the_same_photos_in_any_order() -> None:
    shuffled = random.Random(1).sample(PHOTOS, len(PHOTOS))
    held, again = split_by_theme(PHOTOS, 0.3, 5)[1], split_by_theme(shuffled, 0.3, 5)[1]
    assert {PHOTOS[i] for i in held} == {shuffled[i] for i in again}


def test_the_fraction_is_met_closely_with_many_themes() -> None:
    photos = [f"theme{chr(97 + i)}_{j}.jpg" for i in range(26) for j in range(10)]
    assert len(split_by_theme(photos, 0.2, 0)[1]) == pytest.approx(52, abs=5)


def test_seeds_differ() -> None:
    assert len({split_by_theme(PHOTOS, 0.3, seed) for seed in range(10)}) > 1


def test_refuses_what_cannot_be_split() -> None:
    with pytest.raises(UsageError, match="two themes"):
        split_by_theme(["baby_1.jpg", "baby_2.jpg"], 0.5, 0)
    with pytest.raises(UsageError, match="between 0 and 1"):
        split_by_theme(PHOTOS, 1.0, 0)

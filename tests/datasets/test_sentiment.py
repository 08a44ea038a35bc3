import pytest

from retouch_aes.datasets.reviews import PADDING, UNKNOWN, Vocabulary, judged
from retouch_aes.datasets.sentiment import is_good, level, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The color is wonderful and the composition is great!", 5),
        ("I like this photo!", 4),
        ("Not good.", 2),
        ("It isn't bad at all", 4),
        ("The sky is nice, the water is dull.", 3),
        ("Nice sky, but the face is very blurry", 1),
        ("A bit dark", 2),
        ("Do you live in the steeple?", None),
        ("", None),
    ],
)
def test_levels(text, expected):
    assert level(text) == expected


def test_good_is_three_or_more_and_the_equivocal_are_left_out():
    assert [is_good(text) for text in ("great", "dull", "great but dull", "nice and dull", "hm")] == [
        True, False, False, True, None,
    ]  # fmt: skip
    places, good = judged(["hm", "great", "dull"])
    assert (places, good.tolist()) == ([1, 2], [True, False])


def test_words_as_numbers():
    assert words("Don’t 3 out-of-focus!") == ["don't", "out-of-focus"]
    vocabulary = Vocabulary(["sky sky sea", "sea rare"])
    assert len(vocabulary) == 4
    table = vocabulary.encode(["sea sky moon sea", ""], 3)
    assert table.tolist() == [[2, 3, UNKNOWN], [UNKNOWN, PADDING, PADDING]]

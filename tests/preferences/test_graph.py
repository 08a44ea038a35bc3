import itertools
import random

import pytest

from retouch_aes.preferences.answers import Choice, Rating, Skip, Tie
from retouch_aes.preferences.graph import PreferenceGraph, PreferencePair
from retouch_aes.preferences.renditions import Rendition


def prefer(text: str, **settings: bool) -> PreferenceGraph:
    """`"ab bc"`: a is preferred to b, and b to c."""
    return PreferenceGraph.of([Choice(*map(Rendition, word)) for word in text.split()], **settings)


def words(pairs) -> set[str]:
    return {"".join(item.photo for item in pair) for pair in pairs}


def test_an_inferred_pair_rests_on_exactly_two_stated_ones():
    found = prefer("12 23 34")
    assert words(found.stated) == {"12", "23", "34"}
    assert words(found.inferred) == {"13", "24"}
    assert found.report() == ()


def test_stated_pairs_are_not_inferred_again():
    assert prefer("ab bc ac").inferred == ()
    assert words(prefer("ab bc bd").inferred) == {"ac", "ad"}
    assert prefer("ab bc", enrich=False).inferred == ()


def test_both_directions_of_a_contradiction_are_dropped_and_reported():
    found = prefer("ab ba bc cd ab")
    assert words(found.stated) == {"bc", "cd"}
    assert words(found.inferred) == {"bd"}
    assert words(found.conflicts) == {"ab"}
    assert len(found.choices) == 5
    assert "answered both ways" in found.report()[0]


def test_nothing_is_inferred_against_a_stated_pair():
    found = prefer("ab bc ca")
    assert words(found.stated) == {"ab", "bc", "ca"}
    assert found.inferred == ()
    assert words(found.refused) == {"ac", "ba", "cb"}
    assert [[item.photo for item in circle] for circle in found.circles] == [["a", "b", "c", "a"]]
    assert len(found.report()) == 2


def test_two_inferred_pairs_that_contradict_are_both_dropped():
    found = prefer("ab bc cd da")
    assert found.inferred == ()
    assert words(found.refused) == {"ac", "ca", "bd", "db"}
    assert len(found.circles) == 1


def test_a_disputed_pair_is_not_inferred_through_a_third():
    found = prefer("ab ba ac cb")
    assert words(found.pairs) == {"ac", "cb"}
    assert words(found.refused) == {"ab"}


def test_circles_in_separate_places_are_all_found():
    found = prefer("ab bc ca cx xy yz zw wy")
    assert {frozenset(item.photo for item in circle) for circle in found.circles} == {
        frozenset("abc"),
        frozenset("yzw"),
    }
    assert prefer("ab bc ad dc xb").circles == ()


@pytest.mark.parametrize("seed", range(20))
def test_as_the_definition_says(seed):
    names = [str(n) for n in range(7)]
    pairs = random.Random(seed).choices(list(itertools.permutations(names, 2)), k=14)
    found = PreferenceGraph.of([Choice(*map(Rendition, pair)) for pair in pairs])
    stated = {p for p in pairs if p[::-1] not in pairs}
    hops = {(a, d) for a, b in stated for c, d in stated if b == c and a != d} - stated
    expected = {p for p in hops if p[::-1] not in hops and p[::-1] not in stated and p[::-1] not in pairs}
    assert {tuple(i.photo for i in pair) for pair in found.inferred} == expected
    assert {tuple(i.photo for i in pair) for pair in found.stated} == stated
    assert {tuple(i.photo for i in pair) for pair in found.refused} == hops - expected


def test_ties_ratings_and_skips(abc):
    a, b, c, d = abc[:4]
    found = PreferenceGraph.of(
        [Choice(a, b), Tie(b, c), Skip(a, d), Rating(c, 3, (1, 5)), Choice(b, d, False)]
    )
    assert found.pairs == (PreferencePair(a, b),)
    assert found.ties == ((b, c),)
    assert found.ratings == (Rating(c, 3, (1, 5)),)
    assert found.renditions == (a, b, c)
    assert PreferenceGraph.of([]) == PreferenceGraph()

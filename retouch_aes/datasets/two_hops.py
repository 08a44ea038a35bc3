"""Enrichment of preferences by transitivity (Zhang et al.): `a > b` and `b > c` imply `a > c`.

An implied pair rests on exactly two stated ones: out of 1 > 2 > 3 > 4 come 1 > 3 and 2 > 4, not 1 > 4. One
that contradicts a stated pair or another implied one, or compares a thing with itself, is not inferred.
"""

from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def two_hops(
    stated: Sequence[tuple[T, T]], disputed: Collection[frozenset[T]] = frozenset()
) -> tuple[list[tuple[T, T]], list[tuple[T, T]]]:
    """The new (winner, loser) that two `stated` pairs imply, and those not inferred for a contradiction.

    `stated` holds each pair once; nothing is inferred about the two of a `disputed` pair.
    """
    known = set(stated)
    beaten: dict[T, list[T]] = {}
    for winner, loser in stated:
        beaten.setdefault(winner, []).append(loser)
    implied = dict.fromkeys(
        (winner, last) for winner, middle in stated for last in beaten.get(middle, ()) if last != winner
    )
    sound: list[tuple[T, T]] = []
    refused: list[tuple[T, T]] = []
    for winner, loser in implied:
        if (winner, loser) in known:
            continue
        reverse = (loser, winner)
        bad = reverse in known or reverse in implied or frozenset(reverse) in disputed
        (refused if bad else sound).append((winner, loser))
    return sound, refused

"""A person's pairs enriched by transitivity, contradictions left out."""

from collections.abc import Sequence

from retouch_aes.datasets.two_hops import two_hops

Pair = tuple[int, int]


def enriched(pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs (winner, loser) that nothing contradicts, and those that follow from two of them."""
    stated = list(dict.fromkeys(pairs))
    known = set(stated)
    sound = [pair for pair in stated if pair[::-1] not in known]
    conflicts = {frozenset(pair) for pair in stated if pair[::-1] in known}
    return sound + two_hops(sound, conflicts)[0]

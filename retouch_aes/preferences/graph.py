"""From single answers to what they mean together: distinct pairs, inferred pairs, contradictions.

What a person stated is enriched by transitivity (`retouch_aes.datasets.two_hops`). People contradict
themselves. Two stated pairs of opposite directions are both dropped; a pair that would contradict a stated
one, or another inferred one, or compare a rendition with itself, is not inferred. All of it is reported,
never fatal, and so are circles among the stated pairs that remain.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from retouch_aes.datasets.two_hops import two_hops
from retouch_aes.preferences.answers import Answer, Choice, Rating, Tie
from retouch_aes.preferences.renditions import Rendition


class PreferencePair(NamedTuple):
    """`winner` is preferred to `loser`."""

    winner: Rendition
    loser: Rendition

    @property
    def reverse(self) -> "PreferencePair":
        """The opposite preference."""
        return PreferencePair(self.loser, self.winner)


@dataclass(frozen=True)
class PreferenceGraph:
    """Immutable; made by `PreferenceGraph.of`.

    `choices`: every stated choice as it was given, contradictions and repetitions included. `stated`: the
    distinct pairs of them that are not contradicted. `inferred`: those that follow by two of them.
    `conflicts`: pairs stated both ways (each once, one direction). `refused`: pairs not inferred because they
    would have contradicted. `circles`: one for each group that is preferred in a circle, first and last the
    same. `ties` and `ratings` as given.
    """

    choices: tuple[PreferencePair, ...] = ()
    stated: tuple[PreferencePair, ...] = ()
    inferred: tuple[PreferencePair, ...] = ()
    conflicts: tuple[PreferencePair, ...] = ()
    refused: tuple[PreferencePair, ...] = ()
    circles: tuple[tuple[Rendition, ...], ...] = ()
    ties: tuple[tuple[Rendition, Rendition], ...] = ()
    ratings: tuple[Rating, ...] = ()

    @staticmethod
    def of(answers: Iterable[Answer], *, enrich: bool = True) -> "PreferenceGraph":
        """What `answers` (see `read_answers`) mean together; `enrich=False` infers nothing."""
        answers = tuple(answers)
        given = [a for a in answers if isinstance(a, Choice)]
        choices = tuple(PreferencePair(a.winner, a.loser) for a in given if a.stated)
        distinct = dict.fromkeys(choices)
        stated = tuple(pair for pair in distinct if pair.reverse not in distinct)
        conflicts = {frozenset(pair): pair for pair in reversed(distinct) if pair.reverse in distinct}
        inferred, refused = two_hops(stated, conflicts.keys()) if enrich else ((), ())
        return PreferenceGraph(
            choices=choices,
            stated=stated,
            inferred=tuple(PreferencePair(*pair) for pair in inferred),
            conflicts=tuple(reversed(conflicts.values())),
            refused=tuple(PreferencePair(*pair) for pair in refused),
            circles=_circles(stated),
            ties=tuple((a.first, a.second) for a in answers if isinstance(a, Tie)),
            ratings=tuple(a for a in answers if isinstance(a, Rating)),
        )

    @property
    def pairs(self) -> tuple[PreferencePair, ...]:
        """The stated and the inferred pairs: what the paper trains on."""
        return self.stated + self.inferred

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """Everything that an answer names, in the order of first mention."""
        named = [rendition for pair in (*self.choices, *self.ties) for rendition in pair]
        return tuple(dict.fromkeys([*named, *(rating.photo for rating in self.ratings)]))

    def report(self) -> tuple[str, ...]:
        """One sentence for each kind of contradiction, for people; empty where there is none."""
        lines = []
        if self.conflicts:
            some = "; ".join(f"{pair.winner} and {pair.loser}" for pair in self.conflicts[:3])
            lines.append(f"{len(self.conflicts)} pairs were answered both ways and are left out: {some}")
        if self.circles:
            some = "; ".join(" > ".join(map(str, circle)) for circle in self.circles[:2])
            lines.append(f"{len(self.circles)} groups are preferred in a circle, which is kept: {some}")
        if self.refused:
            lines.append(f"{len(self.refused)} pairs were not inferred, because they contradict others")
        return tuple(lines)


def _circles(stated: tuple[PreferencePair, ...]) -> tuple[tuple[Rendition, ...], ...]:
    """One circle, `a > b > ... > a`, for every group of renditions that can be reached from each other."""
    onward: dict[Rendition, list[Rendition]] = {}
    for winner, loser in stated:
        onward.setdefault(winner, []).append(loser)
        onward.setdefault(loser, [])
    # What never loses to, or never wins against, another that remains is in no circle.
    remaining = _core(onward)
    back: dict[Rendition, list[Rendition]] = {node: [] for node in remaining}
    for node, targets in remaining.items():
        for target in targets:
            back[target].append(node)
    circles: list[tuple[Rendition, ...]] = []
    reported: set[Rendition] = set()
    for start in remaining:
        if start not in reported and (circle := _shortest_return(start, remaining)):
            circles.append(circle)
            reported |= _reachable(start, remaining) & _reachable(start, back)
    return tuple(circles)


def _core(onward: Mapping[Rendition, list[Rendition]]) -> dict[Rendition, list[Rendition]]:
    remaining = {node: list(targets) for node, targets in onward.items()}
    while True:
        losing = {target for targets in remaining.values() for target in targets}
        kept = {node for node, targets in remaining.items() if targets and node in losing}
        if len(kept) == len(remaining):
            return remaining
        remaining = {
            node: [target for target in targets if target in kept]
            for node, targets in remaining.items()
            if node in kept
        }


def _shortest_return(
    start: Rendition, onward: Mapping[Rendition, list[Rendition]]
) -> tuple[Rendition, ...] | None:
    """The shortest way from `start` back to it, ends included; None where there is none."""
    came: dict[Rendition, Rendition] = {}
    queue = [start]
    for node in queue:
        for target in onward[node]:
            if target == start:
                way = [start, node]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return tuple(reversed(way))
            if target not in came:
                came[target] = node
                queue.append(target)
    return None


def _reachable(start: Rendition, onward: Mapping[Rendition, list[Rendition]]) -> set[Rendition]:
    found, queue = {start}, [start]
    for node in queue:
        for target in onward[node]:
            if target not in found:
                found.add(target)
                queue.append(target)
    return found

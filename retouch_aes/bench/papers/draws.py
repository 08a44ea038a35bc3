"""The draws of `bench piaa`: which of a person's photos are known, and which pairs of them.

`k` photos at random are known, by rating and as up to 100 random pairs with unequal ratings (Zhang et al.;
ten photos have 45 pairs at most); all others are predicted (Ren et al.). One draw of a larger `k` holds that
of a smaller.
"""

from dataclasses import dataclass

import numpy as np

from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.papers.method import Floats, Indices, PersonEvidence

MOST_PAIRS = 100
LEAST_TEST = 8


@dataclass(frozen=True, eq=False)
class Draw:
    """What is said, and the photos `(M,)` with the `truth` `(M,)` to be predicted."""

    evidence: PersonEvidence
    photos: Indices
    truth: Floats


def draw(
    person: StudyPerson,
    size: int,
    seed: list[int],
    least: int = LEAST_TEST,
    most_pairs: int = MOST_PAIRS,
) -> Draw | None:
    """`size` photos of `person` known; None where under `least` remain, or all of these were rated alike."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(person.photos))
    known, rest = order[:size], order[size:]
    truth = person.scores[rest]
    if len(known) < size or len(rest) < least or np.ptp(truth) == 0:
        return None
    said = evidence(person.photos[known], person.scores[known], random, most_pairs, traits=person.traits)
    return Draw(said, person.photos[rest], truth)


def evidence(
    photos: Indices,
    scores: Floats,
    random: np.random.Generator,
    most_pairs: int = MOST_PAIRS,
    *,
    traits: Floats | None = None,
) -> PersonEvidence:
    """Ratings of `photos` `(k,)`, and up to `most_pairs` random pairs of them with unequal ratings."""
    i, j = np.triu_indices(len(scores), 1)
    sign = np.sign(scores[i] - scores[j])
    kept = random.permutation(np.flatnonzero(sign))[:most_pairs]
    winner, loser = np.where(sign > 0, i, j)[kept], np.where(sign > 0, j, i)[kept]
    return PersonEvidence(photos, scores, photos[np.stack([winner, loser], 1)], traits=traits)

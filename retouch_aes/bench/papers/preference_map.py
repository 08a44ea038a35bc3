"""`bench preference-map`: what sets a person apart, read off the attributes of photos.

For each person, Spearman's rho over their photos of their offsets (rating minus generic score) with each
attribute (Ren et al., ICCV 2017, section 3). As control, users that never were: each has the photos of one of
the people, and for each photo the offset of a random other person who rated it. Where people have tastes,
their correlations spread wider than those of the random users.
"""

from collections.abc import Sequence

import numpy as np

from retouch_aes.bench.papers.preference_map_report import PreferenceMap
from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.errors import UsageError
from retouch_aes.papers.method import Floats, Study
from retouch_aes.papers.pam.attributes import ATTRIBUTES
from retouch_aes.taste.gp.tuning import rank_correlation


def preference_map(
    study: Study,
    people: Sequence[StudyPerson],
    *,
    attributes: Sequence[str] = ATTRIBUTES,
    seed: int = 0,
) -> PreferenceMap:
    """Rows are `people` and as many random users, columns the study's `attributes`, by name."""
    if len(people) < 2:
        raise UsageError(f"expected two people at least, got {len(people)}")
    table = np.full((len(people), len(study)), np.nan)
    for row, person in enumerate(people):
        table[row, person.photos] = person.scores - study.score[person.photos]
    random = np.random.default_rng(seed)
    nobody = np.array([_random_user(table, row, random) for row in range(len(people))])
    return PreferenceMap(
        tuple(person.name for person in people),
        tuple(attributes),
        correlations(table, study.attributes),
        correlations(nobody, study.attributes),
        seed,
    )


def _random_user(table: Floats, row: int, random: np.random.Generator) -> Floats:
    """Offsets `(P,)` of photos that `row` of `table` `(U, P)` rated, each by someone drawn anew."""
    found = np.full(table.shape[1], np.nan)
    for photo in np.flatnonzero(~np.isnan(table[row])):
        given = np.flatnonzero(~np.isnan(table[:, photo]))
        others = given[given != row]
        found[photo] = table[random.choice(others if len(others) else given), photo]
    return found


def correlations(table: Floats, attributes: Floats) -> Floats:
    """`(U, P)` offsets and `(P, A)` attributes -> `(U, A)`."""
    rows = []
    for offsets in table:
        rated = ~np.isnan(offsets)
        rows.append([rank_correlation(column, offsets[rated]) for column in attributes[rated].T])
    return np.array(rows)

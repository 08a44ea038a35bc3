"""`bench preference-map --printed`: Ren et al.'s figure 2 as they made it.

A person's offsets are their ratings minus the mean rating of the photo by all who rated it; the columns are
attributes and shares of content. Beside the people stand two users that never were: 1,000 photos at random,
the mean rating plus noise of deviation .2 and 2 on the paper's scale 1..5, which is 9 / 4 as much on ours. Of
each the sum of |rho| over the columns is told, of the two users its mean over 50 draws: the paper finds all
111 of its workers above both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from retouch_aes.bench.common.bootstrap import bootstrap
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable
from retouch_aes.bench.papers.piaa import mean_of
from retouch_aes.bench.papers.preference_map import correlations
from retouch_aes.bench.papers.preference_map_report import heat_map
from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.errors import UsageError
from retouch_aes.papers.method import Floats, Study

NOISE = (0.2, 2.0)
PHOTOS, DRAWS = 1000, 50
_SCALE = 9 / 4


@dataclass(frozen=True, eq=False)
class PreferenceFigure(Report):
    """Correlations `(U, A + K)` of `people` with `columns`, one draw `(2, A + K)` of the two simulated users.

    `sums` `(U,)` of |rho|, and `simulated_sums` `(2,)`, the means over 50 draws.
    """

    name: ClassVar[str] = "preference-map"

    names: tuple[str, ...]
    columns: tuple[str, ...]
    people: Floats
    simulated: Floats
    sums: Floats
    simulated_sums: Floats
    seed: int

    @property
    def above(self) -> float:
        """The share of people whose sum is above those of both simulated users."""
        return float((self.sums > self.simulated_sums.max()).mean())

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "bench": self.name,
            "printed": True,
            "seed": self.seed,
            "columns": list(self.columns),
            "people": dict(zip(self.names, self.people.tolist(), strict=True)),
            "sums": dict(zip(self.names, self.sums.tolist(), strict=True)),
            "simulated": dict(zip(map(str, NOISE), self.simulated.tolist(), strict=True)),
            "simulated sums": dict(zip(map(str, NOISE), self.simulated_sums.tolist(), strict=True)),
            "share above": self.above,
        }

    def picture(self) -> Image.Image:
        """People on the left, the two simulated users on the right."""
        return heat_map(self.columns, (("people", self.people), ("simulated", self.simulated)))

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        mean = bootstrap(mean_of(self.sums), len(self.sums), seed=self.seed)
        higher = (self.sums > self.simulated_sums.max()).astype(float)
        share = bootstrap(mean_of(higher), len(higher), seed=self.seed)
        rows = [["people, mean", mean.shown("{:.2f}".format), "-"]]
        rows += [["people, least", f"{self.sums.min():.2f}", "-"]]
        for noise, value in zip(NOISE, self.simulated_sums, strict=True):
            rows.append([f"average user, noise {noise:g}", f"{value:.2f}", "-"])
        rows += [["people above both", share.shown("{:.0%}".format), "100% of 111"]]
        note = (
            f"Sum of |rho| over {len(self.columns)} attributes and contents, of rating minus mean, with "
            f"95 % intervals over {len(self.names)} people; average users: the mean of {DRAWS} draws."
        )
        return [ReportTable("Preference against chance", ["", "sum of |rho|", "paper"], rows, note)]


def preference_figure(
    study: Study, people: Sequence[StudyPerson], attributes: Sequence[str], *, seed: int = 0
) -> PreferenceFigure:
    """`people` and the two simulated users against `attributes` and the study's content."""
    if not people:
        raise UsageError("expected a person at least, got none")
    columns = np.concatenate([study.attributes, study.content], 1)
    names = (*attributes, *(f"content {number}" for number in range(1, study.content.shape[1] + 1)))
    means = _means(study, people)
    table = np.full((len(people), len(study)), np.nan)
    for row, person in enumerate(people):
        table[row, person.photos] = person.scores - means[person.photos]
    random, rated = np.random.default_rng(seed), np.flatnonzero(np.isfinite(means))
    drawn = np.array([_simulated(rated, len(study), random) for _ in range(DRAWS)])
    simulated = np.array([correlations(one, columns) for one in drawn])
    found = correlations(table, columns)
    return PreferenceFigure(
        tuple(person.name for person in people),
        names,
        found,
        simulated[0],
        np.abs(found).sum(1),
        np.abs(simulated).sum(2).mean(0),
        seed,
    )


def _simulated(
    rated: "np.ndarray[tuple[int], np.dtype[np.intp]]", count: int, random: np.random.Generator
) -> Floats:
    """Offsets `(2, count)` of the two users; not-a-number where they rated nothing."""
    found = np.full((len(NOISE), count), np.nan)
    for row, noise in enumerate(NOISE):
        photos = random.permutation(rated)[:PHOTOS]
        found[row, photos] = random.normal(0, noise * _SCALE, len(photos))
    return found


def _means(study: Study, people: Sequence[StudyPerson]) -> Floats:
    """The mean rating `(P,)` of each photo by the population and `people`; not-a-number for none."""
    sums, counts = np.zeros(len(study)), np.zeros(len(study))
    if len(study.population):
        places = study.population_index[study.population.photo_index]
        np.add.at(sums, places, study.population.scores)
        np.add.at(counts, places, 1)
    for person in people:
        sums[person.photos] += person.scores
        counts[person.photos] += 1
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), np.float64)

"""`bench piaa`: the methods of the papers side by side, on one set of people, photos and draws.

For each method, person and number of photos known, Spearman's rho of what is predicted with what the person
said, and of the generic score with it; the mean over `repeats` draws that all methods share. Protocol `ren`
looks at the gain over the generic score (Ren et al., ICCV 2017), `zhang` at rho itself (Zhang et al.).
Beside it the share of pairs of the predicted photos, rated differently, that are ordered as the person
ordered them (Zhang et al.'s table 2). Intervals are bootstrapped over people.
"""

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retouch_aes.bench.common.bootstrap import bootstrap
from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.draws import LEAST_TEST, MOST_PAIRS, draw
from retouch_aes.bench.papers.piaa_report import PiaaCell, PiaaReport, PiaaRow
from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.errors import UsageError
from retouch_aes.executors import Executor
from retouch_aes.papers.method import Floats, Method, Study
from retouch_aes.papers.pooled_maps import PooledMaps
from retouch_aes.papers.published import PUBLISHED
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.tuning import rank_correlation

"""Called with the name of a method, how many people are done, and how many there are."""
Rhos = dict[str, list[list[float]]]
"""By number of photos known: for each draw, rho of the generic score, of the method, and its pair agreement;
results kept by earlier versions lack the last."""
PROTOCOLS = ("ren", "zhang")


@dataclass(frozen=True)
class PiaaPlan:
    """How much is done: photos known, draws for each person, and the seed of everything.

    People of whom fewer than `least_test` photos remain to be predicted are left out at that size. Some of
    Ren et al.'s test workers have only 105 to 107 photos; at 100 known they count from `least_test=5` on.
    `most_pairs` are said of the photos known; Zhang et al.'s user study has 150 photos and 220 pairs.
    `per_person` adds each person's rho to the tables.
    """

    protocol: str = "ren"
    sizes: tuple[int, ...] = (10, 100)
    repeats: int = 5
    seed: int = 0
    least_test: int = LEAST_TEST
    per_person: bool = field(default=False, compare=False)
    most_pairs: int = MOST_PAIRS

    def __post_init__(self) -> None:
        if self.least_test < 2:
            raise UsageError(f"expected two photos to be predicted at least, got {self.least_test}")
        if self.protocol not in PROTOCOLS:
            raise UsageError(f"expected a protocol out of {', '.join(PROTOCOLS)}, got {self.protocol!r}")
        if not self.sizes or min(self.sizes) < 2 or len(set(self.sizes)) < len(self.sizes):
            raise UsageError(f"expected different numbers of photos from 2 on, got {list(self.sizes)}")
        if self.repeats < 1:
            raise UsageError(f"expected repeats of 1 or more, got {self.repeats}")


def settings(study: Study, people: Sequence[StudyPerson], plan: PiaaPlan) -> dict[str, Any]:
    """What results depend on besides the methods, for `ResumableResults`."""
    what = {"sizes": list(plan.sizes), "repeats": plan.repeats, "seed": plan.seed}
    if plan.least_test != LEAST_TEST:
        what["photos to be predicted"] = plan.least_test
    if plan.most_pairs != MOST_PAIRS:
        what["pairs"] = plan.most_pairs
    return {"bench": "piaa", **what, "photos and people": digest(study, people)}


def digest(study: Study, people: Sequence[StudyPerson]) -> str:
    """Sixteen hexadecimal digits of all that is known of photos and people."""
    found = hashlib.sha256()
    for table in (study.features, study.score, study.attributes, study.population.original):
        found.update(np.ascontiguousarray(table).tobytes())
    if study.distributions is not None:
        found.update(np.ascontiguousarray(study.distributions).tobytes())
    if study.coordinates is not None:
        found.update(np.ascontiguousarray(study.coordinates).tobytes())
    if study.population_traits is not None:
        found.update(np.ascontiguousarray(study.population_traits).tobytes())
    for person in people:
        found.update(person.name.encode("utf-8", "surrogatepass"))
        found.update(person.photos.tobytes() + person.scores.tobytes())
        if person.traits is not None:
            found.update(np.ascontiguousarray(person.traits).tobytes())
    return found.hexdigest()[:16]


def piaa(
    study: Study,
    people: Sequence[StudyPerson],
    methods: Mapping[str, Method],
    plan: PiaaPlan,
    *,
    kept: ResumableResults | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> PiaaReport:
    """Predict `people` by `methods` (by short name). What `kept` holds already is not done again.

    `executor` takes a person at a time; None does it here.
    """
    if not people or not methods:
        raise UsageError(f"expected people and methods, got {len(people)} and {len(methods)}")
    kept = kept or ResumableResults(None, settings(study, people, plan))
    rows = []
    for short, method in methods.items():
        keys = [(short, person.name) for person in people]
        ready = copy.deepcopy(method)  # what it learns of the population goes with it
        if not all(key in kept for key in keys):
            ready.prepare(study)
        predict = _Prediction(without_files(study), people, ready, plan)
        kept.complete(keys, predict, name=method.name, executor=executor, progress=progress)
        found = [kept[key] for key in keys]
        rows.append(_row(short, method, found, [person.name for person in people], plan))
    return PiaaReport(plan.protocol, len(people), plan.repeats, plan.seed, tuple(rows), plan.per_person)


@dataclass(frozen=True)
class _Prediction:
    """One person, by number, in whatever process."""

    study: Study
    people: Sequence[StudyPerson]
    method: Method
    plan: PiaaPlan

    def __call__(self, number: int) -> Rhos:
        found: Rhos = {}
        study, method, plan = self.study, self.method, self.plan
        for size in plan.sizes:
            rhos = []
            for repeat in range(plan.repeats):
                chance = [plan.seed, number, repeat]
                one = draw(self.people[number], size, chance, plan.least_test, plan.most_pairs)
                if one is None:
                    continue
                method.fit(study, one.evidence, seed=repeat)
                said = method.predict(study, one.photos)
                if said.shape != one.photos.shape or not np.isfinite(said).all():
                    raise UsageError(
                        f"{method.name}: expected {len(one.photos)} finite scores, got {said.shape}"
                    )
                generic = rank_correlation(study.score[one.photos], one.truth)
                rhos.append([generic, rank_correlation(said, one.truth), pair_agreement(said, one.truth)])
            found[str(size)] = rhos
        return found


def pair_agreement(said: Floats, truth: Floats) -> float:
    """Share of the pairs with unequal `truth` `(M,)` that `said` `(M,)` orders alike; a tie counts half."""
    i, j = np.triu_indices(len(truth), 1)
    wanted, found = np.sign(truth[i] - truth[j]), np.sign(said[i] - said[j])
    unequal = wanted != 0
    return float((1 + wanted[unequal] * found[unequal]).mean() / 2)


def without_files(study: Study) -> Study:
    """`study` as it may travel: who was prepared with maps in files has read them."""
    return replace(study, maps=()) if isinstance(study.maps, PooledMaps) else study


def _row(short: str, method: Method, found: Sequence[Rhos], names: Sequence[str], plan: PiaaPlan) -> PiaaRow:
    cells = {}
    for size in plan.sizes:
        tables = {
            name: _table(one[str(size)]) for name, one in zip(names, found, strict=True) if one[str(size)]
        }
        if tables:
            cells[size] = _cell(tables, plan.seed)
    published = PUBLISHED[plan.protocol].get(short, {})
    return PiaaRow(short, method.name, method.pairs, method.warm, cells, dict(published))


def _table(draws: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """`(draws, 3)`; not-a-number where an earlier version kept no agreement."""
    return np.array([[*one, np.nan][:3] for one in draws], np.float64)


def _cell(tables: Mapping[str, NDArray[np.float64]], seed: int) -> PiaaCell:
    """`tables`, one for each person by name: `(draws, 3)`."""
    means = np.array([table.mean(0) for table in tables.values()])
    gains, rhos = means[:, 1] - means[:, 0], means[:, 1]
    draws = min(map(len, tables.values()))
    over = np.mean([table[:draws, 1] - table[:draws, 0] for table in tables.values()], axis=0)
    return PiaaCell(
        people=len(tables),
        gain=bootstrap(mean_of(gains), len(gains), seed=seed),
        rho=bootstrap(mean_of(rhos), len(rhos), seed=seed),
        gain_deviation=float(gains.std()),
        rho_deviation=float(rhos.std()),
        draw_deviation=float(over.std()),
        agreement=bootstrap(mean_of(means[:, 2]), len(means), seed=seed),
        by_person={name: float(rho) for name, rho in zip(tables, rhos, strict=True)},
    )


def mean_of(values: Floats) -> Callable[[NDArray[np.intp]], float]:
    """The mean of those of `values` that a bootstrap draws."""
    return lambda drawn: float(values[drawn].mean())

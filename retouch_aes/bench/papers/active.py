"""`bench active`: which photos to ask about, after Ren et al. (ICCV 2017), section 6.3.

A person's album starts with 10 photos at random rated; a selector picks the next one by one until 100 are,
and the method is fitted anew after each. Spearman's rho with the person's ratings over the whole album, and
over what is still unrated; the mean over `repeats` starts, which all selectors share. The difference from
random selection is bootstrapped over people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retouch_aes.bench.common.bootstrap import bootstrap
from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.active_report import ActiveCurve, ActiveReport
from retouch_aes.bench.papers.draws import LEAST_TEST, evidence
from retouch_aes.bench.papers.piaa import digest, mean_of, without_files
from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.errors import UsageError
from retouch_aes.executors import Executor
from retouch_aes.papers.active.selector import RatedAlbum, Selector
from retouch_aes.papers.method import Floats, Method, Study
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.tuning import rank_correlation

BASELINE = "random"


@dataclass(frozen=True)
class ActivePlan:
    """Rated photos at the `start` and the `end`, rho every `step` of them; `repeats` starts per person.

    People of whom fewer than `least_test` photos remain at the end are left out.
    """

    start: int = 10
    end: int = 100
    step: int = 10
    repeats: int = 10
    seed: int = 0
    least_test: int = LEAST_TEST

    def __post_init__(self) -> None:
        if not 2 <= self.start < self.end or self.step < 1 or self.repeats < 1:
            raise UsageError(
                "expected 2 <= start < end photos, and steps and repeats of 1 or more, got "
                f"{self.start}, {self.end}, {self.step}, {self.repeats}"
            )

    @property
    def stops(self) -> tuple[int, ...]:
        """Numbers of rated photos at which rho is taken."""
        return (*range(self.start, self.end, self.step), self.end)


def settings(study: Study, people: Sequence[StudyPerson], method: str, plan: ActivePlan) -> dict[str, Any]:
    """What results depend on besides the selectors, for `ResumableResults`."""
    what = {name: getattr(plan, name) for name in ("start", "end", "step", "repeats", "seed")}
    return {"bench": "active", "method": method, **what, "photos and people": digest(study, people)}


def active(
    study: Study,
    people: Sequence[StudyPerson],
    method: Method,
    selectors: Mapping[str, Selector],
    plan: ActivePlan,
    *,
    kept: ResumableResults | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> ActiveReport:
    """Ask `people` by each of `selectors` (by short name); those with too small an album are left out."""
    people = [person for person in people if len(person.photos) >= plan.end + plan.least_test]
    if not people or not selectors:
        raise UsageError(
            f"expected selectors and people with {plan.end + plan.least_test} photos at least, got "
            f"{len(selectors)} and {len(people)}"
        )
    kept = kept or ResumableResults(None, settings(study, people, method.name, plan))
    method.prepare(study)
    tables = {}
    for short, selector in selectors.items():
        selector.prepare(study)
        keys = [(short, one.name) for one in people]
        asked = _Asked(without_files(study), people, method, selector, plan)
        kept.complete(keys, asked, name=selector.name, executor=executor, progress=progress)
        tables[short] = np.array([kept[key] for key in keys], np.float64)
    curves = tuple(
        _curve(short, selectors[short].name, table, tables.get(BASELINE), plan)
        for short, table in tables.items()
    )
    return ActiveReport(method.name, len(people), plan.repeats, plan.seed, plan.stops, curves)


@dataclass(frozen=True)
class _Asked:
    """Mean rho over the whole album, and over the unrated rest, at each stop: one person, by number."""

    study: Study
    people: Sequence[StudyPerson]
    method: Method
    selector: Selector
    plan: ActivePlan

    def __call__(self, number: int) -> list[list[float]]:
        person, plan = self.people[number], self.plan
        runs = [
            _run(self.study, person, self.method, self.selector, plan, [plan.seed, number, repeat])
            for repeat in range(plan.repeats)
        ]
        found: list[list[float]] = np.mean(runs, axis=0).tolist()
        return found


def _run(
    study: Study, person: StudyPerson, method: Method, selector: Selector, plan: ActivePlan, seed: list[int]
) -> Floats:
    random = np.random.default_rng(seed)
    rated = list(random.permutation(len(person.photos))[: plan.start])
    place = {photo: index for index, photo in enumerate(person.photos.tolist())}
    found = []
    while True:
        said = evidence(person.photos[rated], person.scores[rated], random, traits=person.traits)
        method.fit(study, said)
        rest = np.setdiff1d(np.arange(len(person.photos)), rated)
        if len(rated) in plan.stops:
            predicted = method.predict(study, person.photos)
            found.append(
                [
                    rank_correlation(predicted, person.scores),
                    rank_correlation(predicted[rest], person.scores[rest]),
                ]
            )
        if len(rated) == plan.end:
            return np.array(found).T
        album = RatedAlbum(study, person.photos[rest], said, method)
        rated.append(place[selector.choose(album, random)])


def _curve(short: str, name: str, table: Floats, baseline: Floats | None, plan: ActivePlan) -> ActiveCurve:
    """`table`, `baseline`: `(people, 2, stops)`."""
    away = None
    if baseline is not None and short != BASELINE:
        gap = (table - baseline).mean(2)
        away = tuple(bootstrap(mean_of(gap[:, part]), len(gap), seed=plan.seed) for part in (0, 1))
    means = table.mean(0)
    return ActiveCurve(short, name, tuple(means[0].tolist()), tuple(means[1].tolist()), away)

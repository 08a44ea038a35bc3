"""`bench planted`: does each paper's own claim hold where it should, on ratings whose making is known?

Each claim is a difference of two rows on the same people and draws, with a 95 % bootstrap interval over
people: gains in Spearman's rho for PAM and Zhang, rho with the true worth of photos for Kong (over seeds),
AUC per user on new photos for CFAN. What a claim does not show on its own world, it cannot show elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.correlation import spearman
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.bench.papers.cfan import BPR, FULL, VBPR, WITHOUT_REVIEW, cfan
from retouch_aes.bench.papers.kong_fitting import HeadFitter
from retouch_aes.bench.papers.kong_variants import ABLATIONS, REGRESSION
from retouch_aes.bench.papers.piaa import PiaaPlan, mean_of, piaa
from retouch_aes.bench.papers.planted_people import CHANNELS, attribute_world, place_world, rater_world
from retouch_aes.bench.papers.planted_reviews import planted_reviews
from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.papers import METHODS
from retouch_aes.papers.cfan.training import CFANSettings
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.method import Floats, Method, Study
from retouch_aes.papers.zhang.method import Zhang, ablated
from retouch_aes.progress import Progress

PAPERS = ("pam", "zhang", "kong", "cfan")
WITHIN = ABLATIONS[3]
_ZHANG: dict[str, Any] = {
    "channels": CHANNELS,
    "first": TrainingStage(150, 3e-2),
    "regression": TrainingStage(10, 3e-3),
    "ranking": TrainingStage(80, 5e-3, 3e-3),  # free, it learns a hundred pairs by heart
}


@dataclass(frozen=True)
class PlantedPlan:
    """How large the worlds are.

    Args:
        people: Of PAM's and Zhang's worlds.
        known: Photos of each person in PAM's world that are known.
        known_zhang: The like in Zhang's.
        worlds: Of Zhang's, each with its own photos and its part of the people.
        seeds: Of Kong's world.
        cfan_seeds: Of CFAN's.
        reviews: CFAN's users, photos, reviews of each user, and steps of a training.
        seed: Of the first world.
    """

    people: int = 40
    known: int = 60
    known_zhang: int = 60
    worlds: int = 4
    seeds: int = 8
    cfan_seeds: int = 2
    reviews: tuple[int, int, int, int] = (240, 1000, 50, 800)
    seed: int = 0


@dataclass(frozen=True)
class PlantedClaim:
    """What a paper claims, the numbers of both rows, and their difference, also in each of several worlds."""

    paper: str
    better: str
    worse: str
    measure: str
    values: tuple[float, float]
    difference: Estimate
    by_world: tuple[float, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.difference.low > 0


@dataclass(frozen=True)
class PlantedReport(Report):
    """All claims of one run."""

    name: ClassVar[str] = "planted"

    people: int
    known: int
    known_zhang: int
    worlds: int
    seeds: int
    cfan_seeds: int
    claims: tuple[PlantedClaim, ...]

    def to_json(self) -> dict[str, Any]:
        """Every number by name, and whether each claim holds."""
        value = super().to_json()
        for row, claim in zip(value["claims"], self.claims, strict=True):
            row["holds"] = claim.holds
        return value

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        rows = [
            [
                f"{claim.better} > {claim.worse}",
                claim.measure,
                *(number(value, 3) for value in claim.values),
                f"{claim.difference.value:+.3f} [{claim.difference.low:+.3f}, {claim.difference.high:+.3f}]",
                "yes" if claim.holds else "not surely",
            ]
            for claim in self.claims
        ]
        sizes = {
            "pam": f"{self.people} people with {self.known} photos known (PAM)",
            "zhang": f"{self.people} people with {self.known_zhang} known in {self.worlds} worlds (Zhang)",
            "kong": f"{self.seeds} seeds (Kong)",
            "cfan": f"{self.cfan_seeds} seeds (CFAN)",
        }
        asked = {claim.paper for claim in self.claims}
        note = (
            f"{', '.join(size for paper, size in sizes.items() if paper in asked)}; 95 % bootstrap intervals "
            "of the paired difference over people, seeds or users."
        )
        columns = ["claim", "measure", "first", "second", "difference", "holds"]
        return [ReportTable("The papers' claims on planted worlds", columns, rows, note)]


def planted(
    papers: Sequence[str] = PAPERS,
    plan: PlantedPlan = PlantedPlan(),
    *,
    progress: Progress | None = None,
) -> PlantedReport:
    """Measure the claims of `papers`, out of `PAPERS`, in their order."""
    parts: dict[str, Callable[[], list[PlantedClaim]]] = {
        "pam": partial(_pam, plan, progress),
        "zhang": partial(_zhang, plan, progress),
        "kong": partial(_kong, plan, progress),
        "cfan": partial(_cfan, plan, progress),
    }
    claims = [claim for name in papers for claim in parts[name]()]
    sizes = (plan.people, plan.known, plan.known_zhang, plan.worlds, plan.seeds, plan.cfan_seeds)
    return PlantedReport(*sizes, tuple(claims))


def _pam(plan: PlantedPlan, progress: Progress | None) -> list[PlantedClaim]:
    names = ("pam", "fpmf", "direct")
    made = {name: METHODS[name]() for name in names}
    rhos = _rhos(attribute_world(plan.seed, plan.people), made, plan.known, plan.seed, progress)
    return _chain("pam", [rhos])


def _zhang(plan: PlantedPlan, progress: Progress | None) -> list[PlantedClaim]:
    made: dict[str, Method] = {
        "zhang": Zhang(**_ZHANG),
        "zhang-no-rankings": ablated("no rankings", **_ZHANG),
        "zhang-no-population": ablated("no population", **_ZHANG),
    }
    found = []
    for seed, people in enumerate(_shared(plan.people, plan.worlds), plan.seed):
        found.append(_rhos(place_world(seed, people), made, plan.known_zhang, seed, progress))
    return _chain("zhang", found)


def _shared(people: int, worlds: int) -> list[int]:
    """`people` shared out to `worlds`; worlds without any are left out."""
    return [count for n in range(worlds) if (count := people // worlds + (n < people % worlds))]


def _rhos(
    world: tuple[Study, list[StudyPerson]],
    methods: dict[str, Method],
    known: int,
    seed: int,
    progress: Progress | None,
) -> dict[str, Floats]:
    """Of each method, everybody's rho."""
    study, people = world
    kept = ResumableResults(None, {})
    piaa(
        study,
        people,
        methods,
        PiaaPlan(sizes=(known,), repeats=1, seed=seed),
        kept=kept,
        progress=progress,
    )
    return {
        name: np.array([kept[name, person.name][str(known)][0][1] for person in people]) for name in methods
    }


def _chain(paper: str, worlds: Sequence[dict[str, Floats]]) -> list[PlantedClaim]:
    """Each method is claimed to be better than the next."""
    claims = []
    for better, worse in pairwise(worlds[0]):
        first, second = (np.concatenate([world[name] for world in worlds]) for name in (better, worse))
        by_world = tuple(float((world[better] - world[worse]).mean()) for world in worlds)
        claims.append(replace(_claim(paper, better, worse, "rho", first, second), by_world=by_world))
    return claims


def _kong(plan: PlantedPlan, progress: Progress | None) -> list[PlantedClaim]:
    found: dict[str, list[float]] = {REGRESSION.name: [], WITHIN.name: []}
    for seed in range(plan.seeds):
        features, data, worth = rater_world(plan.seed + seed)
        fitter = HeadFitter(features)
        cut = len(worth) // 2
        train, test = np.arange(cut), np.arange(cut, len(worth))
        for row in (REGRESSION, WITHIN):
            network = fitter.fit(row, train, data.some(train), seed)
            found[row.name].append(spearman(fitter.scores(network, test), worth[test]))
        if progress is not None:
            progress("Kong", seed + 1, plan.seeds)
    better, worse = np.array(found[WITHIN.name]), np.array(found[REGRESSION.name])
    return [_claim("kong", "ranking within raters", "regression", "rho with true worth", better, worse)]


def _cfan(plan: PlantedPlan, progress: Progress | None) -> list[PlantedClaim]:
    users, photos, each, steps = plan.reviews
    base = CFANSettings()
    settings = replace(base, schedule=replace(base.schedule, steps=steps))
    report = cfan(
        lambda seed: planted_reviews(plan.seed + seed, users=users, photos=photos, each=each),
        seeds=plan.cfan_seeds,
        settings=settings,
        only=(BPR, VBPR, WITHOUT_REVIEW, FULL),
        progress=progress,
    )
    auc = {row.name: row.new.value for row in report.rows}
    return [
        PlantedClaim(
            "cfan", better, worse, "AUC", (auc[better], auc[worse]), report.steps[f"{better} over {worse}"]
        )
        for better, worse in ((VBPR, BPR), (FULL, VBPR), (FULL, WITHOUT_REVIEW))
    ]


def _claim(paper: str, better: str, worse: str, measure: str, first: Floats, second: Floats) -> PlantedClaim:
    away = first - second
    values = (float(first.mean()), float(second.mean()))
    return PlantedClaim(paper, better, worse, measure, values, bootstrap(mean_of(away), len(away)))

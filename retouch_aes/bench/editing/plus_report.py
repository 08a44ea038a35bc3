"""The answer of `bench plus`: gains of a network with a taste over the same network without one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number, percent

ANYONE = "anyone"
PEOPLE = "people"


@dataclass(frozen=True)
class PlusComparison:
    """A network on one photo, trained to the taste of `who`: its `gains` over the one without a taste.

    `moved` is the mean Delta E 2000 between the two.
    """

    network: str
    who: str
    photo: str
    gains: Mapping[str, float]
    moved: float


@dataclass(frozen=True)
class PlusReport(Report):
    """All rows of one run."""

    name: ClassVar[str] = "plus"

    seed: int
    side: int
    steps: int
    answers: int
    people: int
    tests: int
    scorers: tuple[str, ...]
    rows: tuple[PlusComparison, ...]

    @property
    def networks(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(dict.fromkeys(row.network for row in self.rows))

    def table_of(self, network: str, who: str, measure: str) -> np.ndarray:
        """Gains `(groups, photos)`: one row for anyone, or one for every person."""
        rows = [row for row in self.rows if row.network == network and (row.who == ANYONE) == (who == ANYONE)]
        names = list(dict.fromkeys(row.who for row in rows))
        return np.array([[row.gains[measure] for row in rows if row.who == name] for name in names])

    def gain(self, network: str, who: str, measure: str) -> Estimate:
        """The mean gain, its interval over photos and, where there are several, people."""
        found = self.table_of(network, who, measure)
        return _over_both(found, self.seed)

    def preferred(self, network: str, measure: str) -> Estimate:
        """The share of people's photos on which `measure` rises."""
        return _over_both((self.table_of(network, PEOPLE, measure) > 0).astype(float), self.seed)

    def moved(self, network: str, who: str) -> float:
        """Mean Delta E 2000 between the network with and without the taste."""
        rows = [row for row in self.rows if row.network == network and (row.who == ANYONE) == (who == ANYONE)]
        return float(np.mean([row.moved for row in rows]))

    def to_json(self) -> dict[str, Any]:
        """Plain values: the summary, then every row."""
        summary: dict[str, Any] = {}
        for network in self.networks:
            found: dict[str, Any] = {ANYONE: self._summed(network, ANYONE)}
            if self.people:
                shares = {
                    m: self.preferred(network, m).to_json() for m in ("utility", "utility over anyone's")
                }
                found[PEOPLE] = {**self._summed(network, PEOPLE), "preferred": shares}
            summary[network] = found
        return {**super().to_json(), "summary": summary}

    def _measures(self, who: str) -> tuple[str, ...]:
        own = ("taste",) if who == ANYONE else ("taste", "other taste", "utility", "utility over anyone's")
        return (*own, *self.scorers)

    def _summed(self, network: str, who: str) -> dict[str, Any]:
        gains = {measure: self.gain(network, who, measure).to_json() for measure in self._measures(who)}
        return {"gains": gains, "moved_delta_e": self.moved(network, who)}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        told = f"{self.tests} unseen photos of {self.side} px, {self.steps} steps"
        found = [self._table(ANYONE, f"Trained to the generic score: {told}", "95 % intervals over photos.")]
        if self.people:
            found.append(
                self._table(
                    PEOPLE,
                    f"Trained to {self.people} simulated people, {self.answers} answers each: {told}",
                    "95 % intervals over people and photos. Other taste: of the same person, learned "
                    "from other answers. Preferred: the share of photos on which their utility rises.",
                )
            )
        return found

    def _table(self, who: str, title: str, note: str) -> ReportTable:
        rows = []
        for network in self.networks:
            cells = [_shown(self.gain(network, who, measure)) for measure in self._measures(who)]
            if who == PEOPLE:
                share = self.preferred(network, "utility")
                cells.append(share.shown(percent))
            rows.append([f"{network}+", *cells, number(self.moved(network, who), 1)])
        columns = ["", *self._measures(who), *(["preferred"] if who == PEOPLE else []), "moved by"]
        return ReportTable(
            title,
            columns,
            rows,
            f"Gains over the same network trained alike without a taste. {note} "
            "Moved by: Delta E 2000 from that network's answer.",
        )


def _shown(value: Estimate) -> str:
    return f"{value.value:+.2f} ({value.low:+.2f} to {value.high:+.2f})"


def _over_both(found: np.ndarray, seed: int) -> Estimate:
    """The mean of `(groups, photos)`; resampled are groups and, apart from them, photos."""
    groups, photos = found.shape
    random = np.random.default_rng(seed)

    def mean(drawn: np.ndarray) -> float:
        if groups == 1 or np.array_equal(drawn, np.arange(photos)):
            return float(found[:, drawn].mean())
        return float(found[random.integers(groups, size=groups)][:, drawn].mean())

    return bootstrap(mean, photos, seed=seed)

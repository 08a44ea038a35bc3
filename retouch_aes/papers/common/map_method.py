"""What the methods share that train a small network on a study's feature maps.

`prepare` condenses the maps once and trains a first network on the population; `fit` trains a copy of it, or
a fresh one, on one person. All networks end in ten rating bins, so that a score lies in [1, 10] and may be
ascended. The backbone stays as it is: the papers fine-tune it, which one person's answers on a CPU do not
pay.

Where the study has folds there is a network for each, which never sees the population's ratings of its
fold's photos and predicts those.
"""

import copy
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.losses import emd
from retouch_aes.models.featured import MapModel
from retouch_aes.models.model import AestheticModel, mean_score
from retouch_aes.papers.common.condense import CondensedMaps
from retouch_aes.papers.common.full_batch import TrainingStage, fit_full_batch
from retouch_aes.papers.common.maps_model import MapsModel
from retouch_aes.papers.method import Floats, Indices, Method, PersonEvidence, Study

_BATCH = 512
_SEED = 0


@dataclass(frozen=True)
class PopulationRatings:
    """What other people said: `photos` `(M,)` of the study, and distributions of ratings `(M, 10)`."""

    photos: Tensor
    histograms: Tensor

    @staticmethod
    def of(study: Study, fold: int) -> "PopulationRatings":
        """Of all photos outside `fold`; of all where the study has no folds."""
        if not len(study.population):
            raise UsageError("expected a study with ratings of a population, got none")
        photos = np.asarray(study.population_index)
        histograms = study.histograms()
        kept = np.ones(len(photos), bool) if study.folds is None else study.folds[photos] != fold
        return PopulationRatings(torch.from_numpy(photos[kept]), torch.from_numpy(histograms[kept]).float())


class MapMethod(Method):
    """A network over condensed maps: `channels` a level, `grid x grid` positions.

    `population` is the first stage, on the ratings of other people; None starts every person afresh.
    """

    maps: ClassVar[bool] = True

    def __init__(self, channels: int, grid: int, population: TrainingStage | None) -> None:
        self.channels, self.grid, self.population = channels, grid, population
        self._condense: CondensedMaps | None = None
        self._seen: tuple[Tensor, ...] = ()
        self._others: dict[int, PopulationRatings] = {}
        self._starts: dict[int, nn.Module] = {}
        self._networks: dict[int, nn.Module] = {}

    @abstractmethod
    def build(self, widths: Sequence[int]) -> nn.Module:
        """A fresh network: condensed maps of those `widths` -> distributions `(B, 10)`."""

    def photo_loss(self, network: nn.Module, maps: tuple[Tensor, ...], wanted: Tensor) -> Tensor:
        """The loss on rated photos, a scalar; `wanted` are distributions `(B, 10)`. Here EMD."""
        return emd(network(maps), wanted)

    @abstractmethod
    def learn(
        self, network: nn.Module, study: Study, evidence: PersonEvidence, others: PopulationRatings | None
    ) -> None:
        """Train `network` in place on one person; `others` are None where the population is not read."""

    def prepare(self, study: Study) -> None:
        """Condense the maps; train the first network on the population."""
        self._condense = CondensedMaps.of(study.maps, self.channels, self.grid)
        with torch.no_grad():
            self._seen = self._condense(study.maps)
        self._networks = {}
        if self.population is not None:
            folds = (0,) if study.folds is None else np.unique(study.folds).tolist()
            self._others = {fold: PopulationRatings.of(study, fold) for fold in folds}
            self._starts = {fold: self._started(of, self.population) for fold, of in self._others.items()}

    def _started(self, others: PopulationRatings, stage: TrainingStage) -> nn.Module:
        """A network that has learned from the population."""
        start, generator = self._fresh(_SEED), torch.Generator().manual_seed(_SEED)

        def loss() -> Tensor:
            some = torch.randperm(len(others.photos), generator=generator)[:_BATCH]
            return self.photo_loss(start, self.seen(others.photos[some]), others.histograms[some])

        fit_full_batch(start, loss, stage)
        return start

    def fit(self, study: Study, evidence: PersonEvidence, seed: int = 0) -> Self:
        """Train a network on one person. `UsageError` before `prepare`."""
        if len(study) != len(self.seen(slice(None))[0]):
            raise UsageError("expected the study that this method was prepared for; call prepare(study)")
        self._networks = {}
        for fold in self._starts or (0,):
            network = copy.deepcopy(self._starts[fold]) if self._starts else self._fresh(seed)
            self.learn(network, study, evidence, self._others.get(fold))
            self._networks[fold] = network
        return self

    def predict(self, study: Study, photos: Indices) -> Floats:
        """Scores `(M,)` in [1, 10], each by the network of its fold."""
        photos = np.asarray(photos)
        alone = len(self._fitted()) == 1 or study.folds is None
        of_study = np.full(len(study), next(iter(self._networks))) if alone else study.folds
        folds = np.asarray(of_study)[photos]
        scores = np.empty(len(photos))
        with torch.no_grad():
            for fold in np.unique(folds).tolist():
                mine = folds == fold
                seen = self.seen(torch.from_numpy(photos[mine]))
                scores[mine] = mean_score(self._networks[fold](seen)).numpy()
        return scores

    def model(self, generic: AestheticModel) -> AestheticModel:
        """The fitted network, the first of several, on the maps of `generic`'s backbone.

        `UsageError` unless `generic` is a `MapModel` that made the maps of the study.
        """
        network = next(iter(self._fitted().values()))
        if self._condense is None or not isinstance(generic, MapModel):
            return super().model(generic)
        with torch.no_grad():
            small = torch.zeros(1, 3, 64, 64, device=device_of(generic))
            got = tuple(level.shape[1] for level in generic.maps(small))
        if got != tuple(self._condense.sources):
            expected = self._condense.sources
            raise UsageError(f"the study's maps have the channels {expected}, this backbone's {got}")
        return MapsModel(generic, self._condense, network, self.name)

    def seen(self, photos: Tensor | slice) -> tuple[Tensor, ...]:
        """The condensed maps of those photos, `(B, c, g, g)` each. `UsageError` before `prepare`."""
        if not self._seen:
            raise UsageError(f"{self.name} was not prepared; call prepare(study) first")
        return tuple(level[photos] for level in self._seen)

    def _fresh(self, seed: int) -> nn.Module:
        if self._condense is None:
            raise UsageError(f"{self.name} was not prepared; call prepare(study) first")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.build(self._condense.widths)

    def _fitted(self) -> dict[int, nn.Module]:
        if not self._networks:
            raise UsageError(f"{self.name} was not fitted; call fit(study, evidence) first")
        return self._networks

"""What the methods share that train a small network on a study's feature maps.

`prepare` condenses the maps once and trains a first network on the population; `fit` trains a copy of it, or
a fresh one, on one person. All networks end in ten rating bins, so that a score lies in [1, 10] and may be
ascended. The backbone stays as it is: the papers fine-tune it, which one person's answers on a CPU do not
pay.

Where the study has folds there is a network for each, which never sees the population's ratings of its
fold's photos and predicts those. Where its maps lie in files, the condensed ones do as well.
"""

import copy
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
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
from retouch_aes.papers.pooled_maps import PooledMaps
from retouch_aes.papers.stored_maps import Maps, StoredMaps, map_blocks, map_rows

_BATCH = 512
_SEED = 0
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class PopulationRatings:
    """What other people said: `photos` `(M,)` of the study, and distributions of ratings `(M, 10)`."""

    photos: Tensor
    histograms: Tensor

    @staticmethod
    def of(study: Study, fold: int, most: int | None = None) -> "PopulationRatings":
        """Of all photos outside `fold`, `most` of them drawn; of all where the study has no folds."""
        if not len(study.population):
            raise UsageError(
                "expected a study with ratings of a population, got none; learn takes one by --population"
            )
        photos = np.asarray(study.population_index)
        histograms = study.histograms()
        kept = np.ones(len(photos), bool) if study.folds is None else study.folds[photos] != fold
        places = np.flatnonzero(kept)
        if most is not None:
            places = np.sort(np.random.default_rng(_SEED).permutation(places)[:most])
        return PopulationRatings(
            torch.from_numpy(photos[places]), torch.from_numpy(histograms[places]).float()
        )


class MapMethod(Method):
    """A network over condensed maps: `channels` a level, `grid x grid` positions.

    `population` is the first stage, on the ratings of other people, of `most` photos where that is given;
    None starts every person afresh.
    """

    maps: ClassVar[bool] = True

    def __init__(
        self, channels: int, grid: int, population: TrainingStage | None, *, most: int | None = None
    ) -> None:
        self.channels, self.grid, self.population, self.most = channels, grid, population, most
        self._condense: CondensedMaps | None = None
        self._seen: tuple[Maps, ...] = ()
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
        levels = study.maps.on(self.grid) if isinstance(study.maps, PooledMaps) else study.maps
        self._condense = CondensedMaps.of(levels, self.channels, self.grid)
        self._seen = _condensed(self._condense, levels)
        self._networks = {}
        if self.population is not None:
            folds = (0,) if study.folds is None else np.unique(study.folds).tolist()
            self._others = {fold: PopulationRatings.of(study, fold, self.most) for fold in folds}
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
        if len(study) != len(self._prepared()[0]):
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

    def seen(self, photos: Tensor) -> tuple[Tensor, ...]:
        """The condensed maps of `photos` `(B,)`, `(B, c, g, g)` each. `UsageError` before `prepare`."""
        return tuple(map_rows(level, photos, _CPU) for level in self._prepared())

    def _prepared(self) -> tuple[Maps, ...]:
        if not self._seen:
            raise UsageError(f"{self.name} was not prepared; call prepare(study) first")
        return self._seen

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


def pooled_maps(methods: Iterable[Method], folder: Path) -> PooledMaps | None:
    """Where the maps that `methods` read should be kept, in files in `folder`.

    None where none reads any, or one that is no `MapMethod`, which may read them as they are.
    """
    reading = [method for method in methods if method.maps]
    grids = {method.grid for method in reading if isinstance(method, MapMethod)}
    whole = any(not isinstance(method, MapMethod) for method in reading)
    return PooledMaps(folder, sorted(grids)) if grids and not whole else None


def _condensed(condense: CondensedMaps, levels: Sequence[Maps]) -> tuple[Maps, ...]:
    """In files where `levels` are, else in memory."""
    folders = [level.folder for level in levels if isinstance(level, StoredMaps)]
    blocks = zip(*(map_blocks(level, _CPU) for level in levels), strict=True)
    with torch.no_grad():
        if not folders:
            return tuple(torch.cat(parts) for parts in zip(*map(condense, blocks), strict=True))
        kept = tuple(StoredMaps(folder, exact=True) for folder in folders)
        for block in blocks:
            for stored, level in zip(kept, condense(block), strict=True):
                stored.append(level)
    return kept

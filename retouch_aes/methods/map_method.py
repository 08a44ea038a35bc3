"""What the methods share that train a small network on a study's feature maps.

`prepare` condenses the maps once and trains a first network on the population; `fit` trains a copy of it, or
a fresh one, on one person. All networks end in ten rating bins, so that a score lies in [1, 10] and may be
climbed. The backbone stays as it is: the papers fine-tune it, which one person's answers on a CPU do not pay.
"""

import copy
from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses import emd
from retouch_aes.methods.condense import Condense
from retouch_aes.methods.descent import Stage, descend
from retouch_aes.methods.maps_model import MapsModel
from retouch_aes.methods.method import Evidence, Floats, Indices, Method, Study
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import AestheticModel, mean_score

_BATCH = 512
_SEED = 0


class MapMethod(Method):
    """A network over condensed maps: `channels` a level, `grid x grid` positions.

    `population` is the first stage, on the ratings of other people; None starts every person afresh.
    """

    def __init__(self, channels: int, grid: int, population: Stage | None) -> None:
        self.channels, self.grid, self.population = channels, grid, population
        self._condense: Condense | None = None
        self._seen: tuple[Tensor, ...] = ()
        self._start: nn.Module | None = None
        self._network: nn.Module | None = None

    @abstractmethod
    def build(self, widths: Sequence[int]) -> nn.Module:
        """A fresh network: condensed maps of those `widths` -> distributions `(B, 10)`."""

    def photo_loss(self, network: nn.Module, maps: tuple[Tensor, ...], wanted: Tensor) -> Tensor:
        """The loss on rated photos, a scalar; `wanted` are distributions `(B, 10)`. Here EMD."""
        return emd(network(maps), wanted)

    @abstractmethod
    def learn(self, network: nn.Module, study: Study, evidence: Evidence) -> None:
        """Train `network` in place on one person."""

    def prepare(self, study: Study) -> None:
        """Condense the maps; train the first network on the population."""
        self._condense = Condense.of(study.maps, self.channels, self.grid)
        with torch.no_grad():
            self._seen = self._condense(study.maps)
        self._start, self._network = None, None
        if self.population is not None:
            photos, wanted = rated_by_others(study)
            start = self._fresh(_SEED)
            generator = torch.Generator().manual_seed(_SEED)

            def loss() -> Tensor:
                some = torch.randperm(len(photos), generator=generator)[:_BATCH]
                return self.photo_loss(start, self.seen(photos[some]), wanted[some])

            descend(start, loss, self.population)
            self._start = start

    def fit(self, study: Study, evidence: Evidence, seed: int = 0) -> Self:
        """Train a network on one person. `UsageError` before `prepare`."""
        if len(study) != len(self.seen(slice(None))[0]):
            raise UsageError("expected the study that this method was prepared for; call prepare(study)")
        network = self._fresh(seed) if self._start is None else copy.deepcopy(self._start)
        self.learn(network, study, evidence)
        self._network = network
        return self

    def predict(self, study: Study, photos: Indices) -> Floats:  # noqa: ARG002 - its maps are known
        """Scores `(M,)` in [1, 10]."""
        with torch.no_grad():
            scores = mean_score(self._fitted()(self.seen(torch.from_numpy(np.asarray(photos)))))
        return np.asarray(scores.numpy(), np.float64)

    def model(self, generic: AestheticModel) -> AestheticModel:
        """The fitted network on the maps of `generic`'s backbone.

        `UsageError` unless `generic` is an `EMDAttention` whose backbone made the maps of the study.
        """
        network = self._fitted()
        if self._condense is None or not isinstance(generic, EMDAttention):
            return super().model(generic)
        if generic.backbone.channels != self._condense.sources:
            expected, got = self._condense.sources, generic.backbone.channels
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

    def _fitted(self) -> nn.Module:
        if self._network is None:
            raise UsageError(f"{self.name} was not fitted; call fit(study, evidence) first")
        return self._network


def rated_by_others(study: Study) -> tuple[Tensor, Tensor]:
    """The photos that the population rated `(M,)`, and the distributions of its ratings `(M, 10)`."""
    if not len(study.population):
        raise UsageError("expected a study with ratings of a population, got none")
    return (
        torch.from_numpy(np.asarray(study.population_index)),
        torch.from_numpy(study.population.histograms()).float(),
    )

"""How `bench kong` trains a variant: a head on features seen once, or the whole network on photos."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retouch_aes.bench.papers.kong_variants import KongVariant
from retouch_aes.papers.kong.data import Indices, KongData
from retouch_aes.papers.kong.training import AADB, KongSettings, fit_head
from retouch_aes.papers.kong.whole import KongTraining, photo_scores, train_kong
from retouch_aes.training.photo_pool import CropSource

Floats = NDArray[np.float64]


class KongFitter(ABC):
    """P photos, seen one way or another. `settings` are what a training has before a variant changes it."""

    settings: KongSettings

    @abstractmethod
    def fit(self, variant: KongVariant, photos: Indices, data: KongData, seed: int) -> nn.Module:
        """A network of that variant, trained on `photos`, of which `data` speak."""

    @abstractmethod
    def scores(self, network: Any, photos: Indices) -> Floats:
        """What a network that any fitter of this class made says of `photos`, `(len(photos),)`."""


@dataclass(frozen=True, eq=False)
class HeadFitter(KongFitter):
    """On `features` `(P, D)`, wherever they are; a training takes seconds."""

    features: Tensor
    settings: KongSettings = AADB

    def fit(self, variant: KongVariant, photos: Indices, data: KongData, seed: int) -> nn.Module:
        """See `KongFitter`."""
        return fit_head(
            self.features[torch.from_numpy(photos).to(self.features.device)],
            data.ratings,
            variant.settings(self.settings, data),
            attributes=data.attributes if variant.attributes else None,
            styles=variant.attributes and data.styles,
            contents=contents_of(variant, data),
            categories=data.categories if variant.contents else None,
            seed=seed,
        )

    def scores(self, network: Any, photos: Indices) -> Floats:
        """See `KongFitter`."""
        with torch.no_grad():
            found = network(self.features[torch.from_numpy(photos).to(self.features.device)]).score
        return np.asarray(1 + 9 * found.double().cpu().numpy(), np.float64)


@dataclass(frozen=True, eq=False)
class WholeFitter(KongFitter):
    """A copy of `body` is fine-tuned on photos, which `source` gives for some of them, as `training` says."""

    body: nn.Module
    source: Callable[[Indices], CropSource]
    training: KongTraining

    @property
    def settings(self) -> KongSettings:  # type: ignore[override]
        """The joint stage's."""
        return self.training.settings

    def fit(self, variant: KongVariant, photos: Indices, data: KongData, seed: int) -> nn.Module:
        """See `KongFitter`."""
        training = replace(
            self.training,
            attributes=variant.attributes,
            contents=contents_of(variant, data),
            settings=variant.settings(self.settings, data),
        )
        return train_kong(self.body, self.source(photos), data, training, seed=seed)

    def scores(self, network: Any, photos: Indices) -> Floats:
        """See `KongFitter`."""
        source, every = self.source(photos), np.arange(len(photos))
        return np.asarray(photo_scores(network, source, every, self.training.crop), np.float64)


def contents_of(variant: KongVariant, data: KongData) -> int:
    """How many contents the variant has on these data."""
    return len(data.category_names) if variant.contents and data.categories is not None else variant.contents

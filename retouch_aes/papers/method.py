"""What every method of the papers promises, and what it may know: a study, and one person's answers.

A study holds P photos as networks see them, and the ratings of a population that the tested people do not
belong to. Nothing in it comes from the person tested; that is `PersonEvidence`. A method may prepare itself
once per study, is then fitted per person, and predicts scores of any photos of the study.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.models.model import AestheticModel
from retouch_aes.papers.pooled_maps import StudyMaps

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Study:
    """P photos and a population.

    `features` `(P, D)`, pooled deep features; `score` `(P,)` in [1, 10], the generic score; `attributes`
    `(P, A)`; `content` `(P, K)`, shares of content clusters, rows sum to 1; `maps`, the backbone's feature
    maps `(P, C_l, h_l, w_l)` at several strides, empty where no method asks for them, or in files, averaged
    onto the grids of the methods; `population`, ratings of other people, whose photo `population.photos[i]`
    is the study's photo `population_index[i]`.

    `folds` `(P,)`, groups of themes: what is learned from the population and said of a photo should rest on
    ratings of photos of other folds only, as `score` does where it was fitted here; None: there is no need.
    `measure` and `cluster` are what gave `attributes` of images and `content` of features, as tensors.
    `distributions` `(len(population.photos), 10)` are those of all raters of the population's photos, where
    more is known of them than the ratings say (AVA's ten counts); None: those of the ratings.
    `coordinates` `(P, C)`, where selectors of photos to ask about place them; None: by what they measure.
    `population_traits` `(U, T)` in [0, 1], 0.5 unknown, what is known of `population.users`; None: nothing.
    """

    features: Floats
    score: Floats
    attributes: Floats
    content: Floats
    maps: StudyMaps
    population: Ratings
    population_index: Indices
    folds: Indices | None = None
    measure: Callable[[Tensor], Tensor] | None = None
    cluster: Callable[[Tensor], Tensor] | None = None
    distributions: Floats | None = None
    coordinates: Floats | None = None
    population_traits: Floats | None = None

    def __len__(self) -> int:
        """P."""
        return len(self.score)

    def histograms(self) -> Floats:
        """Distributions over the scores 1..10 of the population's photos, `(len(population.photos), 10)`."""
        return self.population.histograms() if self.distributions is None else self.distributions


@dataclass(frozen=True, eq=False)
class PersonEvidence:
    """What one person said: `scores` `(k,)` in [1, 10] of `photos` `(k,)`, and `pairs` `(N, 2)`.

    All are indices of the study's photos; a pair is (winner, loser), both among `photos`. `traits` `(T,)` is
    what is known of the person, in the columns of `Study.population_traits`; None: nothing.
    """

    photos: Indices
    scores: Floats
    pairs: Indices
    traits: Floats | None = None


class Method(ABC):
    """Learn one person from evidence. `name` is the paper's; `pairs` says which part of it is read.

    `maps`: the study must hold feature maps. `warm`: what is said of a photo rests also on the population's
    ratings of that very photo, which the generic score has not seen; tables mark such rows.
    """

    name: str
    pairs: ClassVar[bool] = False
    maps: ClassVar[bool] = False
    warm: ClassVar[bool] = False

    def prepare(self, study: Study) -> None:  # noqa: B027 - most methods need no population
        """Learn from the population, once per study."""

    @abstractmethod
    def fit(self, study: Study, evidence: PersonEvidence, seed: int = 0) -> Self:
        """Learn the person; the same seed gives the same answer."""

    @abstractmethod
    def predict(self, study: Study, photos: Indices) -> Floats:
        """Scores `(M,)` of `photos` `(M,)`; their order is what counts. `UsageError` before `fit`."""

    def model(self, generic: AestheticModel) -> AestheticModel:
        """The fitted person as a differentiable model over `generic`, for `AestheticLoss` and `retouch`.

        `UsageError` for a method that has none.
        """
        raise UsageError(f"{self.name} cannot be differentiated to the pixels of {type(generic).__name__}")

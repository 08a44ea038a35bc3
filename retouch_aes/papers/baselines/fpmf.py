"""FPMF: matrix factorisation whose photos are known by features, non-linear.

O'Donovan et al., "Collaborative Filtering of Color Aesthetics", CAe 2014; Ren et al. 2017 compare with it.

    r_up = s_p + b_u + a_u . tanh(W x_p + c)        a_u ~ N(0, 1),  b_u ~ N(0, 1.5^2),  noise N(0, 2^2)

`W`, `c`, everyone's `a`, `b` are the most probable given how far the population's ratings of a photo lie from
their mean (Adam, full batch). Those of a new person are the most probable given his or her ratings, with the
covariance of the population's as prior, which is a ridge regression. Our reading: `s`, the generic score,
stands for the mean function, to which a few hundred photos have nothing to add; rank 10. Where the study has
folds, everything is learned for each of them from the photos of the others.
"""

from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.papers.common.described import described
from retouch_aes.papers.common.full_batch import TrainingStage, fit_full_batch
from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.method import Floats, Indices, PersonEvidence, Study

_NOISE, _OFFSET = 2.0, 1.5
_RATE = 0.02


class LatentFactors(nn.Module):
    """`x` `(B, D)` -> `[tanh(W x + c), 1.5]` `(B, R + 1)`; people's weights over it are in `people`."""

    matrix: Tensor
    shift: Tensor

    def __init__(self, matrix: Tensor, shift: Tensor, people: Tensor) -> None:
        super().__init__()
        self.register_buffer("matrix", matrix)
        self.register_buffer("shift", shift)
        self.people = people

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        bent = torch.tanh(inputs @ self.matrix.to(inputs) + self.shift.to(inputs))
        return torch.cat([bent, torch.full_like(bent[:, :1], _OFFSET)], 1)

    def person(self, inputs: Tensor, residual: Tensor) -> Tensor:
        """Weights `(R + 1,)` of someone whose ratings of `inputs` `(k, D)` leave `residual` `(k,)`."""
        latent = self(inputs)
        slack = 1e-3 * torch.eye(latent.shape[1], dtype=latent.dtype)
        precision = torch.linalg.inv(self.people.T @ self.people / len(self.people) + slack)
        square = latent.T @ latent / _NOISE**2 + precision
        found: Tensor = torch.linalg.solve(square, latent.T @ residual / _NOISE**2)
        return found


@described
class WeightedFactors(nn.Module):
    """A person's weights `(R + 1,)` over a `LatentFactors`: `(B, D)` -> `(B,)`."""

    weights: Tensor

    def __init__(self, latent: LatentFactors, weights: Tensor) -> None:
        super().__init__()
        self.latent = latent
        self.register_buffer("weights", weights)

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"width": self.latent.matrix.shape[0], "rank": self.latent.matrix.shape[1]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "WeightedFactors":
        """The part that `config` describes, without its numbers."""
        return cls(
            LatentFactors(
                torch.zeros(config["width"], config["rank"]), torch.zeros(config["rank"]), torch.zeros(0)
            ),
            torch.zeros(config["rank"] + 1),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = self.latent(inputs)
        return found @ self.weights.to(found)


class FPMF(InputsMethod):
    """As Ren et al. compare it, on attributes and content."""

    name: str = "FPMF (attributes + content)"
    rank: ClassVar[int] = 10
    steps: ClassVar[int] = 300

    def __init__(self) -> None:
        super().__init__()
        self._latents: list[tuple[Indices, LatentFactors]] = []
        self._everything: LatentFactors | None = None
        self._said = np.zeros(0)

    def prepare(self, study: Study) -> None:
        """Learn `W` and `c` from the population, for each fold and for new photos."""
        super().prepare(study)
        if not len(study.population):
            raise UsageError(f"{self.name} needs a population, got a study without ratings")
        table = np.full((len(study.population.users), len(study)), np.nan)
        column = study.population_index[study.population.photo_index]
        table[study.population.user_index, column] = study.population.scores
        differences = torch.from_numpy(table - _means(table))
        inputs = torch.from_numpy(self.inputs.values)
        self._everything = self._factorised(inputs, differences)
        self._latents, self._said = [], np.zeros(0)
        for fold in np.unique(study.folds) if study.folds is not None else ():
            away = study.folds == fold
            others = differences.clone()
            others[:, torch.from_numpy(away)] = torch.nan
            self._latents.append((np.flatnonzero(away), self._factorised(inputs, others)))
        if not self._latents:
            self._latents = [(np.arange(len(study)), self._everything)]

    def _factorised(self, inputs: Tensor, differences: Tensor) -> LatentFactors:
        """The most probable `W` and `c`, given `differences` `(U, P)`, not-a-number where unknown."""
        known = ~differences.isnan()
        wanted = differences.nan_to_num()
        draw = torch.Generator().manual_seed(0)
        width = inputs.shape[1]
        matrix = torch.randn(width, self.rank, generator=draw, dtype=torch.float64) / width**0.5
        people = 0.1 * torch.randn(len(differences), self.rank + 1, generator=draw, dtype=torch.float64)
        shift = torch.zeros(self.rank, dtype=torch.float64)
        found = nn.ParameterList([matrix, shift, people])
        matrix, shift, people = found

        def loss() -> Tensor:
            error = (people @ LatentFactors(matrix, shift, people)(inputs).T - wanted) * known
            prior = people.square().sum() + width * matrix.square().sum()
            value: Tensor = (error.square().sum() / _NOISE**2 + prior) / known.sum()
            return value

        fit_full_batch(found, loss, TrainingStage(self.steps, _RATE))
        return LatentFactors(matrix.detach(), shift.detach(), people.detach())

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> WeightedFactors:  # noqa: ARG002
        """The person's weights; what is said of a fold's photos rests on the others."""
        wanted = torch.from_numpy(evidence.scores - study.score[evidence.photos])
        inputs = torch.from_numpy(self.inputs.values)
        known = inputs[evidence.photos]
        self._said = np.zeros(len(study))
        for photos, latent in self._latents:
            self._said[photos] = (latent(inputs[photos]) @ latent.person(known, wanted)).numpy()
        everything = self._everything
        if everything is None:
            raise UsageError(f"{self.name} has not been prepared; call prepare or fit first")
        return WeightedFactors(everything, everything.person(known, wanted))

    def predict(self, study: Study, photos: Indices) -> Floats:
        """See `Method`."""
        if not len(self._said):
            raise UsageError(f"{self.name} has not been fitted; call fit with a person's evidence first")
        return np.asarray(study.score[photos] + self._said[photos], np.float64)


class FPMFAttributes(FPMF):
    """On attributes alone."""

    name: str = "FPMF (attributes only)"
    parts: ClassVar[tuple[str, ...]] = ("attributes",)


class FPMFContent(FPMF):
    """On content alone."""

    name: str = "FPMF (content only)"
    parts: ClassVar[tuple[str, ...]] = ("content",)


class FPMFFeatures(FPMF):
    """The same on the backbone's features."""

    name: str = "FPMF (deep features)"
    parts: ClassVar[tuple[str, ...]] = ("features",)


def _means(table: Floats) -> Floats:
    """The mean of each column `(U, P)` -> `(P,)`, 0 where all is not-a-number."""
    known = ~np.isnan(table)
    return np.asarray(np.where(known, table, 0).sum(0) / np.maximum(known.sum(0), 1), np.float64)

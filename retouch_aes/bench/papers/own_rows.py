"""The rows of `bench piaa` that are no paper's: the generic score as it is, and our Gaussian process."""

from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.papers.method import Floats, Indices, Method, PersonEvidence, Study
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, GPInputs, covariance
from retouch_aes.taste.gp.covariance_files import find_covariance
from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.likelihood import CHOICE, Observations
from retouch_aes.taste.gp.tuning import observe_ratings


class GenericRow(Method):
    """Nobody in particular."""

    name: str = "generic"

    def fit(self, study: Study, evidence: PersonEvidence, seed: int = 0) -> Self:  # noqa: ARG002
        """Nothing is learned."""
        return self

    def predict(self, study: Study, photos: Indices) -> Floats:
        """The generic score."""
        return study.score[photos]


class GPRow(Method):
    """What `learn` does (`retouch_aes.taste`), of ratings and content alone: the look is left out."""

    name: str = "ours, ratings (deep features)"

    def __init__(self, settings: CovarianceSettings | None = None, basis: FeatureBasis | None = None) -> None:
        self.settings = settings or CovarianceSettings()
        self.basis = basis
        self._covariance: Tensor = torch.zeros(0, 0)
        self._added: Floats = np.zeros(0)

    def prepare(self, study: Study) -> None:
        """The covariance of all photos; the basis is that of the study's features unless one was given."""
        features, score = torch.from_numpy(study.features), torch.from_numpy(study.score)
        unit = (self.basis or FeatureBasis.of(features))(features)
        blank = torch.zeros(len(study), 6, dtype=torch.float64)
        views = GPInputs(unit, score, blank, blank, torch.zeros_like(score))
        self._covariance, self._added = covariance(views, views, self.settings), np.zeros(0)

    def fit(self, study: Study, evidence: PersonEvidence, seed: int = 0) -> Self:  # noqa: ARG002
        """The posterior mean, which no chance enters."""
        if len(self._covariance) != len(study):
            self.prepare(study)
        said = self._observed(evidence)
        here = self._covariance[torch.from_numpy(evidence.photos)]
        mean = torch.from_numpy(study.score[evidence.photos])
        found = laplace_posterior(said, here[:, evidence.photos], mean)
        self._added = np.asarray((here.T @ found.weights).numpy(), np.float64)
        return self

    def predict(self, study: Study, photos: Indices) -> Floats:
        """See `Method`."""
        if len(self._added) != len(study):
            raise UsageError(f"{self.name} has not been fitted; call fit with a person's evidence first")
        return np.asarray(study.score[photos] + self._added[photos], np.float64)

    def _observed(self, evidence: PersonEvidence) -> Observations:
        return observe_ratings(evidence.scores, self.settings.noise)


class GPChoicesRow(GPRow):
    """The same from the pairs alone."""

    name: str = "ours, choices (deep features)"
    pairs: ClassVar[bool] = True

    def _observed(self, evidence: PersonEvidence) -> Observations:
        place = {photo: index for index, photo in enumerate(evidence.photos.tolist())}
        pairs = torch.tensor([[place[photo] for photo in pair] for pair in evidence.pairs.tolist()])
        pairs = pairs.reshape(-1, 2).long()
        count = len(pairs)
        noise = torch.full((count,), self.settings.noise, dtype=torch.float64)
        blank = torch.zeros(count, dtype=torch.float64)
        return Observations(torch.full((count,), CHOICE), pairs[:, 0], pairs[:, 1], blank, noise)


OWN = ("generic", "ours", "ours-choices")


def own_method(short: str, fingerprint: str) -> Method:
    """The row called `short` out of `OWN`, with the covariance tuned for a model, if there is one."""
    if short == "generic":
        return GenericRow()
    fitted = find_covariance(fingerprint)
    known = (fitted.settings, fitted.basis) if fitted is not None else (None, None)
    return (GPRow if short == "ours" else GPChoicesRow)(*known)

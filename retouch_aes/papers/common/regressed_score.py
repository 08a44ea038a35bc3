"""A generic score from a backbone that has none: a nu-SVR on its features, fitted to a population's means.

The regressor of scores that Ren et al. (ICCV 2017) train as a network, where there are too few ratings to
train one. `cross_fitted` says of every photo what the others' ratings say, theme by theme.
"""

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.models.calibration import bounded_score, shift_distribution
from retouch_aes.models.frozen import FrozenBackbone
from retouch_aes.models.model import SCORES, AestheticModel, check_image
from retouch_aes.models.resize import fit_whole
from retouch_aes.papers.common.rbf_machine import RBFMachine
from retouch_aes.papers.method import Floats, Indices

SIDE = 384
_C, _GAMMA, _BELL = 3.0, 0.3, 1.5


class RegressedScore(AestheticModel):
    """`teacher`'s pooled features `(B, 1280)`, standardised, through `machine`, squashed into (1, 10)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, teacher: FrozenBackbone, machine: nn.Module, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.teacher, self.machine = teacher, machine
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    @staticmethod
    def of(teacher: FrozenBackbone, features: Floats, scores: Floats) -> "RegressedScore":
        """Fitted to mean `scores` `(P,)` of photos with `features` `(P, 1280)`; not-a-number is left out."""
        mean, deviation = features.mean(0), np.maximum(features.std(0), 1e-6)
        machine = _fitted((features - mean) / deviation, scores, np.isfinite(scores))
        found = RegressedScore(teacher, machine, torch.from_numpy(mean), torch.from_numpy(deviation))
        return found.eval().requires_grad_(False)

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared."""
        return f"whole frame, long side {SIDE} at most, {self.teacher.backbone.name} and nu-SVR, version 1"

    def features(self, image: Tensor) -> Tensor:
        """The mean of the teacher's last map, `(B, 1280)`."""
        small = fit_whole(image, SIDE) if max(image.shape[-2:]) > SIDE else image
        return self.teacher.maps(small)[-1].mean((-2, -1))

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        check_image(image)
        features = self.features(image)
        found: Tensor = self.machine((features - self.mean.to(features)) / self.deviation.to(features))
        return bounded_score(found)

    def distribution(self, image: Tensor) -> Tensor:
        """A bell of deviation 1.5 over the scores 1..10, tilted so that its mean is the score."""
        score = self.forward(image)
        away = torch.arange(1, SCORES + 1, device=score.device, dtype=score.dtype) - score[:, None].detach()
        bell = torch.exp(-0.5 * (away / _BELL) ** 2)
        return shift_distribution(bell / bell.sum(1, keepdim=True), score)


def cross_fitted(features: Floats, scores: Floats, folds: Indices) -> Floats:
    """Scores `(P,)` for photos with `features` `(P, D)`, each fold's from the mean `scores` of the others.

    `UsageError` where fewer than two photos remain to learn from.
    """
    inputs = (features - features.mean(0)) / np.maximum(features.std(0), 1e-6)
    found = np.zeros(len(features))
    for fold in np.unique(folds):
        inside = folds == fold
        machine = _fitted(inputs, scores, ~inside & np.isfinite(scores))
        found[inside] = machine.predict(inputs[inside])
    return np.clip(found, 1, SCORES)


def population_means(population: Ratings, places: Indices, count: int) -> Floats:
    """Mean scores `(count,)`, not-a-number for photos that nobody rated; see `Study.population_index`."""
    found = np.full(count, np.nan)
    found[places] = population.mean_scores()
    return found


def _fitted(inputs: Floats, scores: Floats, kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> RBFMachine:
    if kept.sum() < 2:
        raise UsageError(
            f"expected rated photos of other themes to learn a generic score from, got {kept.sum()}; "
            "give more photos, or a --backbone that has a score"
        )
    return RBFMachine.fit(inputs[kept], scores[kept], c=_C, gamma=_GAMMA / inputs.shape[1])

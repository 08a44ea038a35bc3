"""Zhang et al.'s two stages where there is a good score already and little else: ours, for small pools.

    f(x) = generic(x) + w . z(x)            z: the frozen backbone's pooled features, 128 principal components

    1. w0 = argmin mean (mean rating - f)^2 + a0 |w|^2            the nearest rated photos of the person's
    2. w  = argmin mean log(1 + exp(f(loser) - f(winner))) + a |w - w0|^2     pairs, and what follows from two

As printed, the method throws the generic score away and lets a fresh network learn it again from the pool; on
pools of hundreds of photos that network is worse than the score, and no ranking brings back what was lost.
Here the score is the start and both stages are held to it: by a0 = 1, and by a = 1 / k of k photos, since
pairs of few photos say less than their number. Each fifth of the photos is left out in turn with the pairs
that touch them; where the second stage does not predict these better than the first, it is left out. The
features are seen once, so a person takes a tenth of a second.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.datasets.nearest import nearest
from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.method import Floats, Indices, PersonEvidence, Study
from retouch_aes.papers.zhang.pairs import enriched

NEIGHBOURS = 50
COMPONENTS = 128
_PARTS, _NEWTON, _TINY = 5, 12, 1e-9


class UnitComponents(nn.Module):
    """Standardised features `(B, D)` -> principal components `(B, C)` of centred features of length 1."""

    centre: Tensor
    basis: Tensor

    def __init__(self, inputs: Tensor, count: int) -> None:
        super().__init__()
        unit = F.normalize(inputs)
        centre = unit.mean(0)
        _, values, vectors = torch.linalg.svd(unit - centre, full_matrices=False)
        kept = vectors[:count]
        length = (values[:count].square().sum() / len(inputs)).sqrt().clamp(min=_TINY)
        self.register_buffer("centre", centre)
        self.register_buffer("basis", kept.T / length)

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class; the mean squared length over what it was made of is 1."""
        found: Tensor = (F.normalize(inputs) - self.centre.to(inputs)) @ self.basis.to(inputs)
        return found


class Offset(nn.Module):
    """`w . z(inputs)`: `(B, D)` -> `(B,)`."""

    weights: Tensor

    def __init__(self, components: UnitComponents, weights: Tensor) -> None:
        super().__init__()
        self.components = components
        self.register_buffer("weights", weights)

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = self.components(inputs) @ self.weights.to(inputs)
        return found


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Differences of the two sides: of components `(N, C)`, of the start's scores `(N,)`; photos `(N, 2)`."""

    away: Tensor
    ahead: Tensor
    photos: Tensor

    def where(self, kept: Tensor) -> "_Pairs":
        return _Pairs(self.away[kept], self.ahead[kept], self.photos[kept])


class ZhangAnchored(InputsMethod):
    """See the module. Without `rankings` or `population` the stage, or the generic score, is left out."""

    name: str = "Zhang, anchored (ours)"
    pairs: ClassVar[bool] = True
    parts: ClassVar[tuple[str, ...]] = ("features",)
    rankings: ClassVar[bool] = True
    population: ClassVar[bool] = True
    held: ClassVar[float] = 1.0
    checked: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._known, self._table = UnitComponents(torch.zeros(1, 1), 1), torch.zeros(0, 0)
        self._unit: Floats = np.zeros((0, 0))
        self._weights: dict[int, Tensor] = {}

    def prepare(self, study: Study) -> None:
        """Find the components of the study's features."""
        super().prepare(study)
        inputs = torch.from_numpy(self.inputs.values)
        self._known = UnitComponents(inputs, min(COMPONENTS, *inputs.shape))
        self._table = self._known(inputs)
        self._unit = F.normalize(torch.from_numpy(study.features)).numpy()

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> nn.Module:
        """The person's offset for new photos; those of the study have one each fold."""
        folds = (-1,) if study.folds is None else (-1, *np.unique(study.folds).tolist())
        begun = {fold: self._regressed(study, evidence, fold) for fold in folds}
        pairs = self._pairs(study, evidence)
        self._weights = begun
        if len(pairs.ahead) and (not self.checked or self._better(pairs, begun[-1], seed)):
            self._weights = {fold: ranked(pairs, weights) for fold, weights in begun.items()}
        return Offset(self._known, self._weights[-1])

    def predict(self, study: Study, photos: Indices) -> Floats:
        """See `Method`; what is said of a fold's photos rests on the population's ratings of the others."""
        if study.folds is None or not self._weights:
            return super().predict(study, photos)
        weights = torch.stack([self._weights[int(fold)] for fold in study.folds[photos]])
        found = (self._table[torch.from_numpy(photos)] * weights).sum(1).numpy()
        return np.asarray(study.score[photos] + found if self.population else found, np.float64)

    def _regressed(self, study: Study, evidence: PersonEvidence, fold: int) -> Tensor:
        """`w0` `(C,)` from the population's ratings of similar photos outside `fold`."""
        nothing = torch.zeros(self._table.shape[1], dtype=self._table.dtype)
        if not self.population or not len(study.population):
            return nothing
        kept = np.arange(len(study.population_index))
        if study.folds is not None:
            kept = kept[study.folds[study.population_index] != fold]
        photos = study.population_index[kept]
        table = self._unit[photos].astype(np.float32)
        queries = torch.from_numpy(self._unit[evidence.photos])
        _, found = nearest(table, queries, min(NEIGHBOURS, len(table)))
        union = np.unique(found.numpy())
        means = study.histograms()[kept[union]] @ np.arange(1, 11)
        z = self._table[torch.from_numpy(photos[union])]
        gap = torch.from_numpy(means - study.score[photos[union]])
        square = z.T @ z / len(z) + self.held * torch.eye(z.shape[1], dtype=z.dtype)
        found_weights: Tensor = torch.linalg.solve(square, z.T @ (gap - gap.mean()) / len(z))
        return found_weights

    def _pairs(self, study: Study, evidence: PersonEvidence) -> _Pairs:
        stated = enriched([(int(winner), int(loser)) for winner, loser in evidence.pairs])
        photos = torch.tensor(stated, dtype=torch.long).reshape(-1, 2)
        if not self.rankings:
            photos = photos[:0]
        score = torch.from_numpy(study.score) if self.population else torch.zeros(len(study))
        winner, loser = photos.unbind(1)
        return _Pairs(
            self._table[winner] - self._table[loser], (score[winner] - score[loser]).double(), photos
        )

    def _better(self, pairs: _Pairs, begun: Tensor, seed: int) -> bool:
        """Whether the second stage predicts pairs of photos left out no worse than the first."""
        photos = torch.from_numpy(np.unique(pairs.photos.numpy()))
        order, gain = np.random.default_rng(seed).permutation(len(photos)), 0.0
        for part in range(_PARTS):
            touched = torch.isin(pairs.photos, photos[order[part::_PARTS]]).any(1)
            if touched.all() or not touched.any():
                continue
            out, weights = pairs.where(touched), ranked(pairs.where(~touched), begun)
            losses = [F.softplus(-out.ahead - out.away @ one).sum() for one in (begun, weights)]
            gain += float(losses[0] - losses[1])
        return gain >= 0


def ranked(pairs: _Pairs, begun: Tensor) -> Tensor:
    """The one minimum of stage 2, `(C,)`, by Newton's method from `begun`."""
    strength = 1 / max(1, len(np.unique(pairs.photos.numpy())))
    weights, eye = begun.clone(), torch.eye(len(begun), dtype=begun.dtype)
    for _ in range(_NEWTON):
        wrong = torch.sigmoid(-pairs.ahead - pairs.away @ weights)
        slope = -(pairs.away.T @ wrong) / len(wrong) + 2 * strength * (weights - begun)
        curve = (pairs.away.T * (wrong * (1 - wrong))) @ pairs.away / len(wrong) + 2 * strength * eye
        step = torch.linalg.solve(curve, slope)
        weights = weights - step
        if float(step.abs().max()) < _TINY:
            break
    return weights


class ZhangAnchoredNoRankings(ZhangAnchored):
    """The ablation without the person's pairs."""

    name: str = "Zhang, anchored, no rankings"
    rankings: ClassVar[bool] = False


class ZhangAnchoredNoPopulation(ZhangAnchored):
    """The ablation without anyone else's ratings: no generic score either."""

    name: str = "Zhang, anchored, no population"
    population: ClassVar[bool] = False
    residual: ClassVar[bool] = False

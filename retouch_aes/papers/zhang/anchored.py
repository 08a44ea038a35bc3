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

from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.datasets.nearest import nearest
from retouch_aes.models.anchored_score import UnitComponents
from retouch_aes.optim.pair_offset import PairDifferences, ranked, ranking_helps, regressed
from retouch_aes.papers.common.described import described
from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.method import Floats, Indices, PersonEvidence, Study
from retouch_aes.papers.zhang.pairs import enriched

NEIGHBOURS = 50
COMPONENTS = 128
HELD = 1.0


@described
class Offset(nn.Module):
    """`w . z(inputs)`: `(B, D)` -> `(B,)`."""

    weights: Tensor

    def __init__(self, components: UnitComponents, weights: Tensor) -> None:
        super().__init__()
        self.components = components
        self.register_buffer("weights", weights)

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        width, count = self.components.basis.shape
        return {"width": width, "components": count}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Offset":
        """The offset that `config` describes, without its numbers."""
        width, count = int(config["width"]), int(config["components"])
        return cls(UnitComponents(torch.zeros(width), torch.zeros(width, count)), torch.zeros(count))

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = self.components(inputs) @ self.weights.to(inputs)
        return found


class ZhangAnchored(InputsMethod):
    """See the module. Without `rankings` or `population` the stage, or the generic score, is left out."""

    name: str = "Zhang, anchored (ours)"
    pairs: ClassVar[bool] = True
    parts: ClassVar[tuple[str, ...]] = ("features",)
    rankings: ClassVar[bool] = True
    population: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._known, self._table = UnitComponents(torch.zeros(0), torch.zeros(0, 0)), torch.zeros(0, 0)
        self._unit: Floats = np.zeros((0, 0))
        self._weights: dict[int, Tensor] = {}

    def prepare(self, study: Study) -> None:
        """Find the components of the study's features."""
        super().prepare(study)
        inputs = torch.from_numpy(self.inputs.values)
        self._known = UnitComponents.of(inputs, min(COMPONENTS, *inputs.shape))
        self._table = self._known(inputs)
        self._unit = F.normalize(torch.from_numpy(study.features)).numpy()

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> nn.Module:
        """The person's offset for new photos; those of the study have one each fold."""
        folds = (-1,) if study.folds is None else (-1, *np.unique(study.folds).tolist())
        begun = {fold: self._regressed(study, evidence, fold) for fold in folds}
        pairs = self._pairs(study, evidence)
        self._weights = begun
        if len(pairs) and ranking_helps(pairs, begun[-1], seed):
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
        gap = torch.from_numpy(means - study.score[photos[union]])
        return regressed(self._table[torch.from_numpy(photos[union])], gap, HELD)

    def _pairs(self, study: Study, evidence: PersonEvidence) -> PairDifferences:
        stated = enriched([(int(winner), int(loser)) for winner, loser in evidence.pairs])
        photos = torch.tensor(stated if self.rankings else [], dtype=torch.long).reshape(-1, 2)
        score = torch.from_numpy(study.score) if self.population else torch.zeros(len(study)).double()
        return PairDifferences.of(self._table, score, photos)


class ZhangAnchoredNoRankings(ZhangAnchored):
    """The ablation without the person's pairs."""

    name: str = "Zhang, anchored, no rankings"
    rankings: ClassVar[bool] = False


class ZhangAnchoredNoPopulation(ZhangAnchored):
    """The ablation without anyone else's ratings: no generic score either."""

    name: str = "Zhang, anchored, no population"
    population: ClassVar[bool] = False
    residual: ClassVar[bool] = False

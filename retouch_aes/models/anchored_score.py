"""A score with a person's linear offset on its own features, as `learn --preset zhang-laptop` makes it.

    f(x) = generic(x) + w . z(x),     z = B (u / |u| - c),     u = (features(x) - mean) / deviation

squashed into (1, 10). `B` are principal components; `w` is learned by `optim.pair_offset`. The generic score
lies in the same file, so a person's model stands alone.
"""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.calibration import bounded_score
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.moved_score import MovedScore
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.trunk_score import TrunkScore

Base = EMDAttention | PooledScorer | TrunkScore
BASES: dict[str, type[Base]] = {kind.short_name: kind for kind in (EMDAttention, PooledScorer, TrunkScore)}
_TINY = 1e-9


class UnitComponents(nn.Module):
    """Standardised features `(B, D)` -> principal components `(B, C)` of centred features of length 1.

    `centre` `(D,)`, `basis` `(D, C)`.
    """

    centre: Tensor
    basis: Tensor

    def __init__(self, centre: Tensor, basis: Tensor) -> None:
        super().__init__()
        self.register_buffer("centre", centre)
        self.register_buffer("basis", basis)

    @staticmethod
    def of(inputs: Tensor, count: int) -> "UnitComponents":
        """The first `count` of `inputs` `(N, D)`; the mean squared length of these is 1."""
        unit = F.normalize(inputs)
        centre = unit.mean(0)
        _, values, vectors = torch.linalg.svd(unit - centre, full_matrices=False)
        length = (values[:count].square().sum() / len(inputs)).sqrt().clamp(min=_TINY)
        return UnitComponents(centre, vectors[:count].T / length)

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = (F.normalize(inputs) - self.centre.to(inputs)) @ self.basis.to(inputs)
        return found


class AnchoredScore(MovedScore):
    """See the module. `base` is the generic score, `components` C; the offset begins as nothing."""

    short_name: ClassVar[str] = "anchored"
    version: ClassVar[int] = 1

    mean: Tensor
    deviation: Tensor
    weights: Tensor

    def __init__(self, base: AestheticModel, components: int) -> None:
        super().__init__()
        if not isinstance(base, Base):
            names = ", ".join(BASES)
            raise UsageError(f"expected a score of the kinds {names}, got {type(base).__name__}")
        self.base: Base = base
        size = base.feature_size
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))
        self.register_buffer("weights", torch.zeros(components))
        self.components = UnitComponents(torch.zeros(size), torch.zeros(size, components))

    @property
    def preprocessing(self) -> str:
        """That of the generic score."""
        return f"{self.base.preprocessing}; a linear offset"

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        name = next(name for name, kind in BASES.items() if type(self.base) is kind)
        return {"kind": name, "base": dict(self.base.config), "components": len(self.weights)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "AnchoredScore":
        """The model that `config` describes, with random weights."""
        return cls(BASES[config["kind"]].from_config(dict(config["base"])), int(config["components"]))

    def features(self, image: Tensor) -> Tensor:
        """Those of the generic score."""
        return self.base.features(image)

    def offset(self, features: Tensor) -> Tensor:
        """What the person adds, `(B,)`, by `features` `(B, D)`."""
        inputs = (features - self.mean.to(features)) / self.deviation.to(features)
        found: Tensor = self.components(inputs) @ self.weights.to(features)
        return found

    @property
    def underlying(self) -> AestheticModel:
        """The generic score."""
        return self.base

    def moved(self, image: Tensor, features: Tensor, generic: Tensor) -> Tensor:  # noqa: ARG002
        """The person's scores `(B,)`."""
        return bounded_score(generic + self.offset(features))

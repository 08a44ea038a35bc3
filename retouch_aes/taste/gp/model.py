"""A person's score: the generic one, and what their answers add to it.

    z(x) = f(x) + sum_i a_i content * exp(-(1 - cos(u(x), u_i)) / length^2)
                + c + d (f(x) - 5.5) + share * sum_k (b_k d_k - e_k d_k^2 / 2 - p_k d_k o_k)
    score = 5.5 + 4.5 tanh((z - 5.5) / 4.5)                               in (1, 10)

`u_i` are the pictures that were answered about, `d = s - o` how far the look `s` (`taste.style_features`)
lies from that of a reference `o`; `e, p >= 0`. The reference is an ordinary photo (0), or set by `about`.
Differentiable to the pixels. Safe to climb: every term is bounded, and along each number of the look there is
one best value, or none inside the range and a gain that levels off.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.models.calibration import shift_distribution, squash_score
from retouch_aes.models.featured import check_generic, features_and_score
from retouch_aes.models.model import AestheticModel, check_image
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, content_covariance
from retouch_aes.taste.style_features import LOOK, style_features

_MIDDLE = 5.5


@dataclass(frozen=True)
class Adjustment:
    """What is added to a generic score, as tensors: see the module.

    `points` `(M, R)` unit vectors with `weights` `(M,)`; `scale` `(2,)` holds c and d, `line` and `bend`
    `(6,)` hold b and e, `pull` p.
    """

    basis: FeatureBasis
    points: Tensor
    weights: Tensor
    scale: Tensor
    line: Tensor
    bend: Tensor
    pull: Tensor
    settings: CovarianceSettings

    def of_content(self, features: Tensor) -> Tensor:
        """The first sum, `(B,)`, for features `(B, D)`."""
        unit = self.basis(features)
        return content_covariance(unit, self.points.to(unit), self.settings) @ self.weights.to(unit)

    def of_look(self, looks: Tensor, reference: Tensor | None = None) -> Tensor:
        """The second sum, `(B,)`, for looks `(B, 6)` and those of the references (default: 0)."""
        origin = torch.zeros_like(looks) if reference is None else reference.to(looks)
        moved = looks - origin
        bend, pull = self.bend.clamp(min=0).to(looks), self.pull.clamp(min=0).to(looks)
        return moved @ self.line.to(looks) - 0.5 * moved.square() @ bend - (moved * origin) @ pull

    def score(
        self,
        features: Tensor,
        generic: Tensor,
        looks: Tensor,
        share: float = 1.0,
        reference: Tensor | None = None,
    ) -> Tensor:
        """The person's scores `(B,)`, in (1, 10); the look counts by `share`."""
        offset, slope = self.scale.to(generic)
        raw = generic + offset + slope * (generic - _MIDDLE)
        raw = raw + self.of_content(features) + share * self.of_look(looks, reference)
        return squash_score(raw)

    @property
    def best_look(self) -> dict[str, float]:
        """What the person leans to, for each number of the look: its best value, in deviations, within 4."""
        curve = self.bend.clamp(min=1e-3)
        return dict(zip(LOOK, (self.line / curve).clamp(-4, 4).tolist(), strict=True))


class PersonalModel(AestheticModel):
    """`generic` with an `Adjustment`: `(B, 3, H, W)` sRGB [0, 1] -> `(B,)` in (1, 10).

    `across=False` is for renditions of one photo, so for retouching and as a loss: the look counts in full.
    `across=True` is for ranking different photos, where people care less for the look: it counts by `echo`.
    """

    def __init__(self, generic: AestheticModel, adjustment: Adjustment, *, across: bool = False) -> None:
        super().__init__()
        check_generic(generic)
        self.generic = generic
        self.reference: Tensor | None = None
        self.settings = adjustment.settings
        self.share = adjustment.settings.echo if across else 1.0
        parts = {
            "mean": adjustment.basis.mean,
            "matrix": adjustment.basis.matrix,
            "points": adjustment.points,
            "weights": adjustment.weights,
            "scale": adjustment.scale,
            "line": adjustment.line,
            "bend": adjustment.bend,
            "pull": adjustment.pull,
        }
        self.adjusted = nn.ParameterDict(
            {n: nn.Parameter(t.float(), requires_grad=False) for n, t in parts.items()}
        )

    def about(self, reference: Tensor) -> "PersonalModel":
        """The same model for renditions of photos whose looks as they are were `reference` `(B, 6)`."""
        model = PersonalModel(self.generic, self.adjustment)
        model.reference = reference
        return model.eval()

    @property
    def adjustment(self) -> Adjustment:
        """What is added, on the device of this model."""
        part = self.adjusted
        basis = FeatureBasis(part["mean"], part["matrix"])
        rest = {name: part[name] for name in ("points", "weights", "scale", "line", "bend", "pull")}
        return Adjustment(basis, settings=self.settings, **rest)

    @property
    def preprocessing(self) -> str:
        """That of the generic model, and the settings of what is added."""
        settings = sorted(self.settings.to_json().items())
        return f"{self.generic.preprocessing}; personal {settings}, look {self.share:g}"

    def features(self, image: Tensor) -> Tensor:
        """Those of the generic model."""
        generic: Any = self.generic
        features: Tensor = generic.features(image)
        return features

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        check_image(image)
        features, generic = features_and_score(self.generic, image)
        return self.adjustment.score(
            features, generic, style_features(image.to(generic.dtype)), self.share, self.reference
        )

    def distribution(self, image: Tensor) -> Tensor:
        """The generic distribution `(B, 10)`, tilted by `exp(t i)` so that its mean is the person's score."""
        return shift_distribution(self.generic.distribution(image), self.forward(image))

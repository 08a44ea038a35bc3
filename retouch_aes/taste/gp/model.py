"""A person's score: the generic one, and what their answers add to it.

    z(x) = f(x) + sum_i a_i content * exp(-(1 - cos(u(x), u_i)) / length^2)
                + c + d (f(x) - 5.5) + share * sum_k (b_k d_k - e_k d_k^2 / 2 - p_k d_k o_k)
    score = 5.5 + 4.5 tanh((z - 5.5) / 4.5)                               in (1, 10)

`u_i` are the pictures that were answered about, `d = s - o` how far the style `s` (`taste.style_features`)
lies from that of a reference `o`; `e, p >= 0`. The reference is an ordinary photo (0), or set by `about`.
Differentiable to the pixels. Safe to maximise: every term is bounded, and along each number of the style
there is one best value, or none inside the range and a gain that levels off.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.models.calibration import bounded_score
from retouch_aes.models.featured import check_generic
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.moved_score import MovedScore
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, content_covariance
from retouch_aes.taste.style_features import STYLE_FEATURES, style_features

_MIDDLE = 5.5


@dataclass(frozen=True)
class Adjustment:
    """What is added to a generic score, as tensors: see the module.

    `points` `(M, R)` unit vectors with `weights` `(M,)`; `scale` `(2,)` holds c and d; `style_linear`,
    `style_quadratic` and `style_cross`, `(6,)` each, hold b, e and p.
    """

    basis: FeatureBasis
    points: Tensor
    weights: Tensor
    scale: Tensor
    style_linear: Tensor
    style_quadratic: Tensor
    style_cross: Tensor
    settings: CovarianceSettings

    def of_content(self, features: Tensor) -> Tensor:
        """The first sum, `(B,)`, for features `(B, D)`."""
        unit = self.basis(features)
        return content_covariance(unit, self.points.to(unit), self.settings) @ self.weights.to(unit)

    def of_style(self, styles: Tensor, reference: Tensor | None = None) -> Tensor:
        """The second sum, `(B,)`, for style features `(B, 6)` and those of the references (default: 0)."""
        origin = torch.zeros_like(styles) if reference is None else reference.to(styles)
        moved = styles - origin
        linear, quadratic = self.style_linear.to(styles), self.style_quadratic.clamp(min=0).to(styles)
        cross = self.style_cross.clamp(min=0).to(styles)
        return moved @ linear - 0.5 * moved.square() @ quadratic - (moved * origin) @ cross

    def towards(self, reference: Tensor) -> Tensor:
        """The slope of `of_style` at the `reference` itself, `(B, 6)` each."""
        return self.style_linear.to(reference) - self.style_cross.clamp(min=0).to(reference) * reference

    def score(
        self,
        features: Tensor,
        generic: Tensor,
        styles: Tensor,
        share: float = 1.0,
        reference: Tensor | None = None,
    ) -> Tensor:
        """The person's scores `(B,)`, in (1, 10); the style counts by `share`."""
        offset, slope = self.scale.to(generic)
        raw = generic + offset + slope * (generic - _MIDDLE)
        raw = raw + self.of_content(features) + share * self.of_style(styles, reference)
        return bounded_score(raw)

    @property
    def best_style(self) -> dict[str, float]:
        """What the person leans to, for each style feature: its best value, in deviations, within 4."""
        curve = self.style_quadratic.clamp(min=1e-3)
        return dict(zip(STYLE_FEATURES, (self.style_linear / curve).clamp(-4, 4).tolist(), strict=True))


class PersonalModel(MovedScore):
    """`generic` with an `Adjustment`: `(B, 3, H, W)` sRGB [0, 1] -> `(B,)` in (1, 10).

    `across=False` is for renditions of one photo, so for retouching and as a loss: the style counts in full.
    `across=True` is for ranking different photos, where people care less for the style: it counts
    by `ranking_share`.
    """

    def __init__(self, generic: AestheticModel, adjustment: Adjustment, *, across: bool = False) -> None:
        super().__init__()
        check_generic(generic)
        self.generic = generic
        self.reference: Tensor | None = None
        self.settings = adjustment.settings
        self.share = adjustment.settings.ranking_share if across else 1.0
        parts = {  # their names are part of the fingerprint, which manifests of batches hold
            "mean": adjustment.basis.mean,
            "matrix": adjustment.basis.matrix,
            "points": adjustment.points,
            "weights": adjustment.weights,
            "scale": adjustment.scale,
            "line": adjustment.style_linear,
            "bend": adjustment.style_quadratic,
            "pull": adjustment.style_cross,
        }
        self.adjusted = nn.ParameterDict(
            {n: nn.Parameter(t.float(), requires_grad=False) for n, t in parts.items()}
        )

    def about(self, reference: Tensor) -> "PersonalModel":
        """The same model for renditions of photos whose styles as they are were `reference` `(B, 6)`."""
        model = PersonalModel(self.generic, self.adjustment)
        model.reference = reference
        return model.eval()

    @property
    def adjustment(self) -> Adjustment:
        """What is added, on the device of this model."""
        part = self.adjusted
        basis = FeatureBasis(part["mean"], part["matrix"])
        style = part["line"], part["bend"], part["pull"]
        return Adjustment(basis, part["points"], part["weights"], part["scale"], *style, self.settings)

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

    @property
    def underlying(self) -> AestheticModel:
        """The generic model."""
        return self.generic

    def moved(self, image: Tensor, features: Tensor, generic: Tensor) -> Tensor:
        """The person's scores `(B,)`."""
        styles = style_features(image.to(generic.dtype))
        return self.adjustment.score(features, generic, styles, self.share, self.reference)

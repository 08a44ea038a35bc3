"""How alike two pictures are to a person's taste: the covariance of what is added to the generic score.

    k(x, y) = content * exp(-(1 - cos(u, v)) / length^2)            what is in the picture
            + offset + slope (f(x) - 5.5) (f(y) - 5.5)              how the person uses the scale
            + e_x e_y (l <d, d'> + q <m, m'> + c <p, p'>)           its style, a parabola in each number

`u`, `v`: features of the generic model, centred and turned into principal components by `basis`. `d = s - o`
is how far the style features `s` have moved from those of a reference, the photo as it is; `m = -d^2 / 2`,
`p = -d o`: people want a bounded change, and less of it where the photo has it already (`o` is 0 where
different photos are compared); `expected_quadratic` and `expected_cross` are the weights of `m` and `p`
before anything is said. `f`: generic scores. `e` is 1 where renditions of one photo are compared, and
`ranking_share` where different photos are: there style says much less. `l`, `q`, `c` are the variances
`style_linear`, `style_quadratic`, `style_cross`. The settings of the first two lines, and `ranking_share`,
are learned from other people's ratings (`tuning`). Files hold the names that settings had in version 0.1.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from retouch_aes.taste.style_features import STYLE_FEATURES

COMPONENTS = 256
_MIDDLE = 5.5
_NAMES_IN_FILES = {
    "style_linear": "line",
    "style_quadratic": "bend",
    "style_cross": "pull",
    "style_noise": "look_noise",
    "ranking_share": "echo",
    "expected_quadratic": "bent",
    "expected_cross": "pulled",
}


@dataclass(frozen=True)
class CovarianceSettings:
    """Variances in score points squared; `length` in units of the cosine's distance; noises in points.

    `noise` is that of a rating or a choice between two photos, `style_noise` between two renditions of one.
    `expected_quadratic` and `expected_cross` are the weights of `m` and `p` before anything is said.
    """

    content: float = 6.75
    length: float = 0.7
    offset: float = 2.0
    slope: float = 0.3
    noise: float = 2.1
    style_linear: float = 4.0
    style_quadratic: float = 4.0
    style_cross: float = 1.0
    style_noise: float = 0.7
    ranking_share: float = 0.1
    expected_quadratic: float = 1.0
    expected_cross: float = 0.4

    def to_json(self) -> dict[str, float]:
        """Every setting by its name in files."""
        return {_NAMES_IN_FILES.get(name, name): value for name, value in asdict(self).items()}

    @staticmethod
    def from_json(value: dict[str, Any]) -> "CovarianceSettings":
        """Read `to_json`'s value."""
        names = {stored: name for name, stored in _NAMES_IN_FILES.items()}
        return CovarianceSettings(**{names.get(name, name): float(number) for name, number in value.items()})


@dataclass(frozen=True)
class GPInputs:
    """M pictures as the covariance sees them.

    `content` `(M, R)` of length 1, generic `score` `(M,)`, `style` features and those of
    the `reference` `(M, 6)`, and `share` `(M,)`, `e` above.
    """

    content: Tensor
    score: Tensor
    style: Tensor
    reference: Tensor
    share: Tensor

    def __len__(self) -> int:
        return len(self.score)

    def part(self, kept: Tensor | list[int]) -> "GPInputs":
        """Those at the indices `kept`."""
        return GPInputs(
            self.content[kept], self.score[kept], self.style[kept], self.reference[kept], self.share[kept]
        )


def covariance(x: GPInputs, y: GPInputs, settings: CovarianceSettings) -> Tensor:
    """`k`, `(len(x), len(y))`."""
    return (
        content_covariance(x.content, y.content, settings)
        + linear_terms(x, settings) @ linear_terms(y, settings).T
    )


def variance(x: GPInputs, settings: CovarianceSettings) -> Tensor:
    """`k(x, x)`, `(len(x),)`."""
    return settings.content + linear_terms(x, settings).square().sum(1)


def content_covariance(x: Tensor, y: Tensor, settings: CovarianceSettings) -> Tensor:
    """The first line, of unit vectors `(M, R)` and `(N, R)`."""
    return settings.content * torch.exp((x @ y.T - 1) / settings.length**2)


def linear_terms(x: GPInputs, settings: CovarianceSettings) -> Tensor:
    """The terms that enter linearly, each times the deviation of its weight: `(M, 2 + 18)`."""
    scale = [torch.full_like(x.score, settings.offset**0.5), settings.slope**0.5 * (x.score - _MIDDLE)]
    return torch.cat(
        [torch.stack(scale, 1), x.share[:, None] * style_terms(x.style, x.reference, settings)], 1
    )


def style_terms(style: Tensor, reference: Tensor, settings: CovarianceSettings) -> Tensor:
    """`d`, `m`, `p` of the module, each times the deviation of its weight: `(M, 6)` twice -> `(M, 18)`."""
    return torch.cat(_style_parts(style, reference), 1) * style_scales(settings).to(style)


def style_scales(settings: CovarianceSettings) -> Tensor:
    """The deviations of the weights of `d`, `m` and `p` before anything is said, `(18,)`."""
    variances = [settings.style_linear, settings.style_quadratic, settings.style_cross]
    sizes = torch.tensor(variances, dtype=torch.float64)
    return sizes.sqrt().repeat_interleave(len(STYLE_FEATURES))


def prior_mean(x: GPInputs, settings: CovarianceSettings) -> Tensor:
    """The score expected before a person has said anything, `(len(x),)`.

    It is the generic score, less what moving any number of the style far is expected to cost.
    """
    _, quadratic, cross = _style_parts(x.style, x.reference)
    return x.score + x.share * (
        settings.expected_quadratic * quadratic + settings.expected_cross * cross
    ).sum(1)


def _style_parts(style: Tensor, reference: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    moved = style - reference
    return moved, -0.5 * moved.square(), -moved * reference


@dataclass(frozen=True)
class FeatureBasis:
    """From features `(M, D)` to unit vectors `(M, R)`: `normalise((features - mean) @ matrix)`."""

    mean: Tensor
    matrix: Tensor

    @staticmethod
    def of(features: Tensor, components: int = COMPONENTS) -> "FeatureBasis":
        """The principal components of `features` `(M, D)`, not whitened: that predicted people less."""
        features = features.double()
        mean = features.mean(0)
        _, deviations, directions = torch.linalg.svd(features - mean, full_matrices=False)
        deviations = deviations / max(1, len(features) - 1) ** 0.5
        kept = (deviations > 1e-6 * deviations[:1].clamp(min=1e-12)).nonzero()[:components, 0]
        return FeatureBasis(mean.float(), directions[kept].T.float())

    def __call__(self, features: Tensor) -> Tensor:
        """See the class."""
        moved = (features - self.mean.to(features)) @ self.matrix.to(features)
        return moved / (moved.square().sum(1, keepdim=True) + 1e-12).sqrt()

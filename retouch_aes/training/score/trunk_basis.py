"""The few directions of a trunk's pooled numbers that matter: principal components of photos and of faults.

    u = S tanh((x - centre) / (S scale)),   features = (u - middle) P / sigma

`centre` and `scale` are those of photos as they are. The saturation bounds what any one number can say, so
that a picture unlike all photos cannot be climbed far. `P` holds the leading eigenvectors of the covariance
of views plus that of the differences between renditions and their views: the first alone would leave out what
only faults move. Deviations and colour numbers count for DEVIATIONS of a mean: as much as the means they cost
what is read from them about beauty .02 of its rho. `sigma` is one number that makes the mean variance 1. No
label is used.
"""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.models.pooled_trunk import COLOURS
from retouch_aes.models.trunk_score import SATURATION
from retouch_aes.training.score.sights import Sights

DEVIATIONS = 0.3
_LEAST_SCALE = 1e-3


@dataclass(frozen=True)
class TrunkBasis:
    """`centre`, `scale`, `middle` `(D,)`; `matrix` `(D, K)`, already divided by sigma."""

    centre: Tensor
    scale: Tensor
    middle: Tensor
    matrix: Tensor

    def __call__(self, pooled: Tensor) -> Tensor:
        """Pooled numbers `(N, D)` -> features `(N, K)`."""
        return (self.saturated(pooled) - self.middle) @ self.matrix

    def saturated(self, pooled: Tensor) -> Tensor:
        """`u` of the module, `(N, D)`."""
        return SATURATION * torch.tanh((pooled.float() - self.centre) / (SATURATION * self.scale))


def counted(size: int) -> Tensor:
    """For how much each of `size` pooled numbers counts: means for 1, all else for DEVIATIONS."""
    weigh = torch.full((size,), DEVIATIONS)
    weigh[: (size - COLOURS) // 2] = 1
    return weigh


def fit_basis(sights: Sights, chosen: Tensor, count: int = 512, most: int = 4000) -> TrunkBasis:
    """The basis of the rows `chosen` (bool `(N,)`) of `sights`; at most `most` of each kind count."""
    views = chosen & sights.of_kind("view")
    natural = sights.features[views].float()
    centre, scale = natural.mean(0), natural.std(0) + _LEAST_SCALE
    begun = TrunkBasis(centre, scale, torch.zeros_like(centre), torch.eye(len(centre)))
    weigh = counted(len(centre))
    seen = begun.saturated(natural[:most]) * weigh
    middle = seen.mean(0)
    changed = (chosen & ~sights.of_kind("view", "mirror", "plain")).nonzero()[:, 0]
    changed = changed[torch.randperm(len(changed), generator=Generator().manual_seed(0))[:most]]
    moved = begun.saturated(sights.features[changed])
    moved = (moved - begun.saturated(sights.features[sights.base[changed]])) * weigh
    covariance = (seen - middle).T @ (seen - middle) / len(seen) + moved.T @ moved / max(1, len(moved))
    _, vectors = torch.linalg.eigh(covariance)
    matrix = vectors[:, -count:].flip(1)
    sigma = ((seen - middle) @ matrix).square().mean().sqrt()
    return TrunkBasis(centre, scale, middle / weigh, weigh[:, None] * matrix / sigma)

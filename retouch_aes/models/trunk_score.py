"""The default score: a small head on what a frozen ImageNet trunk sees, ten rating bins.

    u = S tanh((pooled(x) - centre) / (S scale)),  f = (u - middle) P          features, (B, K)
    m = l . f + b - mean_k softplus(v_k . silu(W f + w) + c_k)                 worth less faults
    p_i ~ exp(-(i - m)^2 / (2 BELL^2)),   score = sum_i i p_i

`pooled` is `retouch_aes.models.pooled_trunk`: means and deviations of the trunk's maps at five strides, and
colour numbers. Only `centre`, `scale`, `middle`, `P` and the head are ours and stored; the trunk comes from
an installed package, and its name and hash stand in `preprocessing` and so in the fingerprint. One forward
pass gives features (for a person's own score, for neighbours) and score.
"""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.models.backbone import Backbone
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.models.preprocessing import EqualArea

SATURATION = 4.0
"""How many deviations from its mean one pooled number can count for at most."""

BELL = 1.5
"""Deviation of the distribution, in points."""


class WorthHead(nn.Module):
    """`(B, features) -> (B, 10)` logits of a bell around worth less faults, see the module.

    Worth is linear. Faults are never negative, so what is clean is left to worth; `experts` guesses of them
    are averaged, on `hidden` units in all.
    """

    bins: Tensor

    def __init__(self, features: int, hidden: int, experts: int = 1) -> None:
        super().__init__()
        self.worth = nn.Linear(features, 1)
        self.hidden = nn.Linear(features, hidden)
        self.faults = nn.Linear(hidden, experts)
        self.register_buffer("bins", torch.arange(1, SCORES + 1, dtype=torch.float32), persistent=False)

    def amounts(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Worth and faults, `(B,)` each, in points of score."""
        found = F.softplus(self.faults(F.silu(self.hidden(features))))
        return self.worth(features)[:, 0], found.mean(dim=1)

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        worth, faults = self.amounts(features)
        return -((worth - faults)[:, None] - self.bins).square() / (2 * BELL**2)


class TrunkScore(AestheticModel):
    """`trunk` is `lite0`, `lite1` or `lite2`, seen at about `side * side` pixels; see the module."""

    short_name: ClassVar[str] = "trunk-score"
    version: ClassVar[int] = 1

    centre: Tensor
    scale: Tensor
    middle: Tensor
    matrix: Tensor

    def __init__(
        self,
        trunk: str = "lite2",
        *,
        side: int = 272,
        views: int = 1,
        components: int = 512,
        hidden: int = 256,
        experts: int = 4,
    ) -> None:
        super().__init__()
        self.pooled = PooledTrunk(trunk, side, views)
        self.config: dict[str, Any] = {
            **self.pooled.config,
            "components": components,
            "hidden": hidden,
            "experts": experts,
        }
        size = self.pooled.size
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.register_buffer("middle", torch.zeros(size))
        self.register_buffer("matrix", torch.zeros(size, components))
        self.feature_size = components
        self.head = WorthHead(components, hidden, experts)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TrunkScore":
        """The model that `config` describes; its own numbers are random, the trunk's are Google's."""
        return cls(**config)

    @property
    def preprocessing(self) -> str:
        """The trunk, its hash, and how a photo is prepared."""
        return self.pooled.version

    @property
    def prepare(self) -> EqualArea:
        """How a photo is prepared for `backbone`."""
        return self.pooled.prepare

    @property
    def backbone(self) -> Backbone:
        """The frozen trunk, for methods that work on its maps."""
        return self.pooled.backbone

    def maps(self, image: Tensor) -> tuple[Tensor, ...]:
        """Maps at strides 8, 16 and 32 (the trunk's last), of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        found = self.backbone(self.prepare(image))
        return found[2], found[3], found[5]

    def features(self, image: Tensor) -> Tensor:
        """`(B, feature_size)` of `image` `(B, 3, H, W)`, sRGB [0, 1], with a gradient to the image."""
        return self.project(self.pooled(image))

    def project(self, pooled: Tensor) -> Tensor:
        """Pooled numbers `(B, D)` -> features `(B, feature_size)`."""
        bounded = SATURATION * torch.tanh((pooled - self.centre) / (SATURATION * self.scale))
        return (bounded - self.middle) @ self.matrix

    def faults(self, image: Tensor) -> Tensor:
        """Points `(B,)` that `image` `(B, 3, H, W)` loses by technical faults and edits: 0 for none."""
        return self.head.amounts(self.features(image))[1]

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return rating_distribution(self.head(self.features(image)))

"""The default score: a small head on what a frozen ImageNet trunk sees, ten rating bins.

    u = S tanh((pooled(x) - centre) / (S scale)),  f = (u - middle) P          features, (B, K)
    m = l . f + b - mean_k softplus(v_k . silu(W f + w) + c_k)                 worth less technical faults,
          - g softplus(d . silu(D f + e) + h)                                  less g of faults of light
    p_i ~ exp(-(i - m)^2 / (2 BELL^2)),   score = sum_i i p_i

`pooled` is `retouch_aes.models.pooled_trunk`: means and deviations of the trunk's maps at five strides, and
colour numbers. Only `centre`, `scale`, `middle`, `P`, the head and, with a `rank`, low-rank adapters of the
trunk's last stages (`low_rank_adapters`) are ours and stored; the trunk comes from an installed package, and
its name and hash stand in `preprocessing` and so in the fingerprint. Or it comes from the user's cache, where
its bytes may differ (`.pth`, safetensors, norms folded in); then the file says what it has to see in a test
picture. One forward pass gives features (for a person's score, for neighbours) and score.
"""

from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import WeightsError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.models.preprocessing import EqualArea
from retouch_aes.models.published import is_library_name

SATURATION = 4.0
"""How many deviations from its mean one pooled number can count for at most."""

BELL = 1.5
"""Deviation of the distribution, in points."""

_ALIKE = 0.1
"""How far, in deviations of photos, a trunk may see the test picture from where it has to, on the whole."""


class WorthHead(nn.Module):
    """`(B, features) -> (B, 10)` logits of a bell around worth less faults, see the module.

    Worth is linear. Faults are never negative, so what is clean is left to worth; `experts` guesses of them
    are averaged, on `hidden` units in all. With `light` units, how badly a photo is lit is guessed apart, by
    a network of that many, and counts for `light_worth`; without, `faults` hold all that is wrong.
    """

    bins: Tensor
    light_worth: Tensor

    def __init__(self, features: int, hidden: int, experts: int = 1, light: int = 0) -> None:
        super().__init__()
        self.worth = nn.Linear(features, 1)
        self.hidden = nn.Linear(features, hidden)
        self.faults = nn.Linear(hidden, experts)
        self.light: nn.Sequential | None = None
        if light:
            self.light = light_network(features, light)
            self.register_buffer("light_worth", torch.ones(()))
        self.register_buffer("bins", torch.arange(1, SCORES + 1, dtype=torch.float32), persistent=False)

    def amounts(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Worth and faults, `(B,)` each, in points of score."""
        found = F.softplus(self.faults(F.silu(self.hidden(features)))).mean(dim=1)
        if self.light is not None:
            found = found + self.light_worth * self.light(features)[:, 0]
        return self.worth(features)[:, 0], found

    @property
    def config(self) -> dict[str, Any]:
        """Its sizes; `light` only where there is such a network: files of before stay as they were."""
        sizes: dict[str, Any] = {"hidden": self.hidden.out_features, "experts": self.faults.out_features}
        return sizes if self.light is None else {**sizes, "light": self.light[0].out_features}

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        worth, faults = self.amounts(features)
        return -((worth - faults)[:, None] - self.bins).square() / (2 * BELL**2)


def light_network(features: int, hidden: int) -> nn.Sequential:
    """`(B, features) -> (B, 1)`, never negative: how badly a photo is lit, in points."""
    return nn.Sequential(nn.Linear(features, hidden), nn.SiLU(), nn.Linear(hidden, 1), nn.Softplus())


class TrunkScore(AestheticModel):
    """`trunk` is a name that `load_trunk` takes, seen at about `side * side` pixels; see the module."""

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
        rank: int = 0,
        light: int = 0,
    ) -> None:
        super().__init__()
        self.pooled = PooledTrunk(trunk, side, views, rank)
        size = self.pooled.size
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.register_buffer("middle", torch.zeros(size))
        self.register_buffer("matrix", torch.zeros(size, components))
        if is_library_name(trunk):
            self.register_buffer("test_picture", torch.zeros(size))
        self.feature_size = components
        self.head = WorthHead(components, hidden, experts, light)

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`."""
        return {**self.pooled.config, "components": self.feature_size, **self.head.config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TrunkScore":
        """The model that `config` describes; its own numbers are random, the trunk's are those published."""
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
        """The trunk with what adapters add to it, frozen, for methods that work on its maps."""
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

    def set_basis(self, centre: Tensor, scale: Tensor, middle: Tensor, matrix: Tensor) -> None:
        """Give it the basis of its features, see the module; keep what the trunk sees in a test picture."""
        for own, given in zip(
            (self.centre, self.scale, self.middle, self.matrix), (centre, scale, middle, matrix), strict=True
        ):
            own.copy_(given)
        if "test_picture" in self._buffers:
            self.get_buffer("test_picture").copy_(self._sees())

    def check_loaded(self, path: str | Path) -> None:
        """`WeightsError` where the trunk is another than the one that the file at `path` was made on."""
        if "test_picture" not in self._buffers:
            return  # the hash of Google's file was checked
        apart = ((self._sees() - self.get_buffer("test_picture")) / self.scale).abs().mean()
        if not apart < _ALIKE:
            raise WeightsError(
                f"{path} was made on other weights than those here of {self.pooled.trunk}: they see a test "
                f"picture {float(apart):.2g} deviations apart, expected {_ALIKE:g} at most; fetch them anew: "
                f"retouch-aes weights fetch {self.pooled.trunk}"
            )

    def _sees(self) -> Tensor:
        """Pooled numbers `(D,)` of the test picture: stripes of three colours, finer and finer."""
        places = torch.linspace(0, 1, 128, device=self.centre.device)
        stripes = 0.5 + 0.5 * torch.sin(60 * places**2 + torch.arange(3.0).to(places)[:, None])
        with torch.no_grad():
            seen: Tensor = self.pooled((stripes[:, None] * stripes[:, :96, None].flip(1))[None])
        return seen[0]

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return rating_distribution(self.head(self.features(image)))

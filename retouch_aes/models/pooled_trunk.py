"""What a frozen trunk sees in a photo, as one vector: means and deviations of its maps, and of the colours.

    x_k = mean of map k,   s_k = sqrt(var of map k + eps),   c = colour numbers
    pooled = (x_1 .. x_K, s_1 .. s_K, c)

A trunk does not see a photo and its mirror image alike. With two `views`, `pooled` is the mean of both, so a
photo and its mirror image have the same; with one it is that of the photo, for half the time.

The maps stand at five strides: coarse ones say what is in the photo, fine ones and the deviations how sharp
and clean it is. The colour numbers (`colour_numbers`) say how it is exposed, flat, cast or pale.

The weights of the trunk are others' and are never trained, so they are *buffers that are not stored*: they
move with the module, but stand in no file of ours, and no optimiser finds them. Low-rank adapters
(`low_rank_adapters`), where there are any, are ours: buffers that are stored, and added to those weights
whenever they are loaded.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.low_rank_adapters import LowRankAdapters
from retouch_aes.models.preprocessing import EqualArea
from retouch_aes.models.trunks import adaptable, load_trunk, trunk_version

_EPS = 1e-4
_LUMA_BINS, _CHROMA_BINS = 8, 5
COLOURS = 2 * 5 + 1 + _LUMA_BINS + _CHROMA_BINS


class PooledTrunk(nn.Module):
    """`(B, 3, H, W)`, sRGB [0, 1] -> `(B, size)`; `trunk` as `load_trunk` takes it, `views` 1 or 2.

    With a `rank`, which EfficientNet-Lite alone takes, adapters of that rank that change nothing yet: load
    theirs with `load_state_dict`. `views` may be changed at any time: `retouch_aes.losses.looking_once`.
    """

    def __init__(self, trunk: str = "lite2", side: int = 272, views: int = 1, rank: int = 0) -> None:
        super().__init__()
        if views not in (1, 2):
            raise UsageError(f"expected 1 view, or 2 (the photo and its mirror image), got {views}")
        self.views = views
        self.trunk = trunk
        self.backbone = load_trunk(trunk)
        self.prepare = EqualArea(side, self.backbone.mean, self.backbone.deviation)
        self.adapters = LowRankAdapters(adaptable(self.backbone).late_pointwise(), rank) if rank else None
        self._adapted = False
        if self.adapters is not None:
            without_parameters(self.adapters, stored=True)
            self.register_load_state_dict_post_hook(_add_adapters)  # type: ignore[no-untyped-call]
        without_parameters(self.backbone)
        self.size = 2 * sum(self.backbone.channels) + COLOURS

    @property
    def config(self) -> dict[str, Any]:
        """`trunk`, `side` and, where there are two, `views`, and of adapters the `rank`."""
        made: dict[str, Any] = {"trunk": self.trunk, "side": self.prepare.side}
        if self.views > 1:
            made["views"] = self.views
        return made if self.adapters is None else {**made, "rank": self.adapters.rank}

    @property
    def version(self) -> str:
        """One line that names the trunk, its weights and the preparation."""
        beside = ", and its mirror image" if self.views == 2 else ""
        return f"{trunk_version(self.trunk)}, {self.prepare.version}{beside}"

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        seen = self.prepare.resized(image)
        if self.views == 1:
            return self._pooled(seen)
        photo, mirrored = self._pooled(torch.cat([seen, seen.flip(-1)])).chunk(2)
        return (photo + mirrored) / 2

    def _pooled(self, seen: Tensor) -> Tensor:
        """Of `seen` `(B, 3, h, w)`, at its own size."""
        means, deviations = moments(self.backbone((seen - self.prepare.mean) / self.prepare.deviation))
        return torch.cat([means, deviations, colour_numbers(seen)], dim=1)

    def add_adapters(self) -> None:
        """Add the adapters to the trunk's weights as they were published, however often they are loaded."""
        if self.adapters is None:
            return
        published = load_trunk(self.trunk) if self._adapted else self.backbone
        ours, theirs = (adaptable(one).late_pointwise() for one in (self.backbone, published))
        with torch.no_grad():
            for name, change in self.adapters().items():
                ours[name].weight.copy_(theirs[name].weight.to(change) + change)
        self._adapted = True


def _add_adapters(pooled: nn.Module, _keys: object) -> None:
    """The hook that adds adapters when they are loaded: a function, so that a model can be copied."""
    if isinstance(pooled, PooledTrunk):
        pooled.add_adapters()


def moments(maps: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Means and deviations over positions of `maps` `(B, C_k, h_k, w_k)`, `(B, sum of C_k)` each."""
    found = [torch.var_mean(one.float(), dim=(-2, -1), correction=0) for one in maps]
    deviations = [(variance + _EPS).sqrt() for variance, _ in found]
    return torch.cat([mean for _, mean in found], dim=1), torch.cat(deviations, dim=1)


def colour_numbers(image: Tensor) -> Tensor:
    """`(B, 3, H, W)`, sRGB [0, 1] -> `(B, COLOURS)`, differentiable.

    Mean and deviation of R, G, B and of the opponents R - G and (R + G) / 2 - B; the mean chroma (the length
    of the opponents); the shares of eight levels of luma and of five of chroma, each pixel shared by the two
    levels beside it.
    """
    red, green, blue = image.unbind(dim=1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue], dim=1)
    planes = torch.cat([image, opponents], dim=1).flatten(2)
    chroma = (opponents.square().sum(dim=1) + _EPS).sqrt().flatten(1)
    light = (0.299 * red + 0.587 * green + 0.114 * blue).flatten(1)
    variance, mean = torch.var_mean(planes, dim=2, correction=0)
    shares = [_shares(light, _LUMA_BINS), _shares(2 * chroma, _CHROMA_BINS)]
    return torch.cat([mean, (variance + _EPS).sqrt(), chroma.mean(dim=1, keepdim=True), *shares], dim=1)


def light_numbers(pooled: Tensor) -> Tensor:
    """What of pooled numbers `(N, D)` says how a photo is lit, `(N, 14)`.

    Means and deviations of R, G, B, and the shares of the levels of luma.
    """
    colours = pooled[:, -COLOURS:]
    means, deviations, _, luma, _ = torch.split(colours, [5, 5, 1, _LUMA_BINS, _CHROMA_BINS], dim=1)
    return torch.cat([means[:, :3], deviations[:, :3], luma], dim=1)


def _shares(values: Tensor, bins: int) -> Tensor:
    """`(B, N)` in [0, 1] -> the shares `(B, bins)` of `bins` levels from 0 to 1, linear between them."""
    place = values.clamp(0, 1) * (bins - 1)
    return torch.stack([(1 - (place - k).abs()).clamp(min=0).mean(dim=1) for k in range(bins)], dim=1)


def without_parameters(module: nn.Module, *, stored: bool = False) -> None:
    """Turn every parameter of `module` into a buffer; whether buffers are `stored` is the same for all."""
    for part in module.modules():
        for name, found in list(part.named_buffers(recurse=False)):
            part.register_buffer(name, found, persistent=stored)
        for name, value in list(part.named_parameters(recurse=False)):
            del part._parameters[name]
            part.register_buffer(name, value.detach(), persistent=stored)

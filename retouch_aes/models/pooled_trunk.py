"""What a frozen trunk sees in a photo, as one vector: means and deviations of its maps, and of the colours.

    x_k = mean of map k,   s_k = sqrt(var of map k + eps),   c = colour numbers
    pooled = (x_1 .. x_K, s_1 .. s_K, c)

A trunk does not see a photo and its mirror image alike. With two `views`, `pooled` is the mean of both, so a
photo and its mirror image have the same; with one it is that of the photo, for half the time.

The maps stand at five strides: coarse ones say what is in the photo, fine ones and the deviations how sharp
and clean it is. The colour numbers (`colour_numbers`) say how it is exposed, flat, cast or pale.

The weights of the trunk are others' and are never trained, so they are *buffers that are not stored*: they
move with the module, but stand in no file of ours, and no optimiser finds them.
"""

from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.preprocessing import EqualArea
from retouch_aes.models.trunks import load_trunk, trunk_version

_EPS = 1e-4
_LUMA_BINS, _CHROMA_BINS = 8, 5
COLOURS = 2 * 5 + 1 + _LUMA_BINS + _CHROMA_BINS


class PooledTrunk(nn.Module):
    """`(B, 3, H, W)`, sRGB [0, 1] -> `(B, size)`; `trunk` as `load_trunk` takes it, `views` 1 or 2.

    `views` may be changed at any time: `retouch_aes.losses.looking_once`.
    """

    def __init__(self, trunk: str = "lite2", side: int = 272, views: int = 1) -> None:
        super().__init__()
        if views not in (1, 2):
            raise UsageError(f"expected 1 view, or 2 (the photo and its mirror image), got {views}")
        self.views = views
        self.trunk = trunk
        self.backbone = load_trunk(trunk)
        self.prepare = EqualArea(side, self.backbone.mean, self.backbone.deviation)
        without_parameters(self.backbone)
        self.size = 2 * sum(self.backbone.channels) + COLOURS

    @property
    def config(self) -> dict[str, Any]:
        """`trunk`, `side` and, where they are two, `views`."""
        made = {"trunk": self.trunk, "side": self.prepare.side}
        return made if self.views == 1 else {**made, "views": self.views}

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
        maps = self.backbone((seen - self.prepare.mean) / self.prepare.deviation)
        moments = [torch.var_mean(one.float(), dim=(-2, -1), correction=0) for one in maps]
        means = [mean for _, mean in moments]
        deviations = [(variance + _EPS).sqrt() for variance, _ in moments]
        return torch.cat([*means, *deviations, colour_numbers(seen)], dim=1)


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


def _shares(values: Tensor, bins: int) -> Tensor:
    """`(B, N)` in [0, 1] -> the shares `(B, bins)` of `bins` levels from 0 to 1, linear between them."""
    place = values.clamp(0, 1) * (bins - 1)
    return torch.stack([(1 - (place - k).abs()).clamp(min=0).mean(dim=1) for k in range(bins)], dim=1)


def without_parameters(module: nn.Module) -> None:
    """Turn every parameter of `module` into a buffer; no buffer is stored."""
    for part in module.modules():
        for name, found in list(part.named_buffers(recurse=False)):
            part.register_buffer(name, found, persistent=False)
        for name, value in list(part.named_parameters(recurse=False)):
            del part._parameters[name]
            part.register_buffer(name, value.detach(), persistent=False)

"""Zero-DCE++ (Li, Guo & Loy, TPAMI 2021): the curves of Zero-DCE, estimated on a twelfth of the photo.

    x <- x + a x (x - 1),   eight times the same a (B, 3, H/12, W/12), sampled bilinearly at every pixel

Seven depthwise separable convolutions see the photo reduced twelve times by bilinear sampling, as the authors
do it, corners on corners when the map goes back up. In: sRGB [0, 1]; out: [0, 1]. Weights of the losses as in
their code: smoothness 1600, else as Zero-DCE. The authors cut photos to a multiple of twelve; here the whole
frame counts. Their `Epoch99.pth` is read by `from_published`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.checkpoint import read_checkpoint, renamed
from retouch_aes.enhancers.curve_layers import ITERATIONS, brighten, estimate, layer_widths
from retouch_aes.enhancers.enhancer import MeasuredEnhancer
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.losses.zero_reference import zero_reference_losses
from retouch_aes.models.files import load_into
from retouch_aes.operators import Stats

REDUCTION = 12
SMOOTHNESS = 1600.0


class ZeroDCEPlus(MeasuredEnhancer):
    """10,561 weights; see the module."""

    short_name: ClassVar[str] = "zero-dce++"
    doc: ClassVar[str] = "exposure: one small map of curves, very fast"
    full_size = MeasuredFullSize()

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_separable(*pair) for pair in layer_widths(3))
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.02 if parameter.ndim > 1 else 0.0)

    def measure(self, image: Tensor) -> Stats:
        """See `MeasuredEnhancer.measure`."""
        size = [max(1, side // REDUCTION) for side in image.shape[-2:]]
        small = F.interpolate(image, size=size, mode="bilinear")
        return Stats({"curve": estimate(list(self.layers), small)})

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """See `MeasuredEnhancer.edit`."""
        return brighten(image, [corners_on_corners(stats, "curve", image)] * ITERATIONS)

    def learn(self, image: Tensor, target: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:  # noqa: ARG002
        """See `Enhancer.learn`; the target is not looked at."""
        stats = self.measure(image)
        enhanced, curves = self.edit(image, stats), stats.values["curve"]
        return enhanced, zero_reference_losses(image, enhanced, curves, smoothness=SMOOTHNESS)

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """From the authors' checkpoint: `e_conv1.depth_conv` to `e_conv7.point_conv`."""
        network = cls()
        names = {
            f"e_conv{n + 1}.{theirs}": f"layers.{n}.{place}"
            for n in range(7)
            for place, theirs in enumerate(("depth_conv", "point_conv"))
        }
        load_into(network, renamed(read_checkpoint(path), names), path)
        return network


def corners_on_corners(stats: Stats, name: str, image: Tensor) -> Tensor:
    """The map `name` `(B, C, h, w)` at the pixels of `image`, its corners on those of the frame."""
    coarse, tile = stats.values[name], stats.tile
    if tile is None:
        return F.interpolate(coarse, size=image.shape[-2:], mode="bilinear", align_corners=True)
    rows = _sampled(coarse, -2, tile.top, image.shape[-2], tile.frame_height)
    return _sampled(rows, -1, tile.left, image.shape[-1], tile.frame_width)


def _sampled(coarse: Tensor, dim: int, start: int, count: int, total: int) -> Tensor:
    size = coarse.shape[dim]
    place = torch.arange(start, start + count, dtype=torch.float64)  # on the CPU: not every device has it
    place = place * ((size - 1) / max(1, total - 1))
    below = place.floor().long().clamp(max=size - 1)
    above = (below + 1).clamp(max=size - 1)
    weight = (place - below).to(coarse)
    below, above = below.to(coarse.device), above.to(coarse.device)
    weight = weight[:, None] if dim == -2 else weight
    return torch.lerp(coarse.index_select(dim, below), coarse.index_select(dim, above), weight)


def _separable(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs), nn.Conv2d(inputs, outputs, 1)
    )

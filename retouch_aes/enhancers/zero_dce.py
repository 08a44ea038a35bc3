"""Zero-DCE (Guo et al., CVPR 2020): brightens dark photos by curves of its own for every pixel.

    x <- x + a_n x (x - 1),   n = 1..8,   a_n (B, 3, H, W) in [-1, 1] from seven 3x3 convolutions

It looks seven pixels around. Trained without references by `losses.zero_reference`, with the weights of the
paper: exposure 10, colour 5, smoothness of the curves 200, spatial consistency 1. In: sRGB [0, 1]; out:
[0, 1]. The authors' `Epoch99.pth` is read by `from_published`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from torch import Tensor, nn

from retouch_aes.enhancers.checkpoint import read_checkpoint, renamed
from retouch_aes.enhancers.curve_layers import ITERATIONS, brighten, estimate, layer_widths
from retouch_aes.enhancers.enhancer import Enhancer
from retouch_aes.enhancers.tiles import Tiles
from retouch_aes.losses.zero_reference import zero_reference_losses
from retouch_aes.models.files import load_into

SMOOTHNESS = 200.0


class ZeroDCE(Enhancer):
    """79,416 weights; see the module."""

    short_name: ClassVar[str] = "zero-dce"
    doc: ClassVar[str] = "exposure: curves of its own for every pixel, learned without references"
    full_size = Tiles(reach=7)

    def __init__(self) -> None:
        super().__init__()
        widths = layer_widths(3 * ITERATIONS)
        self.layers = nn.ModuleList(nn.Conv2d(*pair, kernel_size=3, padding=1) for pair in widths)
        for layer in self.layers:
            nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def curves(self, image: Tensor) -> Tensor:
        """The eight maps of three channels, `(B, 24, H, W)` in [-1, 1]."""
        return estimate(list(self.layers), image)

    def forward(self, image: Tensor) -> Tensor:
        """See `Enhancer.forward`."""
        return brighten(image, self.curves(image).chunk(ITERATIONS, dim=1))

    def learn(self, image: Tensor, target: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:  # noqa: ARG002
        """See `Enhancer.learn`; the target is not looked at."""
        curves = self.curves(image)
        enhanced = brighten(image, curves.chunk(ITERATIONS, dim=1))
        return enhanced, zero_reference_losses(image, enhanced, curves, smoothness=SMOOTHNESS)

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """From the authors' checkpoint: `e_conv1` to `e_conv7`."""
        network = cls()
        names = {f"e_conv{n + 1}": f"layers.{n}" for n in range(7)}
        load_into(network, renamed(read_checkpoint(path), names), path)
        return network

"""AOD-Net (Li et al., ICCV 2017): dehazing by one map that joins transmission and airlight.

    J = relu(K I - K + 1),   K from five convolutions (1x1, 3x3, 5x5, 7x7, 3x3) of three channels each

From `I = J t + A (1 - t)`: with b = 1, `K = ((I - A) / t + A - b) / (I - 1)`. 1,761 weights; it looks seven
pixels around, and its zero padding leaves a pale frame, which is why the border is repeated at full size.
Trained with pairs. In: sRGB [0, 1]; out: >= 0. The checkpoint of the PyTorch version that is
in use everywhere (`dehazer.pth`, keys `e_conv1` to `e_conv5`) is read by `from_published`.
"""

from pathlib import Path
from typing import ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.checkpoint import read_checkpoint, renamed
from retouch_aes.enhancers.enhancer import Enhancer
from retouch_aes.enhancers.tiles import Tiles
from retouch_aes.models.files import load_into

SHAPES = ((3, 1), (3, 3), (6, 5), (6, 7), (12, 3))  # input channels, side of the kernel


class AODNet(Enhancer):
    """See the module."""

    short_name: ClassVar[str] = "aod-net"
    doc: ClassVar[str] = "dehazing: five tiny convolutions"
    full_size = Tiles(reach=7, framed=True)

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(n, 3, side, padding=side // 2) for n, side in SHAPES)
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")  # type: ignore[arg-type]
        nn.init.constant_(self.layers[-1].bias, 1.0)  # type: ignore[arg-type]  # K = 1: nearly the photo

    def forward(self, image: Tensor) -> Tensor:
        """See `Enhancer.forward`."""
        first = F.relu(self.layers[0](image))
        second = F.relu(self.layers[1](first))
        third = F.relu(self.layers[2](torch.cat([first, second], 1)))
        fourth = F.relu(self.layers[3](torch.cat([second, third], 1)))
        k = F.relu(self.layers[4](torch.cat([first, second, third, fourth], 1)))
        return F.relu(k * image - k + 1)

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """From the published checkpoint."""
        network = cls()
        names = {f"e_conv{n + 1}": f"layers.{n}" for n in range(5)}
        load_into(network, renamed(read_checkpoint(path), names), path)
        return network

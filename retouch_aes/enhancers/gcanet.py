"""GCANet (Chen et al., WACV 2019): dehazing by smoothed dilated convolutions and a gated sum of levels.

    out = photo + decoder(g1 y1 + g2 y2 + g3 y3),   (g1, g2, g3) = conv(y1, y2, y3)

An encoder halves the frame once (`y1`); six residual blocks dilated by 2 and 4, each preceded by one learned
smoothing kernel shared by all channels, against the gridding of dilated convolutions, give `y2` and `y3`.
Instance normalisation everywhere, so the whole frame is needed. The network sees R, G, B and the strength of
edges, on the scale 0..255 less 128, and predicts the residual on that scale. In: sRGB [0, 1]; out: about
[0, 1]. Trained with pairs. The authors' `wacv_gcanet_dehaze.pth` is read by `from_published`.
"""

from pathlib import Path
from typing import ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.checkpoint import read_checkpoint, renamed
from retouch_aes.enhancers.enhancer import Enhancer
from retouch_aes.enhancers.low_resolution import LowResolution
from retouch_aes.models.files import load_into

WIDTH = 64
DILATIONS = (2, 2, 2, 4, 4, 4, 1)


class Smoothing(nn.Module):
    """One kernel for every channel, `2 dilation - 1` pixels wide; at first it does nothing."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        side = 2 * dilation - 1
        self.weight = nn.Parameter(torch.zeros(1, 1, side, side))
        with torch.no_grad():
            self.weight[0, 0, side // 2, side // 2] = 1.0

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` -> the same shape."""
        single = x.reshape(-1, 1, *x.shape[-2:])
        return F.conv2d(single, self.weight, padding=self.weight.shape[-1] // 2).reshape(x.shape)


class Block(nn.Module):
    """`relu(x + norm(conv(relu(norm(conv(x))))))`, dilated, smoothed before each convolution if so."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        smooth = dilation > 1
        self.pre_conv1: nn.Module = Smoothing(dilation) if smooth else nn.Identity()
        self.conv1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm1 = nn.InstanceNorm2d(WIDTH, affine=True)
        self.pre_conv2: nn.Module = Smoothing(dilation) if smooth else nn.Identity()
        self.conv2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm2 = nn.InstanceNorm2d(WIDTH, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, 64, H, W)` -> the same shape."""
        y = F.relu(self.norm1(self.conv1(self.pre_conv1(x))))
        return F.relu(x + self.norm2(self.conv2(self.pre_conv2(y))))


class GCANet(Enhancer):
    """702,818 weights; see the module."""

    short_name: ClassVar[str] = "gcanet"
    doc: ClassVar[str] = "dehazing: gated context, the whole frame at once"
    full_size = LowResolution(1024)
    multiple = 2

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            nn.Conv2d(4 if n == 0 else WIDTH, WIDTH, 3, stride, padding=1, bias=False)
            for n, stride in enumerate((1, 1, 2))
        )
        self.norms = nn.ModuleList(nn.InstanceNorm2d(WIDTH, affine=True) for _ in range(5))
        self.blocks = nn.ModuleList(Block(dilation) for dilation in DILATIONS)
        self.gate = nn.Conv2d(3 * WIDTH, 3, 3, padding=1)
        self.up = nn.ConvTranspose2d(WIDTH, WIDTH, 4, stride=2, padding=1)
        self.decoder = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.last = nn.Conv2d(WIDTH, 3, 1)

    def forward(self, image: Tensor) -> Tensor:
        """See `Enhancer.forward`."""
        x = torch.cat([image, edges(image)], dim=1) * 255 - 128
        for layer, norm in zip(self.encoder, self.norms, strict=False):
            x = F.relu(norm(layer(x)))
        levels = [x]
        for place, block in enumerate(self.blocks):
            x = block(x)
            if place in (3, 6):
                levels.append(x)
        gates = self.gate(torch.cat(levels, dim=1)).split(1, dim=1)
        x = gates[0] * levels[0] + gates[1] * levels[1] + gates[2] * levels[2]
        x = F.relu(self.norms[3](self.up(x)))
        x = F.relu(self.norms[4](self.decoder(x)))
        residual: Tensor = self.last(x)
        return image + residual / 255

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """From the authors' checkpoint."""
        network = cls()
        names = {f"conv{n + 1}": f"encoder.{n}" for n in range(3)}
        names |= {f"norm{n + 1}": f"norms.{n}" for n in range(5)}
        names |= {f"res{n + 1}": f"blocks.{n}" for n in range(7)}
        names |= {"deconv3": "up", "deconv2": "decoder", "deconv1": "last"}
        load_into(network, renamed(read_checkpoint(path), names), path)
        return network


def edges(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` -> `(B, 1, H, W)`: a quarter of the steps to the four neighbours, mean over channels."""
    right, down = image.diff(dim=-1).abs(), image.diff(dim=-2).abs()
    across = F.pad(right, (1, 0)) + F.pad(right, (0, 1))
    along = F.pad(down, (0, 0, 1, 0)) + F.pad(down, (0, 0, 0, 1))
    return (across + along).mean(dim=1, keepdim=True) / 4

"""The body of MobileNetV1 (Howard et al., 2017), as the public NIMA models use it.

One 3x3 convolution of stride 2, then thirteen depthwise-separable blocks to 1024 channels at stride 32,
clipped at 6 after every convolution. Batch normalisation is folded into the biases, and borders are padded as
TensorFlow does ("SAME": the odd pixel goes to the right and the bottom), so that weights trained there fit.
It stays ours: torchvision has none, and timm's `mobilenetv1_100` has batch normalisation, other names, pads
evenly, and would make an extra of NIMA's trunk.
"""

import torch.nn.functional as F
from torch import Tensor, nn

WIDTH = 1024
# (channels, stride) of the thirteen blocks
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)


class SamePadding(nn.Module):
    """Zeros around `(B, C, H, W)` so that a 3x3 convolution of `stride` gives `ceil(size / stride)`."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        down, right = (max((-(-n // self.stride) - 1) * self.stride + 3 - n, 0) for n in x.shape[-2:])
        return F.pad(x, (right // 2, right - right // 2, down // 2, down - down // 2))


class SeparableBlock(nn.Module):
    """3x3 per channel, then 1x1 across channels: `(B, C, H, W) -> (B, D, ceil(H / s), ceil(W / s))`."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.padding = SamePadding(stride)
        self.depthwise = nn.Conv2d(channels, channels, 3, stride, groups=channels)
        self.pointwise = nn.Conv2d(channels, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.relu6(self.pointwise(F.relu6(self.depthwise(self.padding(x)))))


class MobileNetV1(nn.Module):
    """`(B, 3, H, W)` in [-1, 1] -> features `(B, 1024, H / 32, W / 32)` in [0, 6]; random weights."""

    def __init__(self) -> None:
        super().__init__()
        self.padding = SamePadding(2)
        self.stem = nn.Conv2d(3, 32, 3, 2)
        widths = (32, *(width for width, _ in BLOCKS))
        self.blocks = nn.Sequential(
            *(SeparableBlock(widths[i], width, stride) for i, (width, stride) in enumerate(BLOCKS))
        )

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        features: Tensor = self.blocks(F.relu6(self.stem(self.padding(image))))
        return features


def from_flat_names(name: str) -> str:
    """The name here of a tensor in the published layout: `convs.0` is the stem, then pairs per block."""
    head, number, *rest = name.split(".")
    if head != "convs":
        return name
    if number == "0":
        return ".".join(["stem", *rest])
    block, part = divmod(int(number) - 1, 2)
    return ".".join(["blocks", str(block), ("depthwise", "pointwise")[part], *rest])

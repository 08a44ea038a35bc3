"""A small U-Net (Ronneberger et al., 2015) that starts as the identity: a plain network for a plain training.

    y = soft_clamp(x + U(x))

Three scales, two 3 x 3 convolutions each; at the coarsest the mean over all positions is mixed in, without
which exposure could not be judged. `U` ends in zeros at first. It is small, so that a bench that
trains it several times ends in minutes on two cores.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.color.clamp import soft_clamp

STEP = 4  # sides are brought to multiples of this


class SmallUNet(nn.Module):
    """`(B, 3, H, W)`, sRGB [0, 1] -> the same shape and range, from 8 px on. `width` channels at first."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        widths = (width, 2 * width, 4 * width)
        self.down = nn.ModuleList(_block(a, b) for a, b in zip((3, *widths[:-1]), widths, strict=True))
        self.up = nn.ModuleList(
            _block(below + here, here) for here, below in ((widths[1], widths[2]), (widths[0], widths[1]))
        )
        self.whole = nn.Linear(widths[2], widths[2])
        self.last = nn.Conv2d(width, 3, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        height, width = image.shape[-2:]
        x = F.pad(image, (0, -width % STEP, 0, -height % STEP), mode="replicate")
        kept = []
        for index, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if index else x)
            kept.append(x)
        x = x + self.whole(x.mean((-2, -1)))[:, :, None, None]
        for block, beside in zip(self.up, (kept[1], kept[0]), strict=True):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="bilinear"), beside], 1))
        return soft_clamp(image + self.last(x)[..., :height, :width])


def _block(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.ReLU()
    )

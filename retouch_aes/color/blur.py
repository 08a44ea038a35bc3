"""A Gaussian blur, separable.

`kornia.filters.gaussian_blur2d` is the same, and the tests hold this one against it; but importing kornia
takes longer than blurring, at every start of the command line.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def gaussian_blur(image: Tensor, sigma: float, reach: int, *, border: str = "replicate") -> Tensor:
    """Blur `(B, C, H, W)` by a Gaussian of deviation `sigma` pixels, cut off at `reach` pixels.

    `border` is how the frame goes on outside: "replicate", or "reflect" (`reach` below the short side).
    """
    channels = image.shape[1]
    offsets = torch.arange(-reach, reach + 1, device=image.device, dtype=image.dtype)
    weights = torch.exp(-0.5 * (offsets / sigma) ** 2)
    weights = (weights / weights.sum()).expand(channels, 1, -1)
    padded = F.pad(image, (reach, reach, reach, reach), mode=border)
    down = F.conv2d(padded, weights[:, :, :, None], groups=channels)
    return F.conv2d(down, weights[:, :, None, :], groups=channels)

"""The small copy of a photo on which edits are sought."""

import torch.nn.functional as F
from torch import Tensor


def proxy(image: Tensor, long_side: int) -> Tensor:
    """`(B, 3, H, W)` -> the same frame with its long side at most `long_side` pixels, antialiased.

    Never enlarges. The short side keeps at least one pixel.
    """
    height, width = image.shape[-2:]
    scale = long_side / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return F.interpolate(image, size=size, mode="bilinear", antialias=True).clamp(0, 1)

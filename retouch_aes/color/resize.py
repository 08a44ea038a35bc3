"""The small copy of a photo on which edits are sought.

torch's antialiased `interpolate`: `kornia.geometry.resize(antialias=True)` blurs the whole photo first, which
takes 22 times as long (6 megapixels to 224 px: 444 ms for 20), and its fixed Gaussian is off by up to .011.
"""

import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.proxy_size import proxy_size


def proxy(image: Tensor, long_side: int) -> Tensor:
    """`(B, 3, H, W)` -> the same frame with its long side at most `long_side` pixels, antialiased.

    Never enlarges. The short side keeps at least one pixel.
    """
    height, width = image.shape[-2:]
    size = proxy_size(height, width, long_side)
    if size == (height, width):
        return image
    return F.interpolate(image, size=size, mode="bilinear", antialias=True).clamp(0, 1)

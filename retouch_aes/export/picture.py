"""A tensor as a Pillow picture, for everything that is shown."""

import torch
from PIL import Image
from torch import Tensor

from retouch_aes.errors import UsageError


def to_picture(image: Tensor) -> Image.Image:
    """`(3, H, W)` or `(1, 3, H, W)` sRGB [0, 1] -> an 8-bit RGB picture. Values outside are clipped."""
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 3 or image.shape[0] != 3:
        raise UsageError(f"expected one image (3, H, W) or (1, 3, H, W), got {tuple(image.shape)}")
    levels = (image.detach().float().clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).contiguous().cpu().numpy())

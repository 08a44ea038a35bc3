"""Luma: the weighted sum of encoded RGB that stands for brightness (Rec. 709 weights)."""

from torch import Tensor

RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722


def luma(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` RGB -> `(B, 1, H, W)`. On linear light the same weights give luminance.

    kornia's weighted sum with our weights; its own default is Rec. 601.
    """
    from kornia.color import rgb_to_grayscale

    grey: Tensor = rgb_to_grayscale(image, image.new_tensor((RED, GREEN, BLUE)))
    return grey

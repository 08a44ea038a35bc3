"""Luma: the weighted sum of encoded RGB that stands for brightness (Rec. 709 weights)."""

from torch import Tensor

RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722


def luma(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` RGB -> `(B, 1, H, W)`. On linear light the same weights give luminance."""
    weights = image.new_tensor([[RED, GREEN, BLUE]])
    return (weights @ image.flatten(2)).reshape(-1, 1, *image.shape[2:])

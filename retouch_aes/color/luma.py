"""Luma: the weighted sum of encoded RGB that stands for brightness (Rec. 709 weights)."""

from torch import Tensor

RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722


def luma(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` RGB -> `(B, 1, H, W)`. On linear light the same weights give luminance."""
    red, green, blue = image[:, 0:1], image[:, 1:2], image[:, 2:3]
    return (RED * red).add(green, alpha=GREEN).add(blue, alpha=BLUE)

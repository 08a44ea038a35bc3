"""The guided filter (He, Sun, Tang, ECCV 2010) as the two coarse maps of its fast form (He, Sun, 2015).

Within every window the filtered signal is a linear function of the guide, `q = a * guide + b`. The maps
`a` and `b` are smooth, so they are measured on a small copy and sampled at any size: the edges come from
the guide at full resolution. A tile of a large photo therefore agrees with the whole.
"""

import torch.nn.functional as F
from torch import Tensor

MAP_SIDE = 128  # long side of the copy on which coarse maps are measured, whatever the size of the photo


def box_mean(image: Tensor, radius: int) -> Tensor:
    """Mean over a square of side `2 * radius + 1`, cut at the border of the frame. Any `(B, C, H, W)`."""
    vertical = _line_mean(image, min(radius, image.shape[-2] - 1), (1, 0))
    return _line_mean(vertical, min(radius, image.shape[-1] - 1), (0, 1))


def _line_mean(image: Tensor, radius: int, axis: tuple[int, int]) -> Tensor:
    if radius < 1:
        return image
    kernel = (2 * radius * axis[0] + 1, 2 * radius * axis[1] + 1)
    padding = (radius * axis[0], radius * axis[1])
    return F.avg_pool2d(image, kernel, stride=1, padding=padding, count_include_pad=False)


def guided_coefficients(guide: Tensor, signal: Tensor, radius: int, epsilon: float) -> tuple[Tensor, Tensor]:
    """Maps `a`, `b` `(B, 1, H, W)` with `signal ~ a * guide + b` near every pixel.

    `guide` and `signal` are `(B, 1, H, W)`; `epsilon` is the variance of the guide below which an area
    counts as flat.
    """
    mean_guide, mean_signal = box_mean(guide, radius), box_mean(signal, radius)
    variance = (box_mean(guide * guide, radius) - mean_guide**2).clamp(min=0)
    covariance = box_mean(guide * signal, radius) - mean_guide * mean_signal
    a = covariance / (variance + epsilon)
    b = mean_signal - a * mean_guide
    return box_mean(a, radius), box_mean(b, radius)

"""What Zero-DCE and Zero-DCE++ share: the curve, and the seven layers that estimate it.

    x <- x + a x (x - 1),   eight times, with maps a in [-1, 1]

Guo et al., "Zero-Reference Deep Curve Estimation" (CVPR 2020). For `a` in [-1, 1] the curve maps [0, 1] to
itself, keeps 0 and 1 and is monotone; negative `a` brightens.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ITERATIONS = 8
WIDTH = 32


def brighten(image: Tensor, maps: Sequence[Tensor]) -> Tensor:
    """`image` `(B, 3, H, W)` after the curve of each of `maps`, of shapes that meet it, in turn."""
    for a in maps:
        image = image + a * (image * image - image)
    return image


def estimate(layers: Sequence[nn.Module], image: Tensor) -> Tensor:
    """Maps in [-1, 1] by seven layers of 32 channels, the last three also fed by layers 3, 2 and 1."""
    first = F.relu(layers[0](image))
    second = F.relu(layers[1](first))
    third = F.relu(layers[2](second))
    x = F.relu(layers[3](third))
    x = F.relu(layers[4](torch.cat([third, x], 1)))
    x = F.relu(layers[5](torch.cat([second, x], 1)))
    return torch.tanh(layers[6](torch.cat([first, x], 1)))


def layer_widths(last: int) -> list[tuple[int, int]]:
    """Input and output channels of the seven layers, `last` of them at the end."""
    return [(3, WIDTH), *[(WIDTH, WIDTH)] * 3, *[(2 * WIDTH, WIDTH)] * 2, (2 * WIDTH, last)]

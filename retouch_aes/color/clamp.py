"""The one clamp at the end of a chain of edits: hard forward, a little gradient outside.

Ours: kornia clamps without any gradient outside.
"""

from typing import Any

import torch
from torch import Tensor

OUTSIDE = 0.1


class _SoftClamp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        ctx.save_for_backward(image)
        return image.clamp(0, 1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (image,) = ctx.saved_tensors
        return torch.where((image >= 0) & (image <= 1), gradients[0], OUTSIDE * gradients[0])


def soft_clamp(image: Tensor) -> Tensor:
    """Clamp to [0, 1] exactly, so that what is scored is what is written.

    A clipped pixel still passes a tenth of its gradient on, so that a solver can find its way back.
    """
    clamped: Tensor = _SoftClamp.apply(image)
    return clamped

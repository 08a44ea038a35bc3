"""From a photo to a network's input: the whole frame resized, then ImageNet's mean and deviation."""

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.resize import SHORTEST, fit_whole

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class Prepare(nn.Module):
    """`(B, 3, H, W)`, sRGB [0, 1] -> `(B, 3, h, w)` with long side `side`, `(x - mean) / deviation`.

    Mean and deviation are buffers: they move with the model, and are not part of its weights.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        if side < SHORTEST:
            raise UsageError(f"expected a side of at least {SHORTEST} px, got {side}")
        self.side = side
        shape = (1, 3, 1, 1)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(shape), persistent=False)
        self.register_buffer("deviation", torch.tensor(IMAGENET_DEVIATION).view(shape), persistent=False)

    @property
    def version(self) -> str:
        """One line that names this preparation; it enters the fingerprint of a model."""
        return f"whole frame, long side {self.side}, ImageNet statistics, version 1"

    def forward(self, image: Tensor) -> Tensor:
        """See the class. An image of another precision is taken, and answered in the model's."""
        return (fit_whole(image.to(self.mean.dtype), self.side) - self.mean) / self.deviation

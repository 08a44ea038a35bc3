"""From a photo to a network's input: the whole frame resized, then mean and deviation taken out."""

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.resize import SHORTEST, fit_whole, resize

Colour = tuple[float, float, float]
IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION: Colour = (0.229, 0.224, 0.225)


class Normalise(nn.Module):
    """`(B, 3, H, W)`, sRGB [0, 1] -> `(x - mean) / deviation` per channel, at its own size.

    Mean and deviation are buffers: they move with the model, and are not part of its weights. An image of
    another precision is taken, and answered in the model's.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Colour = IMAGENET_MEAN, deviation: Colour = IMAGENET_DEVIATION) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        return (image.to(self.mean.dtype) - self.mean) / self.deviation


class AspectResize(Normalise):
    """The shape kept, the long side brought to `side` by `fit_whole`, then `Normalise`.

    Sides are multiples of 8, as in training: two rows more or less at the edge of a coarse map are seen as
    something else, and cost a score .05 of its rho.
    """

    step = 8

    def __init__(
        self, side: int, mean: Colour = IMAGENET_MEAN, deviation: Colour = IMAGENET_DEVIATION
    ) -> None:
        super().__init__(mean, deviation)
        self.side = checked_side(side)
        usual = (mean, deviation) == (IMAGENET_MEAN, IMAGENET_DEVIATION)
        self._statistics = "ImageNet statistics" if usual else f"mean {mean}, deviation {deviation}"

    @property
    def version(self) -> str:
        """One line that names this preparation; it enters the fingerprint of a model."""
        return f"whole frame, long side {self.side}, in steps of {self.step}, {self._statistics}, version 2"

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        return super().forward(fit_whole(image.to(self.mean.dtype), self.side, self.step))


class SquareResize(Normalise):
    """The whole frame squashed to `side` x `side` pixels, then `Normalise`."""

    def __init__(
        self, side: int, mean: Colour = IMAGENET_MEAN, deviation: Colour = IMAGENET_DEVIATION
    ) -> None:
        super().__init__(mean, deviation)
        self.side = checked_side(side)

    @property
    def version(self) -> str:
        """One line that names this preparation; it enters the fingerprint of a model."""
        mean, deviation = (" ".join(f"{x:.3f}" for x in t.flatten()) for t in (self.mean, self.deviation))
        return f"squashed to {self.side} x {self.side}, mean {mean}, deviation {deviation}, version 1"

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        image, size = image.to(self.mean.dtype), (self.side, self.side)
        return super().forward(image if image.shape[-2:] == size else resize(image, size))


def checked_side(side: int) -> int:
    """`side` itself, or `UsageError` below 32 px."""
    if side < SHORTEST:
        raise UsageError(f"expected a side of at least {SHORTEST} px, got {side}")
    return side

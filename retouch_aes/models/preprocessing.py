"""From a photo to a network's input: the whole frame resized, then mean and deviation taken out."""

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.resize import SHORTEST, fit_whole, resize, sides

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
        mean, deviation = (_in_words(values) for values in (self.mean, self.deviation))
        return f"squashed to {self.side} x {self.side}, mean {mean}, deviation {deviation}, version 1"

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        image, size = image.to(self.mean.dtype), (self.side, self.side)
        return super().forward(image if image.shape[-2:] == size else resize(image, size))


class EqualArea(Normalise):
    """The whole frame at about `side * side` pixels, whatever its shape, then `Normalise`.

    Sides are `32 k + 1`: then every layer of stride 2 meets an odd size and pads both ends alike, so that a
    photo and its mirror image are seen alike, and every shape of frame costs the same.
    """

    def __init__(
        self, side: int, mean: Colour = IMAGENET_MEAN, deviation: Colour = IMAGENET_DEVIATION
    ) -> None:
        super().__init__(mean, deviation)
        self.side = checked_side(side)

    @property
    def version(self) -> str:
        """One line that names this preparation; it enters the fingerprint of a model."""
        mean, deviation = (_in_words(values) for values in (self.mean, self.deviation))
        area = f"whole frame, {self.side} x {self.side} pixels in its own shape, sides 32 k + 1"
        return f"{area}, mean {mean}, deviation {deviation}, version 1"

    def size_of(self, height: int, width: int) -> tuple[int, int]:
        """The size at which a photo of `height` x `width` pixels is seen."""
        scale = self.side / (height * width) ** 0.5
        longest = self.side * self.side // SHORTEST
        tall, wide = (min(max(1, round((n * scale - 1) / 32)), longest // 32) for n in (height, width))
        return 32 * tall + 1, 32 * wide + 1

    def resized(self, image: Tensor) -> Tensor:
        """`image` `(B, 3, H, W)` at the size at which it is seen, not yet normalised."""
        image, shape = image.to(self.mean.dtype), sides(image)
        size = self.size_of(*shape)
        return image if shape == size else resize(image, size)

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        return super().forward(self.resized(image))


def checked_side(side: int) -> int:
    """`side` itself, or `UsageError` below 32 px."""
    if side < SHORTEST:
        raise UsageError(f"expected a side of at least {SHORTEST} px, got {side}")
    return side


def _in_words(values: Tensor) -> str:
    return " ".join(f"{value:.3f}" for value in values.flatten().tolist())

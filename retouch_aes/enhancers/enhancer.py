"""The contract of an enhancement network: a photo in, a photo out, trained by any loss on its output.

    forward((B, 3, H, W), sRGB [0, 1]) -> (B, 3, H, W), sRGB, about [0, 1]

`forward` sees whole photos and lets gradients through; what it gives may leave [0, 1] a little, and whoever
uses it clamps. `enhance` applies a network of this shape to a photo of any size.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.color.clamp import soft_clamp
from retouch_aes.devices import check_device
from retouch_aes.enhancers.full_size import FullSize, name_of
from retouch_aes.enhancers.low_resolution import LowResolution
from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.operators import Stats


class Enhancer(nn.Module, ABC):
    """A network that maps photos to enhanced photos: `(B, 3, H, W)`, sRGB [0, 1] -> the same shape.

    A subclass defines `short_name` and `forward`; `testing.check_enhancer` says whether it keeps the
    contract.

    Attributes:
        short_name: As the command line and weight files write it.
        version: Of its weights' layout.
        doc: What it is, with its paper.
        full_size: How it meets a large photo: by tiles, by what is measured on a small copy, or by a
            low-resolution answer that is carried over.
        multiple: A number that both sides must divide by; the border is repeated where they do not.
        differentiable: A loss on the output teaches the weights; a network of another kind takes a `judge` in
            `learn`.

    Examples:
        >>> import torch
        >>> from retouch_aes import Enhancer, enhance
        >>> class Gain(Enhancer):
        ...     short_name = "gain"
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.gain = torch.nn.Parameter(torch.tensor(2.0))
        ...     def forward(self, image):
        ...         return image * self.gain
        >>> round(float(enhance(Gain(), torch.full((1, 3, 8, 8), 0.2)).mean()), 3)
        0.4
    """

    short_name: ClassVar[str]
    version: ClassVar[int] = 1
    doc: ClassVar[str] = ""
    full_size: FullSize = LowResolution()
    multiple: int = 1
    differentiable: ClassVar[bool] = True

    @abstractmethod
    def forward(self, image: Tensor) -> Tensor:
        """Enhance whole photos; gradients flow.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].

        Returns:
            The same shape, about [0, 1].
        """

    def learn(self, image: Tensor, target: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """One step of its authors' training.

        Here: the mean absolute difference. A network with losses of its own says so.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].
            target: What should become of it, of the same shape.

        Returns:
            What it makes of `image`, and its losses by name, scalars each.
        """
        enhanced = self(image)
        return enhanced, {"pairs": F.l1_loss(enhanced, target)}

    @property
    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The network that a `config` describes, with random weights.

        Args:
            config: What the property gave.

        Returns:
            A new network.
        """
        return cls(**config)

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """The network with the weights that its authors published.

        Args:
            path: Their file.

        Returns:
            A new network.

        Raises:
            WeightsError: They published none, or the file is another one.
        """
        raise WeightsError(f"{path}: the authors of {cls.short_name} published no checkpoint; train it first")


class MeasuredEnhancer(Enhancer):
    """A network that measures the frame and then acts on every pixel; see `measured`."""

    @abstractmethod
    def measure(self, image: Tensor) -> Stats:
        """Look at the whole frame `(B, 3, H, W)`; gradients flow."""

    @abstractmethod
    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """Act on the frame, or on the part of it that `stats.tile` names."""

    def forward(self, image: Tensor) -> Tensor:
        """See `Enhancer.forward`."""
        return self.edit(image, self.measure(image))


def enhance(
    network: nn.Module, image: Tensor, *, strength: float = 1.0, full_size: FullSize | None = None
) -> Tensor:
    """What a network makes of photos of any size; without gradients.

    Args:
        network: An `Enhancer`, or any module of that shape.
        image: `(B, 3, H, W)`, sRGB [0, 1].
        strength: 0 gives the photo back, 1 the network's answer; a blend of both between.
        full_size: The way to full size; None for what the network declares, else `LowResolution`.

    Returns:
        `(B, 3, H, W)` in [0, 1].

    Raises:
        UsageError: The network does not take such a photo; both shapes are named.

    Examples:
        >>> import torch
        >>> from retouch_aes import enhance
        >>> image = torch.rand(1, 3, 40, 60)
        >>> torch.equal(enhance(torch.nn.Identity(), image, strength=0.0), image)
        True
    """
    if image.ndim != 4 or image.shape[1] != 3:
        raise UsageError(f"expected an image (B, 3, H, W) in sRGB [0, 1], got {tuple(image.shape)}")
    if not 0 <= strength < float("inf"):
        raise UsageError(f"expected a strength of 0 or more, got {strength:g}")
    check_device(image, network)
    if strength == 0:
        return image
    way = full_size or getattr(network, "full_size", None) or LowResolution()
    if not isinstance(way, FullSize):
        raise UsageError(f"{name_of(network)}: expected full_size to be a FullSize, got {way!r}")
    with torch.no_grad():
        after = way.run(network, image)
        return soft_clamp(after if strength == 1 else torch.lerp(image, after, strength))

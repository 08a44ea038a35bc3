"""What a network body promises: a normalised photo in, maps at falling resolution out."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.models.preprocessing import IMAGENET_DEVIATION, IMAGENET_MEAN, Colour

Maps = tuple[Tensor, Tensor, Tensor]


class Backbone(nn.Module, ABC):
    """`forward((B, 3, H, W), normalised) -> ` feature maps `(B, C, h, w)`, finest first.

    Attributes:
        name: What `models.backbones.make_backbone` builds it from, such as `compact` or `timm:resnet18`.
        channels: The widths of the maps.
        strides: Pixels of the image for one position of each map.
        attention_channels: The widths of `(Z1, Z2, Z3)`, see `attended`.
        mean: Of the images it was trained on, in sRGB [0, 1]: `(image - mean) / deviation` goes in.
        deviation: The like.
        side: Long side in pixels that it was trained for.
        fixed: Whether it takes `side` x `side` pixels and nothing else.
        autocast: A 16-bit type for training on a GPU: the maps are computed in mixed precision and leave it
            in float32.
        quick: How it looks where a gradient to the pixels is asked for, as a search does on a GPU; None for
            as always.

    A backbone that is not `fixed` takes any size from 32 x 32 pixels. It treats each photo of a batch alone
    (in evaluation mode), and never touches the network.
    """

    name: str = ""
    channels: tuple[int, ...]
    strides: tuple[int, ...]
    attention_channels: tuple[int, int, int]
    mean: Colour = IMAGENET_MEAN
    deviation: Colour = IMAGENET_DEVIATION
    side: int = 224
    fixed: bool = False
    autocast: torch.dtype | None = None
    quick: Callable[[Tensor], tuple[Tensor, ...]] | None = None

    def __call__(self, image: Tensor) -> tuple[Tensor, ...]:
        """`forward`, in the precision of `autocast`, or by `quick`."""
        if self.quick is not None and image.requires_grad and torch.is_grad_enabled():
            return self.quick(image)
        return self.look(image, self.autocast)

    def look(self, image: Tensor, precision: torch.dtype | None) -> tuple[Tensor, ...]:
        """`forward` in a 16-bit `precision`; None for that of the weights. The maps are float32."""
        with torch.autocast(image.device.type, precision, enabled=precision is not None):
            maps: tuple[Tensor, ...] = super().__call__(image)
        return maps if precision is None else tuple(one.float() for one in maps)

    @abstractmethod
    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Feature maps of a normalised `image` `(B, 3, H, W)`, finest first."""

    def attended(self, maps: tuple[Tensor, ...]) -> Maps:
        """`(Z1, Z2, Z3)` out of what `forward` returned: `Z1`, `Z2` are attended, `Z3` says where to look.

        Unless a backbone knows better: the two deepest maps, and the deepest max-pooled by two.
        """
        return maps[max(-2, -len(maps))], maps[-1], F.max_pool2d(maps[-1], 2, ceil_mode=True)

    def declare(self, channels: tuple[int, ...], strides: tuple[int, ...]) -> None:
        """Set `channels`, `strides` and, for `attended` as it is here, `attention_channels`."""
        self.channels, self.strides = channels, strides
        self.attention_channels = (channels[max(-2, -len(channels))], channels[-1], channels[-1])

    def attention_maps(self, image: Tensor) -> Maps:
        """`(Z1, Z2, Z3)` of a normalised `image` `(B, 3, H, W)`."""
        return self.attended(self.forward(image))

    @property
    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The arguments that build this backbone again."""

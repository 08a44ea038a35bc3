"""What a network body promises: a normalised photo in, maps at falling resolution out."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

Maps = tuple[Tensor, Tensor, Tensor]


class Backbone(nn.Module, ABC):
    """`forward((B, 3, H, W), normalised) -> ` feature maps `(B, C, h, w)`, finest first.

    `channels` are the widths of those maps. `attended` picks of them the `(Z1, Z2, Z3)` that attention
    works on, of widths `attention_channels`: `Z1` and `Z2` are attended, `Z3` says where to look. A
    backbone takes any size from 32 x 32 pixels, treats each photo of a batch alone, and never touches the
    network. `config` holds the constructor's arguments, ready for JSON. With `autocast` set to a 16-bit type,
    for training on a GPU, the maps are computed in mixed precision and leave it in float32.
    """

    autocast: torch.dtype | None = None

    channels: tuple[int, ...]
    attention_channels: tuple[int, int, int]

    def __call__(self, image: Tensor) -> tuple[Tensor, ...]:
        """`forward`, in the precision of `autocast`."""
        with torch.autocast(image.device.type, self.autocast, enabled=self.autocast is not None):
            maps: tuple[Tensor, ...] = super().__call__(image)
        return maps if self.autocast is None else tuple(one.float() for one in maps)

    @abstractmethod
    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Feature maps of a normalised `image` `(B, 3, H, W)`, finest first."""

    @abstractmethod
    def attended(self, maps: tuple[Tensor, ...]) -> Maps:
        """`(Z1, Z2, Z3)` out of what `forward` returned."""

    def attention_maps(self, image: Tensor) -> Maps:
        """`(Z1, Z2, Z3)` of a normalised `image` `(B, 3, H, W)`."""
        return self.attended(self.forward(image))

    @property
    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The arguments that build this backbone again."""

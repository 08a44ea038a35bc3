"""A pretrained backbone as a teacher: frozen for good, open to the image."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbones import pretrained_backbone
from retouch_aes.models.preprocessing import Normalise
from retouch_aes.models.published import is_library_name
from retouch_aes.models.resize import resize
from retouch_aes.models.torchvision_backbone import TorchvisionBackbone


class FrozenBackbone(nn.Module):
    """`backbone` with its weights and statistics as they are; a gradient passes to the image."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.normalise = Normalise(backbone.mean, backbone.deviation)
        self.backbone = backbone
        self.channels = backbone.channels
        self.requires_grad_(False).eval().to(memory_format=torch.channels_last)

    @classmethod
    def load(cls, source: str | Path, *, strides: Sequence[int] | None = None) -> "FrozenBackbone":
        """From `torchvision:NAME` or `timm:NAME`, or from a file of MobileNetV2 under torchvision's names.

        `WeightsError` where the weights are not there or do not fit.
        """
        if is_library_name(str(source)):
            return cls(pretrained_backbone(str(source), strides=strides))
        backbone = TorchvisionBackbone("mobilenet_v2", strides=strides)
        backbone.load_torchvision(source)
        return cls(backbone)

    def train(self, mode: bool = True) -> "FrozenBackbone":  # noqa: ARG002
        """Stay in evaluation mode: the batch statistics are those of the published weights."""
        return super().train(False)

    def maps(self, image: Tensor) -> tuple[Tensor, ...]:
        """`(B, 3, H, W)`, sRGB [0, 1], at its own size -> the backbone's maps, finest first.

        For a backbone of fixed size the image is squashed to it.
        """
        if self.backbone.fixed:
            image = resize(image, (self.backbone.side, self.backbone.side))
        x: Tensor = self.normalise(image).contiguous(memory_format=torch.channels_last)
        maps: tuple[Tensor, ...] = self.backbone(x)
        return maps

    def pooled(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` -> the mean of the last map, `(B, C)`, without gradient."""
        with torch.no_grad():
            return self.maps(image)[-1].mean((-2, -1))

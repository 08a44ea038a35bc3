"""ImageNet's MobileNetV2 as a teacher: its feature maps, frozen (Sandler et al., CVPR 2018)."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v2

from retouch_aes.models.files import load_into, read_tensors
from retouch_aes.models.preprocessing import Normalise, checked_side
from retouch_aes.models.resize import fit_whole

_TAPS = (6, 13, 18)


class TeacherFeatures(nn.Module):
    """Feature maps after the blocks 6, 13 and 18 (strides 8, 16, 32), from a local file.

    `path` is a safetensors file under torchvision's names for `mobilenet_v2`; else `WeightsError`. The
    weights are frozen, but a gradient passes to the image.
    """

    channels = (32, 96, 1280)

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        network = mobilenet_v2(weights=None)
        load_into(network, read_tensors(path), path)
        self.normalise = Normalise()
        self.blocks = network.features
        self.requires_grad_(False).eval().to(memory_format=torch.channels_last)

    def train(self, mode: bool = True) -> "TeacherFeatures":  # noqa: ARG002
        """Stay in evaluation mode: the batch statistics are ImageNet's."""
        return super().train(False)

    def maps(self, image: Tensor) -> tuple[Tensor, ...]:
        """`(B, 3, H, W)`, sRGB [0, 1], at its own size -> maps of 32, 96 and 1280 channels."""
        x: Tensor = self.normalise(image).contiguous(memory_format=torch.channels_last)
        found = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in _TAPS:
                found.append(x)
        return tuple(found)

    def pooled(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` -> the mean of the last map, `(B, 1280)`, without gradient."""
        with torch.no_grad():
            return self.maps(image)[-1].mean((-2, -1))


class TeacherBody(nn.Module):
    """The teacher as a frozen body: the whole photo at `side` px, the last map's mean over positions."""

    feature_size = TeacherFeatures.channels[-1]

    def __init__(self, path: str | Path, side: int = 224) -> None:
        super().__init__()
        self.side = checked_side(side)
        self.teacher = TeacherFeatures(path)

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared, with the version of it."""
        return f"whole frame, long side {self.side}, ImageNet statistics, version 1"

    def features(self, image: Tensor) -> Tensor:
        """`(B, 1280)` of `image` `(B, 3, H, W)`, sRGB [0, 1], with a gradient to the image."""
        return self.maps(image).mean((-2, -1))

    def maps(self, image: Tensor) -> Tensor:
        """The last map, `(B, 1280, h, w)`, at a 32nd of the size."""
        return self.teacher.maps(fit_whole(image, self.side))[-1]

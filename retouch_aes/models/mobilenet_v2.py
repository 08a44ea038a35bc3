"""ImageNet's MobileNetV2 as a teacher: its feature maps, frozen (Sandler et al., CVPR 2018)."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import mobilenet_v2

from retouch_aes.errors import WeightsError
from retouch_aes.models.prepare import Prepare

_TAPS = (6, 13, 18)


class TeacherFeatures(nn.Module):
    """Feature maps after the blocks 6, 13 and 18 (strides 8, 16, 32), from a local file, without gradient.

    `path` is a safetensors file under torchvision's names for `mobilenet_v2`. Raises `WeightsError`.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        network = mobilenet_v2(weights=None)
        try:
            network.load_state_dict(load_file(path))
        except (OSError, SafetensorError, RuntimeError) as error:
            raise WeightsError(f"{path}: expected torchvision's mobilenet_v2 as safetensors ({error})") from error
        self.blocks = network.features
        self.requires_grad_(False).eval().to(memory_format=torch.channels_last)

    def train(self, mode: bool = True) -> "TeacherFeatures":  # noqa: ARG002
        """Stay in evaluation mode: the batch statistics are ImageNet's."""
        return super().train(False)

    def maps(self, image: Tensor) -> tuple[Tensor, ...]:
        """`(B, 3, H, W)`, sRGB [0, 1], at its own size -> maps of 32, 96 and 1280 channels."""
        found = []
        x = (image.contiguous(memory_format=torch.channels_last) - _STATISTICS.mean) / _STATISTICS.deviation
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in _TAPS:
                found.append(x)
        return tuple(found)

    def pooled(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` -> the mean of the last map, `(B, 1280)`."""
        with torch.no_grad():
            return self.maps(image)[-1].mean((-2, -1))


_STATISTICS = Prepare(224)

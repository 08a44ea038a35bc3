"""torchvision's convolutional networks as backbones, under torchvision's own names of tensors.

Every network that runs its layers one after the other until it pools: VGG, MobileNet, ResNet, EfficientNet,
ConvNeXt, DenseNet, RegNet, SqueezeNet, ... No constructor touches the network; `load_torchvision` reads a
file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone, Maps
from retouch_aes.models.files import load_into, read_weights
from retouch_aes.models.taps import chosen_taps, measured_maps

PREFIX = "torchvision:"
_MEASURED_AT = 128
_AFTER_THE_MAPS = ("avgpool", "classifier", "fc", "AuxLogits", "head")


class TorchvisionBackbone(Backbone):
    """`local` is torchvision's name, such as `vgg16`; random weights.

    `strides` chooses the maps; None: 8, 16 and 32. Each is the output of the last layer of its resolution, so
    for VGG16: after the ReLU of the 10th convolution (conv4_3), after that of the 13th (conv5_3), and that
    max-pooled, which are Zhang's `(Z1, Z2, Z3)`; for MobileNetV2 after the blocks 6, 13 and 18.
    """

    def __init__(self, local: str, *, strides: Sequence[int] | None = None) -> None:
        super().__init__()
        self.name = PREFIX + local
        layers, prefix = torchvision_layers(local)
        if prefix:
            self.add_module(prefix, layers)
        else:
            for name, layer in layers.named_children():
                self.add_module(name, layer)
        self._prefix = prefix
        try:
            found = measured_maps(self, self._all_maps, _MEASURED_AT)
        except (RuntimeError, ValueError, IndexError, TypeError):
            raise UsageError(
                f"torchvision's {local} does not run its layers in a row, so it has no maps here; take it "
                f"from timm: timm:{local}"
            ) from None
        taps = chosen_taps(found, strides, self.name)
        self._taps = [index for index, _, _ in taps]
        self.declare(tuple(width for _, width, _ in taps), tuple(stride for _, _, stride in taps))
        self._ends_in_pooling = isinstance(self._layers()[self._taps[-1]], nn.MaxPool2d)
        if self._ends_in_pooling and len(taps) > 2:
            self.attention_channels = (self.channels[-3], self.channels[-2], self.channels[-1])

    @property
    def config(self) -> dict[str, Any]:
        """The strides."""
        return {"strides": list(self.strides)}

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """The maps of a normalised `image` `(B, 3, H, W)`, finest first."""
        maps, x = [], image
        for index, layer in enumerate(self._layers()[: self._taps[-1] + 1]):
            x = layer(x)
            if index in self._taps:
                maps.append(x)
        return tuple(maps)

    def attended(self, maps: tuple[Tensor, ...]) -> Maps:
        """The three deepest maps as they are where the last is a pooled one, as in VGG; else `Backbone`'s."""
        return (
            (maps[-3], maps[-2], maps[-1])
            if self._ends_in_pooling and len(maps) > 2
            else super().attended(maps)
        )

    def load_torchvision(self, path: str | Path) -> None:
        """Take weights under torchvision's names, from a `.pth` (no code is run) or a safetensors file.

        The classifier is left aside. `WeightsError` tells what is wrong with the file otherwise.
        """
        self.load_tensors(read_weights(path), path)

    def load_tensors(self, tensors: Mapping[str, Tensor], path: str | Path) -> None:
        """Take `tensors` under torchvision's names, read from `path`."""
        rest = tuple(f"{name}." for name in _AFTER_THE_MAPS)
        load_into(self, {key: value for key, value in tensors.items() if not key.startswith(rest)}, path)

    def _layers(self) -> list[nn.Module]:
        if self._prefix:
            return list(self.get_submodule(self._prefix).children())
        return list(self.children())

    def _all_maps(self, image: Tensor) -> list[Tensor]:
        maps = []
        for layer in self._layers():
            image = layer(image)
            maps.append(image)
        return maps


def torchvision_layers(local: str) -> tuple[nn.Sequential, str]:
    """torchvision's layers before it pools, random weights, and their attribute (empty: the network's)."""
    from torchvision.models import get_model_builder

    name = local.partition(".")[0]
    try:
        builder = get_model_builder(name)
    except ValueError:
        raise UsageError(
            f"torchvision has no model {name!r}; list_models('torchvision:*') names them"
        ) from None
    heavy = name.startswith(
        ("vgg", "alexnet")
    )  # to draw their 100 million weights of a classifier takes seconds
    with torch.device("meta" if heavy else "cpu"):
        network = builder(weights=None)
    for prefix in ("features", "layers"):
        layers = getattr(network, prefix, None)
        if isinstance(layers, nn.Sequential):
            return (_started(layers) if heavy else layers), prefix
    children = {key: layer for key, layer in network.named_children() if key not in _AFTER_THE_MAPS}
    whole = nn.Sequential()
    for key, layer in children.items():
        whole.add_module(key, layer)
    return whole, ""


def _started(layers: nn.Sequential) -> nn.Sequential:
    """Layers without storage -> with He's initialisation, as torchvision gives them."""
    layers.to_empty(device="cpu")
    for layer in layers.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
    return layers

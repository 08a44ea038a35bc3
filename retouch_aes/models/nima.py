"""NIMA (Talebi & Milanfar, 2018): the plainest scorer. Pooled features, dropout, ten rating bins.

    p = softmax(W dropout(mean_positions(trunk(x))) + b),   score = sum_i i * p_i

The whole photo is squashed to 224 x 224, so that the shape of the frame is lost, but nothing of its content.
Trained with the earth mover's distance. Left out: the fully connected layers of VGG16.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.files import load_into, read_tensors
from retouch_aes.models.heads import rating_distribution, rating_head
from retouch_aes.models.mobilenet_v1 import WIDTH, MobileNetV1, from_flat_names
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.preprocessing import IMAGENET_DEVIATION, IMAGENET_MEAN, Colour, SquareResize
from retouch_aes.models.torchvision_backbone import torchvision_layers


class Trunk(NamedTuple):
    """A body with random weights, the channels it ends in, and the statistics it expects."""

    build: Callable[[], nn.Module]
    width: int
    mean: Colour = IMAGENET_MEAN
    deviation: Colour = IMAGENET_DEVIATION


TRUNKS = {
    "mobilenet_v1": Trunk(MobileNetV1, WIDTH, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "mobilenet_v2": Trunk(lambda: torchvision_layers("mobilenet_v2")[0], 1280),
    "vgg16": Trunk(lambda: torchvision_layers("vgg16")[0], 512),
}


class NIMA(AestheticModel):
    """NIMA over one of `TRUNKS`, with random weights. `dropout` acts in training only."""

    short_name: ClassVar[str] = "nima"
    version: ClassVar[int] = 1

    def __init__(self, trunk: str = "mobilenet_v2", *, side: int = 224, dropout: float = 0.75) -> None:
        super().__init__()
        if trunk not in TRUNKS:
            raise UsageError(f"expected a trunk out of {', '.join(TRUNKS)}, got {trunk!r}")
        chosen = TRUNKS[trunk]
        self.config: dict[str, Any] = {"trunk": trunk, "side": side, "dropout": dropout}
        self.prepare = SquareResize(side, chosen.mean, chosen.deviation)
        self.trunk = chosen.build()
        self.dropout = nn.Dropout(dropout)
        self.feature_size = chosen.width
        self.head = rating_head(chosen.width)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "NIMA":
        """The model that `config` describes, with random weights."""
        return cls(**config)

    @classmethod
    def mobilenet_v1(cls, path: str | Path) -> "NIMA":
        """The widely used NIMA on MobileNetV1, from a safetensors file; in evaluation mode.

        The file holds `convs.0` to `convs.26` in the order of the layers, batch normalisation folded, and
        `classifier`, the ten bins. `WeightsError` for any other file.
        """
        model = cls("mobilenet_v1")
        tensors = {}
        for name, tensor in read_tensors(path).items():
            local = name.replace("classifier.", "head.") if name.startswith("classifier.") else ""
            tensors[local or f"trunk.{from_flat_names(name)}"] = tensor
        load_into(model, tensors, path)
        return model.eval()

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared, with the version of it."""
        return self.prepare.version

    def features(self, image: Tensor) -> Tensor:
        """The trunk's mean over positions, `(B, feature_size)`, of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        maps: Tensor = self.trunk(self.prepare(image))
        return maps.mean((-2, -1))

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return rating_distribution(self.head(self.dropout(self.features(image))))

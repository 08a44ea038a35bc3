"""A person's small network as a model of photos: the generic backbone, condensed maps, the network."""

import copy

from torch import Tensor, nn

from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import AestheticModel
from retouch_aes.papers.common.condense import CondensedMaps


class MapsModel(AestheticModel):
    """`network` on the condensed maps of `generic`'s backbone; frozen copies, in evaluation mode."""

    def __init__(self, generic: EMDAttention, condense: CondensedMaps, network: nn.Module, name: str) -> None:
        super().__init__()
        self.name = name
        self.prepare = generic.prepare
        self.backbone = copy.deepcopy(generic.backbone)
        self.condense = copy.deepcopy(condense)
        self.network = copy.deepcopy(network)
        self.requires_grad_(False).eval()

    @property
    def preprocessing(self) -> str:
        """That of the generic model, and the method."""
        return f"{self.prepare.version}; {self.name} on {self.condense.grid} x {self.condense.grid} positions"

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        found: Tensor = self.network(self.condense(self.backbone(self.prepare(image))))
        return found

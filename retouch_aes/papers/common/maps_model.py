"""A person's small network as a model of photos: the generic backbone, condensed maps, the network."""

import copy
from typing import Any, ClassVar

from torch import Tensor, nn

from retouch_aes.models.model import AestheticModel
from retouch_aes.models.nested import nested_config, nested_model
from retouch_aes.papers.common.condense import CondensedMaps
from retouch_aes.papers.common.described import build, describe


class MapsModel(AestheticModel):
    """`network` on the condensed maps of `generic`, a `MapModel`; frozen copies, in evaluation mode."""

    short_name: ClassVar[str] = "maps-model"
    version: ClassVar[int] = 1

    def __init__(
        self, generic: AestheticModel, condense: CondensedMaps, network: nn.Module, name: str
    ) -> None:
        super().__init__()
        self.name = name
        self.generic = copy.deepcopy(generic)
        self.condense = copy.deepcopy(condense)
        self.network = copy.deepcopy(network)
        self.requires_grad_(False).eval()

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON. `UsageError` where a part has none."""
        return {
            "generic": nested_config(self.generic),
            "condense": describe(self.condense),
            "network": describe(self.network),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MapsModel":
        """The model that `config` describes; its numbers are empty."""
        generic, condense = nested_model(config["generic"]), build(config["condense"])
        return cls(generic, condense, build(config["network"]), str(config["name"]))

    @property
    def preprocessing(self) -> str:
        """That of the generic model, and the method."""
        grid = self.condense.grid
        return f"{self.generic.preprocessing}; {self.name} on {grid} x {grid} positions"

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        generic: Any = self.generic
        found: Tensor = self.network(self.condense(generic.maps(image)))
        return found

"""Every backbone by name: ours, torchvision's and timm's; and those with published weights.

`compact`, `torchvision:NAME`, `timm:NAME`. `make_backbone` has random weights and needs no file;
`pretrained_backbone` takes the weights from the user's cache and says the line that fetches them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.fetched import find_fetched
from retouch_aes.models.files import read_weights
from retouch_aes.models.published import TIMM, full_name, is_library_name, split_name
from retouch_aes.models.timm_backbone import TimmBackbone
from retouch_aes.models.torchvision_backbone import TorchvisionBackbone

BACKBONES: dict[str, Callable[..., Backbone]] = {"compact": CompactBackbone}
OLD_NAMES = {"vgg16": "torchvision:vgg16"}
"""What files of earlier versions call them."""


def make_backbone(name: str, **settings: Any) -> Backbone:
    """The backbone `name` with random weights; `settings` are its `config`. `UsageError` for others."""
    name = OLD_NAMES.get(name, name)
    if name in BACKBONES:
        return BACKBONES[name](**settings)
    if not is_library_name(name):
        raise UsageError(
            f"expected a backbone out of {', '.join(BACKBONES)}, torchvision:NAME and timm:NAME, got {name!r}"
        )
    library, local = split_name(name)
    return TimmBackbone(local, **settings) if library == TIMM else TorchvisionBackbone(local, **settings)


def backbone_config(backbone: Backbone) -> dict[str, Any]:
    """Name and settings that `make_backbone` builds `backbone` from. `UsageError` for one from elsewhere."""
    known = isinstance(backbone, TimmBackbone | TorchvisionBackbone)
    if not known and BACKBONES.get(backbone.name) is not type(backbone):
        raise UsageError(f"{type(backbone).__name__} is no backbone of this library, so it has no config")
    return {"name": backbone.name, **backbone.config}


def pretrained_backbone(
    name: str, *, strides: Sequence[int] | None = None
) -> TimmBackbone | TorchvisionBackbone:
    """`torchvision:NAME` or `timm:NAME` with its published weights, in evaluation mode, on the CPU.

    Raises:
        UsageError: The library has no such model, or no maps of these strides.
        WeightsError: The weights are not in the cache, or damaged.
    """
    whole = full_name(name)
    found = find_fetched(whole)
    library, local = split_name(whole)
    backbone: TimmBackbone | TorchvisionBackbone
    backbone = (TimmBackbone if library == TIMM else TorchvisionBackbone)(local, strides=strides)
    backbone.load_tensors(read_weights(found.path), found.path)
    backbone.eval()
    return backbone

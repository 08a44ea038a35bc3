"""timm's networks as backbones: `TimmBackbone("resnet18")`. timm is imported here, when one is built.

timm (https://github.com/huggingface/pytorch-image-models, the extra `[timm]`) holds over a thousand networks
under one interface; mean, deviation and side are those it states for the weights. No constructor touches the
network: weights come from `load_tensors`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.published import import_timm, timm_about
from retouch_aes.models.taps import chosen_taps, measured_maps

PREFIX = "timm:"
_MEASURED_AT = 128


class TimmBackbone(Backbone):
    """`local` is timm's name, with the tag of the weights whose mean, deviation and side are meant.

    `strides` chooses the maps; None: 8, 16 and 32 where there are any of them. The deepest is what timm calls
    the features (after the last 1x1 convolution of an EfficientNet, say). Random weights.
    """

    def __init__(self, local: str, *, strides: Sequence[int] | None = None) -> None:
        super().__init__()
        about = timm_about(local)
        self.name = PREFIX + local
        self.local = local
        self._build(None)
        if not hasattr(self.body, "forward_intermediates"):
            raise UsageError(f"timm's {local} gives no feature maps; take another network")
        if about is not None:
            self.mean, self.deviation = tuple(about.mean), tuple(about.std)
            self.side, self.fixed = int(about.input_size[-1]), bool(about.fixed_input_size)
        found = measured_maps(self, self._all_maps, self.side if self.fixed else _MEASURED_AT)
        taps = chosen_taps(found, strides, self.name)
        self._taps = [index for index, _, _ in taps]
        self.declare(tuple(width for _, width, _ in taps), tuple(stride for _, _, stride in taps))

    @property
    def config(self) -> dict[str, Any]:
        """The strides."""
        return {"strides": list(self.strides)}

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """The maps of a normalised `image` `(B, 3, H, W)`, finest first."""
        maps = self._all_maps(image)
        return tuple(maps[index] for index in self._taps)

    def load_tensors(self, tensors: Mapping[str, Tensor], path: str | Path) -> None:
        """Take a published state dictionary, read from `path`, through timm's own translation of names.

        `WeightsError` where it does not fit, name by name.
        """
        try:
            self._build(dict(tensors))
        except (RuntimeError, KeyError, ValueError, AttributeError, TypeError) as error:
            first = " ".join(str(error).split())[:300]
            raise WeightsError(f"{path} does not fit timm's {self.local}: {first}") from None

    def _build(self, tensors: dict[str, Tensor] | None) -> None:
        import timm

        given: dict[str, Any] = {}
        if tensors is not None:
            given = {
                "pretrained": True,
                "pretrained_cfg_overlay": {"state_dict": tensors, "custom_load": False},
            }
        # with the classifier at first: timm checks names strictly only where the number of classes is the
        # published one
        body: Any = timm.create_model(self.local, **given)
        body.reset_classifier(0, "")
        self.body = body.train(self.training)

    def _all_maps(self, image: Tensor) -> list[Tensor]:
        network: Any = self.body
        features, maps = network.forward_intermediates(image, norm=True)
        maps = list(maps)
        if features.ndim == 4 and features.shape[-2:] == maps[-1].shape[-2:]:
            maps[-1] = features
        return maps


def timm_models(pattern: str) -> list[str]:
    """timm's names with tags that fit a pattern with `*` and `?`: those that weights are published for."""
    names: list[str] = import_timm().list_models(pattern, pretrained=True)
    return names

"""What scores on any `Backbone` have in common: how they are built again, prepare a photo, see its maps."""

from abc import abstractmethod
from typing import Any, Self

from torch import Tensor

from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbones import backbone_config, make_backbone
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.preprocessing import AspectResize, SquareResize


class BackboneScorer(AestheticModel):
    """A score of what a backbone sees. A subclass defines `distribution`, and `settings` to be stored.

    Args:
        backbone: A module, or a name as `make_backbone` takes it, then with random weights.
        side: Long side in pixels that a photo is resized to, by steps of 8; None: the backbone's own. A
            backbone of fixed size sees the photo squashed to it.
    """

    def __init__(self, backbone: Backbone | str, side: int | None = None) -> None:
        super().__init__()
        self.backbone = make_backbone(backbone) if isinstance(backbone, str) else backbone
        way = SquareResize if self.backbone.fixed else AspectResize
        self.prepare = way(side or self.backbone.side, self.backbone.mean, self.backbone.deviation)

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The constructor's arguments beside `backbone` and `side`, ready for JSON."""

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared, with the version of it."""
        return self.prepare.version

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"backbone": backbone_config(self.backbone), "side": self.prepare.side, **self.settings}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `config` describes, with random weights."""
        settings = dict(config)
        backbone = dict(settings.pop("backbone"))
        return cls(make_backbone(backbone.pop("name"), **backbone), **settings)

    def maps(self, image: Tensor) -> tuple[Tensor, ...]:
        """The backbone's maps, finest first, of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        maps: tuple[Tensor, ...] = self.backbone(self.prepare(image))
        return maps

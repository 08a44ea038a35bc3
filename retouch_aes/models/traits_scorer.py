"""A score with what a photo is like and what it shows: the networks of Ren et al. on one backbone.

    z = (features - centre) / scale                      features: those of `PooledScorer`
    score      = mean of softmax(head(features))         the generic aesthetics network
    attributes = A relu(S z)                             S: the last shared layer
    content    = softmax(C z)                            trained on the labels of k-means clusters

Ren et al., "Personalized Image Aesthetics" (ICCV 2017), 5.1: the attribute network is the generic one with
its earlier layers fixed; its last shared layer and the layers of prediction are trained for attributes and
score together. Theirs is an inception block; here it is a linear layer with a rectifier on the pooled
features of any backbone. Trained by `retouch_aes.papers.pam.training`; all of it is differentiable to the
pixels.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.pooled import PooledScorer


class TraitsScorer(PooledScorer):
    """A `PooledScorer` that also tells attributes and content.

    Args:
        backbone: As for `PooledScorer`.
        attributes: Names of the attributes, A of them.
        contents: How many clusters of content, K; 0 for none.
        shared: Units of the last shared layer.
        settings: `side`, `maps`, `deviations`, `hidden` of `PooledScorer`.
    """

    short_name: ClassVar[str] = "traits"
    version: ClassVar[int] = 1

    centre: Tensor
    scale: Tensor

    def __init__(
        self,
        backbone: Backbone | str,
        *,
        attributes: Sequence[str] = (),
        contents: int = 0,
        shared: int = 256,
        **settings: Any,
    ) -> None:
        super().__init__(backbone, **settings)
        if shared < 1 or contents < 0 or contents == 1:
            raise UsageError(f"expected a shared unit and 0 or 2 contents at least, got {shared}, {contents}")
        self.attribute_names, self.contents = tuple(attributes), contents
        self.register_buffer("centre", torch.zeros(self.feature_size))
        self.register_buffer("scale", torch.ones(self.feature_size))
        self.shared = nn.Sequential(nn.Linear(self.feature_size, shared), nn.ReLU())
        self.attribute_head = _linear(shared, len(self.attribute_names))
        self.joint_head = nn.Linear(shared, 1)
        self.content_head = _linear(self.feature_size, contents)

    @classmethod
    def over(
        cls, generic: PooledScorer, attributes: Sequence[str], contents: int, shared: int
    ) -> "TraitsScorer":
        """On the backbone and with the head of `generic`, which are shared; the rest has random weights."""
        rest = {name: value for name, value in generic.config.items() if name in _OF_POOLED}
        found = cls(generic.backbone, attributes=attributes, contents=contents, shared=shared, **rest)
        found.head = generic.head
        return found

    @property
    def settings(self) -> dict[str, Any]:
        """See `BackboneScorer`."""
        return {
            **super().settings,
            "attributes": list(self.attribute_names),
            "contents": self.contents,
            "shared": self.joint_head.in_features,
        }

    def standardised(self, features: Tensor) -> Tensor:
        """`z` `(B, D)` of `features` `(B, D)`."""
        return (features - self.centre.to(features)) / self.scale.to(features)

    def last_layer(self, features: Tensor) -> Tensor:
        """The last layer but one of the attribute network, `(B, shared)`, of `features` `(B, D)`."""
        found: Tensor = self.shared(self.standardised(features).to(self.joint_head.weight.dtype))
        return found

    def attributes(self, features: Tensor) -> Tensor:
        """`(B, A)` in the order of `attribute_names`, of `features` `(B, D)`; about -1 to 1."""
        found: Tensor = self.attribute_head(self.last_layer(features))
        return found

    def attributes_of(self, image: Tensor) -> Tensor:
        """`attributes` of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return self.attributes(self.features(image))

    def content(self, features: Tensor) -> Tensor:
        """Shares of the clusters `(B, K)`, rows sum to 1, of `features` `(B, D)`."""
        logits: Tensor = self.content_head(self.standardised(features).to(self.joint_head.weight.dtype))
        return logits.softmax(-1)


def _linear(inputs: int, outputs: int) -> nn.Linear:
    """A linear layer, also to nothing, which PyTorch does not draw without a warning."""
    layer = nn.Linear(inputs, max(1, outputs))
    if not outputs:
        layer.out_features = 0
        layer.weight, layer.bias = nn.Parameter(torch.zeros(0, inputs)), nn.Parameter(torch.zeros(0))
    return layer


_OF_POOLED = ("side", "maps", "deviations", "hidden")

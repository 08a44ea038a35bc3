"""A score that learns where to look: attention over two feature maps, ten rating bins.

Zhang et al., "Personalized Image Aesthetics Assessment via Joint Regression and Ranking": maps `Z1`, `Z2` of
a network and a coarse `Z3`; attention maps `A1`, `A2` from (`Z1`, `Z3`) and (`Z2`, `Z3`); the maps are
weighted, summed over space, concatenated, and a linear layer with softmax gives the distribution over the
scores 1..10. The attention has the form of Jetley et al., "Learn to Pay Attention" (ICLR 2018):

    G = upsample(W Z3)                 W: 1x1 convolution to the width of Z, size of Z
    A = softmax_positions(u . (Z + G))
    z = sum_positions A * Z

Trained with the earth mover's distance (`retouch_aes.losses.emd`). Left out: the dropout and the fully
connected layers of VGG16.
"""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbone_scorer import BackboneScorer
from retouch_aes.models.heads import full_precision, hidden_head, rating_distribution, rating_head


class SpatialAttention(nn.Module):
    """Maps `(B, C, h, w)` and guide `(B, D, k, l)` -> attended vector `(B, C)`."""

    def __init__(self, channels: int, guide_channels: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(guide_channels, channels, 1, bias=False)
        self.score = nn.Conv2d(channels, 1, 1, bias=False)
        nn.init.normal_(self.score.weight, std=0.01)

    def weights(self, maps: Tensor, guide: Tensor) -> Tensor:
        """The attention map `(B, 1, h, w)`; each photo's sums to 1."""
        # u . upsample(W Z3) = upsample(u . W Z3): one channel to upsample instead of all
        where = self.score(self.project(guide))
        where = F.interpolate(where, size=maps.shape[-2:], mode="bilinear", align_corners=False)
        scores: Tensor = self.score(maps) + where
        return full_precision(scores).flatten(1).softmax(1).view_as(scores)

    def forward(self, maps: Tensor, guide: Tensor) -> Tensor:
        """See the class."""
        return (maps * self.weights(maps, guide)).sum((-2, -1))


class MeanPooling(nn.Module):
    """The ablation without attention: `(B, C, h, w)` -> its mean over space `(B, C)`; the guide is unused."""

    def forward(self, maps: Tensor, guide: Tensor) -> Tensor:  # noqa: ARG002
        """See the class."""
        return maps.mean((-2, -1))


class EMDAttention(BackboneScorer):
    """Attention, ten bins and their mean, over any `Backbone`.

    `backbone` is a module or a name (`"compact"`, `"torchvision:vgg16"`, `"timm:resnet18"`, ...), then with
    random weights. A photo is prepared with the backbone's mean and deviation.
    `side` is the long side in pixels that a photo is resized to. `attention=False` averages the maps instead.
    `hidden` units, if any, stand between features and bins; the paper has none. With `means` the plain means
    of all the backbone's maps stand beside the attended vectors, finest first.
    """

    short_name: ClassVar[str] = "emd-attention"
    version: ClassVar[int] = 1

    def __init__(
        self,
        backbone: Backbone | str = "compact",
        *,
        side: int = 224,
        attention: bool = True,
        hidden: int = 0,
        means: bool = False,
    ) -> None:
        super().__init__(backbone, side)
        backbone = self.backbone
        first, second, guide = backbone.attention_channels
        self.attention = attention
        self.pool1 = SpatialAttention(first, guide) if attention else MeanPooling()
        self.pool2 = SpatialAttention(second, guide) if attention else MeanPooling()
        self.means = means
        self.feature_size = first + second + (sum(backbone.channels) if means else 0)
        self.hidden = hidden
        self.head: nn.Module = (
            hidden_head(self.feature_size, hidden) if hidden else rating_head(self.feature_size)
        )

    @property
    def settings(self) -> dict[str, Any]:
        """See `BackboneScorer`."""
        return {"attention": self.attention, "hidden": self.hidden, "means": self.means}

    def features(self, image: Tensor) -> Tensor:
        """The attended vectors, and the means, `(B, feature_size)`, of `image` `(B, 3, H, W)`, sRGB [0, 1].

        For retrieval, divide by the length; for a person's own head, use as they are.
        """
        return self._attend(self.maps(image))

    def attention_weights(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The attention maps `A1`, `A2`, each `(B, 1, h, w)` with sum 1, of `image` `(B, 3, H, W)`."""
        if not isinstance(self.pool1, SpatialAttention) or not isinstance(self.pool2, SpatialAttention):
            raise UsageError("this model averages its maps: it was built with attention=False")
        z1, z2, z3 = self.backbone.attention_maps(self.prepare(image))
        return self.pool1.weights(z1, z3), self.pool2.weights(z2, z3)

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return self.judge(self.maps(image))

    def judge(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Probabilities `(B, 10)` from the maps that the backbone made of a prepared photo."""
        logits: Tensor = self.head(self._attend(maps))
        return rating_distribution(logits)

    def _attend(self, maps: tuple[Tensor, ...]) -> Tensor:
        z1, z2, z3 = self.backbone.attended(maps)
        means = [m.mean((-2, -1)) for m in maps] if self.means else []
        return torch.cat([self.pool1(z1, z3), self.pool2(z2, z3), *means], 1)

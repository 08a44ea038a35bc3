"""A score on any backbone: means of its maps over positions, ten rating bins.

    features = [mean_positions(Z), deviation_positions(Z)] of the `maps` deepest maps Z
    p = softmax(head(features)),     score = sum_i i * p_i

`PooledScorer.pretrained("timm:NAME")`, or `load_model("timm:NAME")`, takes the published weights of the
backbone. They know nothing of beauty: until `fit` or a training gives it a head, it scores every photo 5.5.
Its features are worth learning from at once (a taste, KNN, PAM).
"""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbone_scorer import BackboneScorer
from retouch_aes.models.backbones import pretrained_backbone
from retouch_aes.models.heads import full_precision, hidden_head, rating_distribution, rating_head
from retouch_aes.models.ridge_head import ridge_head

_LEAST_VARIANCE = 1e-6


class PooledScorer(BackboneScorer):
    """Ten bins over pooled maps of a `Backbone`, or of the one that a name means, then with random weights.

    Args:
        backbone: A module, or `compact`, `torchvision:NAME`, `timm:NAME`.
        side: Long side in pixels that a photo is resized to, by steps of 8; None: the backbone's own. A
            backbone of fixed size sees the photo squashed to it.
        maps: How many of the backbone's maps are pooled, from the deepest on.
        deviations: Whether standard deviations over positions stand beside the means.
        hidden: Units between features and bins; 0 for none.
    """

    short_name: ClassVar[str] = "pooled"
    version: ClassVar[int] = 1

    def __init__(
        self,
        backbone: Backbone | str,
        *,
        side: int | None = None,
        maps: int = 1,
        deviations: bool = False,
        hidden: int = 0,
    ) -> None:
        super().__init__(backbone, side)
        backbone = self.backbone
        if not 1 <= maps <= len(backbone.channels):
            raise UsageError(f"expected 1 to {len(backbone.channels)} maps of {backbone.name}, got {maps}")
        if backbone.fixed and side not in (None, backbone.side):
            raise UsageError(f"{backbone.name} takes photos of {backbone.side} px only, got a side of {side}")
        self.pooled_maps, self.deviations, self.hidden = maps, deviations, hidden
        self.feature_size = sum(backbone.channels[-maps:]) * (2 if deviations else 1)
        self.head: nn.Module = (
            hidden_head(self.feature_size, hidden) if hidden else rating_head(self.feature_size)
        )

    @classmethod
    def pretrained(cls, name: str, **settings: Any) -> "PooledScorer":
        """On `torchvision:NAME` or `timm:NAME` with its published weights; `settings` are the constructor's.

        In evaluation mode, on the CPU, with a head that knows nothing yet. `WeightsError` with the line that
        fetches the weights, where they are not in the user's cache.
        """
        model = cls(pretrained_backbone(name), **settings)
        last = [layer for layer in model.head.modules() if isinstance(layer, nn.Linear)][-1]
        nn.init.zeros_(last.weight)  # the same score whenever it is loaded
        return model.eval()

    @property
    def settings(self) -> dict[str, Any]:
        """See `BackboneScorer`."""
        return {"maps": self.pooled_maps, "deviations": self.deviations, "hidden": self.hidden}

    def fit(self, features: Tensor, scores: Tensor, *, penalty: float = 1.0) -> "PooledScorer":
        """Give it the head that predicts mean ratings from its features; returned is itself.

        Args:
            features: `(N, feature_size)`, as `features` gives them.
            scores: Mean ratings `(N,)` in [1, 10].
            penalty: See `ridge_head`.
        """
        if features.ndim != 2 or features.shape[1] != self.feature_size:
            raise UsageError(f"expected features (N, {self.feature_size}), got {tuple(features.shape)}")
        self.hidden = 0
        self.head = ridge_head(features, scores, penalty=penalty).to(features.device)
        return self

    def features(self, image: Tensor) -> Tensor:
        """The pooled maps, finest first, `(B, feature_size)`, of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        parts = []
        for one in self.maps(image)[-self.pooled_maps :]:
            parts.append(one.mean((-2, -1)))
            if self.deviations:
                variance = full_precision(one).var((-2, -1), correction=0)
                parts.append((variance + _LEAST_VARIANCE).sqrt())  # a flat map has a finite gradient
        return torch.cat(parts, 1)

    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities `(B, 10)` of the scores 1..10 for `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return rating_distribution(self.head(self.features(image)))

"""Models with features: what a person's own score can rest on. One pass gives features and score."""

from typing import Any

from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import AestheticModel, mean_score


def check_generic(model: AestheticModel) -> None:
    """Raise `UsageError` unless a person's score can rest on `model`: it must have `features`."""
    if not hasattr(model, "features"):
        raise UsageError(
            f"expected a model with features, such as the bundled 'aesthetic', got {type(model).__name__}"
        )


def features_and_score(model: AestheticModel, image: Tensor) -> tuple[Tensor, Tensor]:
    """Features `(B, D)` and generic scores `(B,)` of `image` `(B, 3, H, W)`, sRGB [0, 1], in one pass.

    A model with a `head` from features to logits is asked once; any other twice.
    """
    network: Any = model
    features: Tensor = network.features(image)
    if hasattr(model, "head"):
        return features, mean_score(rating_distribution(network.head(features)))
    score: Tensor = model(image)
    return features, score

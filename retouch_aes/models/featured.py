"""Models with features: what a person's own score can rest on. One pass gives features and score."""

from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import AestheticModel, mean_score


@runtime_checkable
class FeatureModel(Protocol):
    """What KNN, PAM, the Gaussian process and a person's head need of an aesthetic model beside its score."""

    def features(self, image: Tensor) -> Tensor:
        """Features `(B, D)` of `image` `(B, 3, H, W)`, sRGB [0, 1], with a gradient to the image."""
        ...


@runtime_checkable
class MapModel(Protocol):
    """A model that shows the feature maps behind its answer."""

    def maps(self, image: Tensor) -> tuple[Tensor, ...]:
        """Maps `(B, C, h, w)`, finest first, of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        ...


def check_generic(model: AestheticModel) -> FeatureModel:
    """`model`, which a person's score is to rest on. `UsageError` unless it is a `FeatureModel`."""
    if not isinstance(model, FeatureModel):
        raise UsageError(
            f"expected a model with features, such as the bundled 'aesthetic', got {type(model).__name__}"
        )
    return model


def head_of(model: nn.Module) -> nn.Module | None:
    """The module from features to the logits of ten rating bins, where `model` has one as its `head`."""
    head = getattr(model, "head", None)
    return head if isinstance(head, nn.Module) else None


def features_and_score(model: AestheticModel, image: Tensor) -> tuple[Tensor, Tensor]:
    """Features `(B, D)` and generic scores `(B,)` of `image` `(B, 3, H, W)`, sRGB [0, 1], in one pass.

    A model with a `head` from features to logits is asked once; any other twice. `UsageError` unless it is a
    `FeatureModel`.
    """
    features, score, _ = features_and_judgement(model, image)
    return features, score


def features_and_judgement(model: AestheticModel, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Features `(B, D)`, scores `(B,)` and their distributions `(B, 10)`; else as `features_and_score`."""
    features, head = check_generic(model).features(image), head_of(model)
    if head is None:
        return features, *model.judgement(image)
    distribution = rating_distribution(head(features))
    return features, mean_score(distribution), distribution

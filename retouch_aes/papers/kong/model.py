"""Kong et al., "Photo Aesthetics Ranking Network with Attributes and Content Adaptation" (ECCV 2016).

A network body sees the whole photo, `KongHead` judges its features: `f(x) = 1 + 9 y`. Trained by
`retouch_aes.papers.kong.training`, the head alone on features seen once, or all of it. The body is any of our
scorers without its bins, or any module of the same shape (`FeatureBody`). Left out: AlexNet.
"""

from typing import Any, ClassVar, Protocol, cast, runtime_checkable

from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.heads import between_bins
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.models.nested import nested_config, nested_model
from retouch_aes.papers.kong.head import KongHead, KongOutput


@runtime_checkable
class FeatureBody(Protocol):
    """A module with `features((B, 3, H, W), sRGB [0, 1]) -> (B, feature_size)` and its `preprocessing`."""

    feature_size: int

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared, with the version of it."""
        ...

    def features(self, image: Tensor) -> Tensor:
        """Features `(B, feature_size)` of a whole photo."""
        ...


class Kong(AestheticModel):
    """`KongHead` over a body: an `nn.Module` that is a `FeatureBody`. `settings` are the head's."""

    short_name: ClassVar[str] = "kong"
    version: ClassVar[int] = 1

    def __init__(self, body: nn.Module, **settings: Any) -> None:
        super().__init__()
        if not isinstance(body, FeatureBody):
            raise UsageError(f"expected a body with features and feature_size, got {type(body).__name__}")
        self.body = body
        self.feature_size = self._body.feature_size
        self.upper = KongHead(self.feature_size, **settings)

    @property
    def _body(self) -> FeatureBody:
        return cast(FeatureBody, self.body)

    @property
    def preprocessing(self) -> str:
        """The body's."""
        return self._body.preprocessing

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON. `UsageError` for a body of no known kind."""
        return {"body": nested_config(self.body), **self.upper.settings}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Kong":
        """The model that `config` describes, with random weights."""
        settings = dict(config)
        return cls(nested_model(settings.pop("body")), **settings)

    def features(self, image: Tensor) -> Tensor:
        """The body's features `(B, feature_size)` of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return self._body.features(image)

    def outputs(self, image: Tensor) -> KongOutput:
        """Score in (0, 1), attributes and content of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        found: KongOutput = self.upper(self.features(image))
        return found

    def attributes(self, image: Tensor) -> Tensor:
        """The attributes `(B, A)` of `image` `(B, 3, H, W)`, in about [-1, 1]."""
        return self.upper.attributes(self.features(image))

    def distribution(self, image: Tensor) -> Tensor:
        """All mass `(B, 10)` on the two whole scores beside the score: Kong's network knows no more."""
        return between_bins(1 + (SCORES - 1) * self.outputs(image).score)

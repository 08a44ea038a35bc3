"""One user of a CFAN as a differentiable score of photos: `f(x) = 1 + 9 sigmoid(personal logit)`.

Any photo is a new one to it. The logit is the mean over a few reviews that the user wrote before.
"""

from typing import Any, ClassVar, Protocol, cast

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.featured import MapModel
from retouch_aes.models.heads import between_bins
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.models.nested import nested_config, nested_model
from retouch_aes.models.resize import resize
from retouch_aes.papers.cfan.network import CFAN, UNSEEN


class MapBody(Protocol):
    """A module with `maps((B, 3, H, W), sRGB [0, 1]) -> (B, C, h, w)` and its `preprocessing`."""

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared, with the version of it."""
        ...

    def maps(self, image: Tensor) -> Tensor:
        """The feature map of a whole photo."""
        ...


class SquaredMaps(nn.Module):
    """The last map of `body`, a `MapModel`, of a photo squashed to `side` x `side` px: a `MapBody`."""

    def __init__(self, body: nn.Module, side: int) -> None:
        super().__init__()
        if not isinstance(body, MapModel):
            raise UsageError(f"expected a model with feature maps, got {type(body).__name__}")
        self.body, self.side = body, side

    @property
    def preprocessing(self) -> str:
        """How a photo is prepared, with the version of it."""
        return f"squashed to {self.side} px; {getattr(self.body, 'preprocessing', '')}"

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"body": nested_config(self.body), "side": self.side}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SquaredMaps":
        """What `config` describes, with random weights."""
        return cls(nested_model(config["body"]), int(config["side"]))

    def maps(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)`, sRGB [0, 1] -> `(B, C, h, w)`."""
        body: Any = self.body
        found: Tensor = body.maps(resize(image, (self.side, self.side)))[-1]
        return found


class CFANScore(AestheticModel):
    """`network` over `body`, an `nn.Module` that is a `MapBody`, bound to the user of that number.

    `reviews` `(R, L)` are the user's, as words; None for a network without reviews.
    """

    short_name: ClassVar[str] = "cfan-score"
    version: ClassVar[int] = 1

    reviews: Tensor | None

    def __init__(self, body: nn.Module, network: CFAN, user: int, reviews: Tensor | None = None) -> None:
        super().__init__()
        if (reviews is None) != (network.attention is None):
            raise UsageError("expected reviews for a network that attends by them, and only for such a one")
        self.body, self.network, self.user = body, network, user
        self.register_buffer("reviews", reviews)

    @property
    def preprocessing(self) -> str:
        """The body's."""
        return cast(MapBody, self.body).preprocessing

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON. `UsageError` for a body other than `SquaredMaps`."""
        if not isinstance(self.body, SquaredMaps):
            raise UsageError(f"expected a body of SquaredMaps to be stored, got {type(self.body).__name__}")
        return {
            "body": self.body.config,
            "network": self.network.settings,
            "user": self.user,
            "reviews": None if self.reviews is None else list(self.reviews.shape),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CFANScore":
        """What `config` describes, with random weights."""
        shape = config["reviews"]
        reviews = None if shape is None else torch.ones(*shape, dtype=torch.long)
        network = CFAN.for_new_photos(config["network"])
        return cls(SquaredMaps.from_config(config["body"]), network, int(config["user"]), reviews)

    def distribution(self, image: Tensor) -> Tensor:
        """All mass `(B, 10)` on the two whole scores beside the score."""
        maps = cast(MapBody, self.body).maps(image)
        logits = person_logits(self.network, maps, self.reviews, self.user)
        return between_bins(1 + (SCORES - 1) * logits.sigmoid())


def person_logits(network: CFAN, maps: Tensor, tokens: Tensor | None, user: int = 0) -> Tensor:
    """Logits `(P,)` of one user for new photos with `maps` `(P, C, h, w)`, the mean over reviews `(R, L)`."""
    count, reads = len(maps), 1 if tokens is None else len(tokens)
    users = torch.full((count * reads,), user, dtype=torch.long, device=maps.device)
    words = None if tokens is None else tokens.repeat(count, 1)
    photos = torch.full_like(users, UNSEEN)
    found = network(maps.repeat_interleave(reads, 0), words, users, photos).personal
    return torch.mean(found.view(count, reads), dim=1)

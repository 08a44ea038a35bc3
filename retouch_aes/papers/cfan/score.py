"""One user of a CFAN as a differentiable score of photos: `f(x) = 1 + 9 sigmoid(personal logit)`.

Any photo is a new one to it. The logit is the mean over a few reviews that the user wrote before.
"""

from typing import Protocol, cast

from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.heads import between_bins
from retouch_aes.models.model import SCORES, AestheticModel
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


class CFANScore(AestheticModel):
    """`network` over `body`, an `nn.Module` that is a `MapBody`, bound to the user of that number.

    `reviews` `(R, L)` are the user's, as words; None for a network without reviews.
    """

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

    def distribution(self, image: Tensor) -> Tensor:
        """All mass `(B, 10)` on the two whole scores beside the score."""
        maps = cast(MapBody, self.body).maps(image)
        count, reads = len(maps), 1 if self.reviews is None else len(self.reviews)
        users = maps.new_full((count * reads,), self.user).long()
        tokens = None if self.reviews is None else self.reviews.repeat(count, 1)
        photos = users.new_full((count * reads,), UNSEEN)
        logits = self.network(maps.repeat_interleave(reads, 0), tokens, users, photos).personal
        return between_bins(1 + (SCORES - 1) * logits.view(count, reads).mean(1).sigmoid())

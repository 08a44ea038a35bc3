"""Recommenders that CFAN is held against: BPR, and VBPR that sees the photos.

    BPR    x_uv = b_v + g_u . g_v                                        Rendle et al., UAI 2009
    VBPR   x_uv = b_v + g_u . g_v + t_u . (E f_v) + b' . f_v             He & McAuley, AAAI 2016

`f_v` are pooled deep features. Both are trained on pairs, `-log sigmoid(x_ui - x_uj)`, where the user liked i
and not j (`bpr_training`). A photo nobody has judged has no `b_v` and no `g_v`: to BPR all such are one.
"""

from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.papers.cfan.network import UNSEEN


class BPR(nn.Module):
    """`forward(users (B,), photos (B,), UNSEEN for a new one) -> (B,)`.

    With `features` D it is VBPR; `forward` then takes the features `(B, D)` of the photos as well.
    """

    def __init__(self, users: int, photos: int, *, factors: int = 20, features: int = 0) -> None:
        super().__init__()
        self.user, self.photo = nn.Embedding(users, factors), nn.Embedding(photos, factors)
        self.bias = nn.Embedding(photos, 1)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.photo.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)
        self.taste = nn.Embedding(users, factors) if features else None
        self.embed = nn.Linear(features, factors, bias=False) if features else None
        self.visual_bias = nn.Linear(features, 1, bias=False) if features else None
        if self.taste is not None:
            nn.init.normal_(self.taste.weight, std=0.1)

    def forward(self, users: Tensor, photos: Tensor, features: Tensor | None = None) -> Tensor:
        """See the class."""
        known = (photos != UNSEEN).to(self.bias.weight.dtype)
        place = photos.clamp(min=0)
        score: Tensor = known * (self.bias(place)[:, 0] + (self.user(users) * self.photo(place)).sum(1))
        if self.taste is None or self.embed is None or self.visual_bias is None:
            return score
        if features is None:
            raise UsageError("expected the features of the photos: this is VBPR, got None")
        seen: Tensor = (self.taste(users) * self.embed(features)).sum(1) + self.visual_bias(features)[:, 0]
        total: Tensor = score + seen
        return total

"""CFAN: who looks, at which photo, and what their reviews say they look at.

Wang, Yan & Qin, "Collaborative and Attentive Learning for Personalized Image Aesthetic Assessment" (IJCAI
2018). With f the feature map of photo v, u a user and a review in words w:

    h = [GRU forwards (w), GRU backwards (w)]                      the review
    K = sigmoid(W_k h + b_k)                                       a kernel with a value per channel
    a = softmax_positions(s K . f)                                 the user's attention map
    p = (1 + e_v) * relu(W mean_positions f)                       the photo
    q = (1 + e_v) * relu(W mean_positions f + V sum_positions a f)     the photo as the user sees it
    personal logit = MLP([g_u, q, g_u * q])                        e_v, g_u: embeddings of photo and user
    tag logits, agnostic logit = layers of p                       the two other tasks

Without reviews (the ablation) the sum over `a` falls out. Our readings: `s`, a learned sharpness; the
embedding of a photo is a factor about 1, and 1 for a photo nobody has judged, which training meets as well by
hiding embeddings; the two tasks that are not about the user share `W`, but not the user's attention, for the
agnostic one would flatten it.
A review holds its writer's judgement of that photo, so it must not be shown when that photo is asked about:
`retouch_aes.papers.cfan.training` shows reviews that the same user wrote of other photos.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from retouch_aes.errors import UsageError

EMBEDDING = 50
UNSEEN = -1


class CFANOutput(NamedTuple):
    """Of B (user, photo): logits `personal` `(B,)`, `tags` `(B, T)`, `agnostic` `(B,)`; None without it.

    `attention` `(B, h, w)` sums to 1 for each; None without reviews.
    """

    personal: Tensor
    tags: Tensor | None
    agnostic: Tensor | None
    attention: Tensor | None


class ReviewAttention(nn.Module):
    """Reviews `(B, L)` of words, 0 behind their end, and maps `(B, C, h, w)` -> attention `(B, h, w)`."""

    def __init__(self, vocabulary: int, channels: int, *, words: int = 32, hidden: int = 32) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, words, padding_idx=0)
        self.reader = nn.GRU(words, hidden, batch_first=True, bidirectional=True)
        self.project = nn.Linear(2 * hidden, channels)
        self.sharpness = nn.Parameter(torch.tensor(1.0))

    def kernel(self, tokens: Tensor) -> Tensor:
        """`(B, C)`, each value in (0, 1)."""
        lengths = (tokens > 0).sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, last = self.reader(packed)
        found: Tensor = self.project(torch.cat([last[0], last[1]], 1))
        return found.sigmoid()

    def forward(self, tokens: Tensor, maps: Tensor) -> Tensor:
        """See the class."""
        answers = torch.einsum("bc,bchw->bhw", self.kernel(tokens), maps)
        return (self.sharpness * answers).flatten(1).softmax(1).view_as(answers)


class CFAN(nn.Module):
    """The network for `users` users and `photos` photos, over maps with `channels` channels.

    `vocabulary` is the number of words, 0 for the ablation without reviews; `tags` the number of tags, 0
    without that task; `agnostic` says whether the third task is there.
    """

    def __init__(
        self,
        users: int,
        photos: int,
        channels: int,
        *,
        vocabulary: int = 0,
        tags: int = 0,
        agnostic: bool = True,
        embedding: int = EMBEDDING,
        hidden: int = 64,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if min(users, photos, channels) < 1:
            raise UsageError(f"expected users, photos and channels, got {users}, {photos}, {channels}")
        self.user = nn.Embedding(users, embedding)
        self.photo = nn.Embedding(photos, embedding)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.photo.weight, std=0.1)
        self.attention = ReviewAttention(vocabulary, channels) if vocabulary else None
        self.whole = nn.Linear(channels, embedding)
        self.attended = nn.Linear(channels, embedding, bias=False) if vocabulary else None
        self.dropout = nn.Dropout(dropout)
        self.personal = nn.Sequential(
            nn.Linear(3 * embedding, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 1)
        )
        self.tags = nn.Linear(embedding, tags) if tags else None
        self.agnostic = nn.Linear(embedding, 1) if agnostic else None

    def forward(self, maps: Tensor, tokens: Tensor | None, users: Tensor, photos: Tensor) -> CFANOutput:
        """Maps `(B, C, h, w)`, words `(B, L)`, users `(B,)` and photos `(B,)`, `UNSEEN` for a new one.

        `tokens` may be None only without reviews; else `UsageError`.
        """
        known = (photos != UNSEEN).to(maps.dtype)[:, None]
        factor = 1 + known * self.photo(photos.clamp(min=0))
        whole, attention = self.whole(maps.mean((-2, -1))), None
        shown = factor * F.relu(whole)
        if self.attention is not None and self.attended is not None:
            if tokens is None:
                raise UsageError("expected the words of a review: this network attends by them, got None")
            attention = self.attention(tokens, maps)
            whole = whole + self.attended(torch.einsum("bhw,bchw->bc", attention, maps))
        seen = factor * F.relu(whole)
        user = self.dropout(self.user(users))
        personal: Tensor = self.personal(torch.cat([user, seen, user * seen], 1))
        return CFANOutput(
            personal[:, 0],
            None if self.tags is None else self.tags(shown),
            None if self.agnostic is None else self.agnostic(shown)[:, 0],
            attention,
        )

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

As the paper describes it (`grid`), K has a value for every channel and position, 10 x 10 x 512 for a photo of
320 x 320 px; each channel of f is convolved with its own and has a map a of its own. K with a value per
channel alone is ours: 3 million weights fewer.

Without reviews (the ablation) the sum over `a` falls out. Our readings: `s`, a learned sharpness; the
embedding of a photo is a factor about 1, and 1 for a photo nobody has judged, which training meets as well by
hiding embeddings; the two tasks that are not about the user share `W`, but not the user's attention, for the
agnostic one would flatten it.
A review holds its writer's judgement of that photo, so it must not be shown when that photo is asked about:
`retouch_aes.papers.cfan.training` shows reviews that the same user wrote of other photos.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from retouch_aes.errors import UsageError

EMBEDDING = 50
UNSEEN = -1


class CFANOutput(NamedTuple):
    """Of B (user, photo): logits `personal` `(B,)`, `tags` `(B, T)`, `agnostic` `(B,)`; None without it.

    `attention` `(B, h, w)`, or `(B, C, h, w)` with a kernel as large as the map, sums to 1 over positions;
    None without reviews.
    """

    personal: Tensor
    tags: Tensor | None
    agnostic: Tensor | None
    attention: Tensor | None


class ReviewAttention(nn.Module):
    """Reviews `(B, L)` of words, 0 behind their end, and maps `(B, C, h, w)` -> attention `(B, h, w)`.

    With `grid` `(h, w)` the kernel is as large as the map, and the attention `(B, C, h, w)`.
    """

    def __init__(
        self,
        vocabulary: int,
        channels: int,
        *,
        words: int = 32,
        hidden: int = 32,
        grid: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.grid = grid
        self.words = nn.Embedding(vocabulary, words, padding_idx=0)
        self.reader = nn.GRU(words, hidden, batch_first=True, bidirectional=True)
        self.project = nn.Linear(2 * hidden, channels * (grid[0] * grid[1] if grid else 1))
        self.sharpness = nn.Parameter(torch.tensor(1.0))

    def kernel(self, tokens: Tensor) -> Tensor:
        """`(B, C)`, or `(B, C, h, w)`, each value in (0, 1)."""
        lengths = (tokens > 0).sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, last = self.reader(packed)
        found: Tensor = self.project(torch.cat([last[0], last[1]], 1)).sigmoid()
        return found if self.grid is None else found.view(len(found), -1, *self.grid)

    def forward(self, tokens: Tensor, maps: Tensor) -> Tensor:
        """See the class."""
        kernel = self.kernel(tokens)
        if self.grid is not None:
            answers = _convolved(maps, kernel)
            return (self.sharpness * answers).flatten(2).softmax(2).view_as(answers)
        answers = torch.einsum("bc,bchw->bhw", kernel, maps)
        return (self.sharpness * answers).flatten(1).softmax(1).view_as(answers)


def _convolved(maps: Tensor, kernel: Tensor) -> Tensor:
    """Every channel of every photo `(B, C, h, w)` with its own kernel of that size; the size stays."""
    height, width = kernel.shape[-2:]
    if maps.shape[-2:] != (height, width):
        raise UsageError(f"expected maps of {height} x {width} positions, got {tuple(maps.shape[-2:])}")
    around = (width // 2, width - 1 - width // 2, height // 2, height - 1 - height // 2)
    flat = F.pad(maps.reshape(1, -1, height, width), around)
    found = F.conv2d(flat, kernel.reshape(-1, 1, height, width), groups=flat.shape[1])
    return found.view_as(maps)


class CFAN(nn.Module):
    """The network for `users` users and `photos` photos, over maps with `channels` channels.

    `vocabulary` is the number of words, 0 for the ablation without reviews; `tags` the number of tags, 0
    without that task; `agnostic` says whether the third task is there. `grid`: see `ReviewAttention`. With
    `normal_start` all weights start from N(0, 1), as printed; else embeddings are small and layers as usual.
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
        grid: tuple[int, int] | None = None,
        normal_start: bool = False,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "users": users,
            "channels": channels,
            "vocabulary": vocabulary,
            "tags": tags,
            "agnostic": agnostic,
            "embedding": embedding,
            "hidden": hidden,
            "dropout": dropout,
            "grid": None if grid is None else list(grid),
        }
        if min(users, photos, channels) < 1:
            raise UsageError(f"expected users, photos and channels, got {users}, {photos}, {channels}")
        self.user = nn.Embedding(users, embedding)
        self.photo = nn.Embedding(photos, embedding)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.photo.weight, std=0.1)
        self.attention = ReviewAttention(vocabulary, channels, grid=grid) if vocabulary else None
        self.whole = nn.Linear(channels, embedding)
        self.attended = nn.Linear(channels, embedding, bias=False) if vocabulary else None
        self.dropout = nn.Dropout(dropout)
        self.personal = nn.Sequential(
            nn.Linear(3 * embedding, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 1)
        )
        self.tags = nn.Linear(embedding, tags) if tags else None
        self.agnostic = nn.Linear(embedding, 1) if agnostic else None
        if normal_start:
            for weight in self.parameters():
                nn.init.normal_(weight)

    @classmethod
    def for_new_photos(cls, settings: dict[str, Any]) -> "CFAN":
        """The network that `settings` of another describe, with random weights, for photos nobody judged."""
        rest = dict(settings)
        grid, users, channels = rest.pop("grid"), rest.pop("users"), rest.pop("channels")
        return cls(users, 1, channels, grid=None if grid is None else (grid[0], grid[1]), **rest)

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
            if attention.ndim == 4:
                gathered = (attention * maps).sum((-2, -1))
            else:
                gathered = torch.einsum("bhw,bchw->bc", attention, maps)
            whole = whole + self.attended(gathered)
        seen = factor * F.relu(whole)
        user = self.dropout(self.user(users))
        personal: Tensor = self.personal(torch.cat([user, seen, user * seen], 1))
        return CFANOutput(
            personal[:, 0],
            None if self.tags is None else self.tags(shown),
            None if self.agnostic is None else self.agnostic(shown)[:, 0],
            attention,
        )

"""Training of CFAN, on photos whose feature maps were seen once, or with the network that makes them.

    loss = CE(personal) + .015 CE(tag) + 1 CE(agnostic)                        the paper's weights

The review that an example shows is another one than that of the photo in question: one that the same user
wrote of another photo, drawn anew at every step. Otherwise the network would read the answer, for judgements
are derived from reviews. `PAPER` is what the paper prints: its optimiser, N(0, I), a kernel as large as the
map, for whole networks and some 10^6 reviews; the default is for small sets. Photos' embeddings are hidden in
`hidden` of the examples, so that new photos can be judged.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import Schedule, StepDecay, TrainingProgress, train
from retouch_aes.papers.cfan.network import CFAN, UNSEEN
from retouch_aes.papers.stored_maps import Maps, map_blocks, map_rows


@dataclass(frozen=True, eq=False)
class Judgements:
    """N judgements: `users`, `photos` `(N,)`, `good` `(N,)` in {0, 1}, `tokens` `(N, L)`, words of reviews.

    Of P photos: `maps` `(P, C, h, w)`, `tags` `(P,)`, -1 for none, `liked` `(P,)` in {0, 1}. `counts` are the
    numbers of users, tags and words there are. All lie on one device, where the network is trained, but for
    maps in a file.
    """

    users: Tensor
    photos: Tensor
    good: Tensor
    tokens: Tensor
    maps: Maps
    tags: Tensor
    liked: Tensor
    counts: tuple[int, int, int]

    def __post_init__(self) -> None:
        if not len(self.users):
            raise UsageError("expected one judgement at least, got none")

    def some(self, which: Tensor) -> "Judgements":
        """Those of the judgements, by index; the photos stay."""
        return replace(
            self,
            users=self.users[which],
            photos=self.photos[which],
            good=self.good[which],
            tokens=self.tokens[which],
        )


@dataclass(frozen=True)
class CFANSettings:
    """Tasks, their weights, and how much a step sees. A task that is off is an ablation of the paper.

    `attention_pace` multiplies the rate of the reader of reviews, which starts from nothing. Without
    `personal` nobody's own judgement is learned, only tag and agnostic rating, from the photo alone: a
    stand-in for MTRLCNN. `map_kernel` and `normal_start`: see `CFAN`.
    """

    personal: bool = True

    review: bool = True
    tags: bool = True
    agnostic: bool = True
    tag_weight: float = 0.015
    agnostic_weight: float = 1.0
    hidden: float = 0.5
    attention_pace: float = 3.0
    dropout: float = 0.5
    map_kernel: bool = False
    normal_start: bool = False
    batch: int = 128
    schedule: Schedule = field(
        default_factory=lambda: Schedule("cfan", steps=800, rate=5e-3, warmup=20, decay=0.1)
    )


PAPER = CFANSettings(
    hidden=0.0,
    attention_pace=1.0,
    dropout=0.0,
    map_kernel=True,
    normal_start=True,
    schedule=StepDecay("cfan", steps=100_000, rate=0.005, decay=0.0, momentum=0.0, factor=0.99, every=1000),
)


class ReviewsByUser:
    """The training reviews by user."""

    def __init__(self, examples: Judgements) -> None:
        order = examples.users.argsort(stable=True)
        self._photos, self._tokens = examples.photos[order], examples.tokens[order]
        self._count = torch.bincount(examples.users, minlength=examples.counts[0])
        self._start = self._count.cumsum(0) - self._count

    def draw(self, users: Tensor, photos: Tensor, generator: Generator) -> Tensor:
        """`(B, L)`: a review by each user, not of that photo; one unknown word where there is none."""
        count = self._count[users]
        share = torch.rand(len(users), generator=generator).to(count.device)
        place = self._start[users] + (share * count).long().clamp(max=(count - 1).clamp(min=0))
        place = place.clamp(max=len(self._photos) - 1)
        same = (self._photos[place] == photos) & (count > 1)
        after = self._start[users] + (place - self._start[users] + 1) % count.clamp(min=1)
        place = torch.where(same, after, place)
        usable = (count > 0) & (self._photos[place] != photos)
        silent = torch.zeros_like(self._tokens[:1])
        silent[:, 0] = 1
        return torch.where(usable[:, None], self._tokens[place], silent)


def fit_cfan(
    examples: Judgements,
    settings: CFANSettings = CFANSettings(),
    seed: int = 0,
    *,
    body: nn.Module | None = None,
    maps_of: Callable[[Tensor], Tensor] | None = None,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> CFAN:
    """A network trained on `examples`, in evaluation mode.

    With `body` that is trained as well, and `maps_of(photos)` makes the maps of a batch by it; those of the
    examples then say only how large they are. With `checkpoint` a run that was stopped goes on.
    """
    torch.manual_seed(seed)
    users, tags, words = examples.counts
    height, width = examples.maps.shape[-2:]
    network = CFAN(
        users,
        len(examples.maps),
        examples.maps.shape[1],
        vocabulary=words if settings.review else 0,
        tags=tags if settings.tags else 0,
        agnostic=settings.agnostic,
        dropout=settings.dropout,
        grid=(height, width) if settings.map_kernel and settings.review else None,
        normal_start=settings.normal_start,
    ).to(examples.users.device)
    shelf = ReviewsByUser(examples)
    trained: nn.Module = network
    if body is not None:
        trained = nn.ModuleDict({"network": network, "body": body})

    def losses(_: int, generator: Generator) -> dict[str, Tensor]:
        return cfan_losses(network, examples, shelf, settings, generator, maps_of)

    pace = {f"{start}attention.": settings.attention_pace for start in ("", "network.")}
    schedule = replace(settings.schedule, seed=seed)
    train(trained, losses, schedule, pace=pace, checkpoint=checkpoint, progress=progress)
    return network.eval()


def cfan_losses(
    network: CFAN,
    examples: Judgements,
    shelf: ReviewsByUser,
    settings: CFANSettings,
    generator: Generator,
    maps_of: Callable[[Tensor], Tensor] | None = None,
) -> dict[str, Tensor]:
    """The weighted terms of one step."""
    device = examples.users.device
    batch = torch.randint(len(examples.users), (settings.batch,), generator=generator).to(device)
    users, photos = examples.users[batch], examples.photos[batch]
    hidden = torch.rand(len(batch), generator=generator).to(device) < settings.hidden
    tokens = shelf.draw(users, photos, generator) if settings.review else None
    maps = map_rows(examples.maps, photos, device) if maps_of is None else maps_of(photos)
    found = network(maps, tokens, users, photos.masked_fill(hidden, UNSEEN))
    parts: dict[str, Tensor] = {}
    if settings.personal:
        parts["personal"] = F.binary_cross_entropy_with_logits(found.personal, examples.good[batch])
    tags = examples.tags[photos]
    if found.tags is not None and (tags >= 0).any():
        parts["tags"] = settings.tag_weight * F.cross_entropy(found.tags, tags, ignore_index=-1)
    if found.agnostic is not None:
        loss = F.binary_cross_entropy_with_logits(found.agnostic, examples.liked[photos])
        parts["agnostic"] = settings.agnostic_weight * loss
    return parts


def predict_judgements(
    network: CFAN, examples: Judgements, asked: Judgements, *, reads: int = 8, seed: int = 0
) -> Tensor:
    """Logits `(M,)` of what `asked` users think of `asked` photos: the mean over `reads` reviews of theirs.

    Only `examples` are read; the reviews and judgements in `asked` are not. Photos without examples are new.
    """
    shelf, generator = ReviewsByUser(examples), Generator().manual_seed(seed)
    photos = with_unseen(examples, asked.photos)
    total = torch.zeros(len(asked.users), device=asked.users.device)
    times = reads if network.attention is not None else 1
    with torch.no_grad():
        for _ in range(times):
            tokens = shelf.draw(asked.users, asked.photos, generator) if network.attention else None
            for part in torch.split(torch.arange(len(asked.users)), 512):
                words = None if tokens is None else tokens[part]
                maps = map_rows(examples.maps, asked.photos[part], total.device)
                total[part] += network(maps, words, asked.users[part], photos[part]).personal
    return total / times


def predict_agnostic(network: CFAN, maps: Maps) -> Tensor:
    """Logits `(P,)` of people on the whole liking photos with `maps` `(P, C, h, w)`; photos count as new.

    `UsageError` for a network without that task.
    """
    if network.agnostic is None:
        raise UsageError("expected a network with the user-agnostic task, got one without")
    found, device = [], next(network.parameters()).device
    with torch.no_grad():
        for part in map_blocks(maps, device):
            nobody = torch.zeros(len(part), dtype=torch.long, device=device)
            words = nobody[:, None] + 1 if network.attention is not None else None
            found.append(network(part, words, nobody, nobody + UNSEEN).agnostic)
    return torch.cat(found)


def with_unseen(examples: Judgements, photos: Tensor) -> Tensor:
    """`photos`, with `UNSEEN` for those that have no example."""
    seen = torch.zeros(len(examples.maps), dtype=torch.bool, device=photos.device)
    seen[examples.photos] = True
    return photos.masked_fill(~seen[photos], UNSEEN)


def pooled_maps(maps: Maps, device: torch.device) -> Tensor:
    """Maps `(P, C, h, w)` -> their means over positions `(P, C)`, standardised over the photos."""
    pooled = torch.cat([part.mean((-2, -1)) for part in map_blocks(maps, device)])
    return (pooled - pooled.mean(0)) / pooled.std(0).clamp(min=1e-6)

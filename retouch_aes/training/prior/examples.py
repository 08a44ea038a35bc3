"""What the head of an edit prior learns from, seen once: renditions of photos and the pooled numbers of each.

Of every crop come the photo as it is, the photo with a look laid over it (both to be left alone),
renditions taken back to before their development (`unprocess`), degraded ones (`training.degrade`), ones
with too little light on their subject (`darken`), and one edited by the chain itself, whose units are
known. Real photos that lack light are shown as they are, to become what `lift` makes of them. The backbone is
not trained, so each rendition is looked at once; the pixels are kept at a quarter of the size each way, which
is enough to compare colours by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.progress import Progress
from retouch_aes.training.degrade import degrade
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.darken import darken
from retouch_aes.training.prior.lift import lift
from retouch_aes.training.prior.looks import lay_look
from retouch_aes.training.prior.unprocess import unprocess
from retouch_aes.training.renditions import subsampled
from retouch_aes.training.shapes import SHAPES, shape_of

KINDS = ("as it is", "look", "unprocessed", "degraded", "dark", "by the chain", "lacking light")
SHARES = (0.24, 0.14, 0.24, 0.17, 0.11, 0.0, 0.1)
"""Which part of a step's examples is of each kind."""
_PER_CROP = (1, 1, 2, 2, 2, 1)
_LACKING = KINDS.index("lacking light")
_BATCH = 16


@dataclass(frozen=True)
class PriorExamples:
    """Renditions of one shape: bytes `(N, 3, h, w)`, those they should become, what the head sees `(N, D)`.

    `kind` `(N,)` counts in `KINDS`, `photo` `(N,)` in the pool. `units` `(N, P)` are the chain's, to be
    undone: 0 but for those made by it.
    """

    images: Tensor
    targets: Tensor
    features: Tensor
    kind: Tensor
    photo: Tensor
    units: Tensor

    def __len__(self) -> int:
        """How many renditions."""
        return len(self.kind)

    def of(self, index: Tensor) -> "PriorExamples":
        """Some of them."""
        return PriorExamples(*(getattr(self, name)[index] for name in _FIELDS))

    def to(self, device: torch.device) -> "PriorExamples":
        """The same on `device`."""
        return PriorExamples(*(getattr(self, name).to(device) for name in _FIELDS))


_FIELDS = ("images", "targets", "features", "kind", "photo", "units")


def gather_examples(
    prior: LearnedPrior,
    pool: PhotoPool,
    crops: Tensor,
    lacking: Tensor | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[PriorExamples]:
    """Examples of `crops`, indices of photos in the pool, each as often as it stands there; one by shape.

    `lacking` are indices of photos that lack light, likewise.
    """
    parts: dict[tuple[int, int], list[PriorExamples]] = {}
    generator = Generator().manual_seed(seed)
    chunks = [(_seen, chunk) for chunk in _in_chunks(crops, generator)]
    if lacking is not None and len(lacking):
        chunks += [(_lifted, chunk) for chunk in _in_chunks(lacking, generator)]
    device = next(prior.parameters()).device
    for number, (made, chunk) in enumerate(chunks):
        shape = SHAPES[number % len(SHAPES)]
        photos = pool.crops(chunk, shape_of(shape, prior.prepare.side), 0.6, generator).to(device)
        parts.setdefault(shape, []).append(made(prior, photos, chunk, generator))
        if progress is not None:
            progress("examples", number + 1, len(chunks))
    return [
        PriorExamples(*(torch.cat([getattr(part, name) for part in some]) for name in _FIELDS))
        for some in parts.values()
    ]


def _in_chunks(crops: Tensor, generator: Generator) -> Sequence[Tensor]:
    return torch.split(crops[torch.randperm(len(crops), generator=generator)], _BATCH)


def _lifted(prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator) -> PriorExamples:
    with torch.no_grad():
        answers, features = lift(photos), prior.head.see(prior.maps(photos), photos)
    kinds, units = torch.full((len(photos),), _LACKING), torch.zeros(len(photos), len(prior.chain))
    return PriorExamples(_bytes(photos), _bytes(answers), features.half().cpu(), kinds, index, units)


def _seen(prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator) -> PriorExamples:
    plain, looks, unprocessed, degraded, dark, _ = _PER_CROP
    units = torch.tanh(0.4 * torch.randn(len(photos), len(prior.chain), generator=generator))
    moved = torch.rand(units.shape, generator=generator) < torch.rand(len(photos), 1, generator=generator)
    units = (units * moved).to(photos)
    with torch.no_grad():
        looked = [lay_look(photos, generator) for _ in range(looks)]
        renditions = [
            *[photos] * plain,
            *looked,
            *(unprocess(photos, generator) for _ in range(unprocessed)),
            *(degrade(photos, generator) for _ in range(degraded)),
            *(darken(photos, generator) for _ in range(dark)),
            prior.chain.apply(photos, prior.chain.from_units(units)),
        ]
        targets = [*[photos] * plain, *looked, *[photos] * (unprocessed + degraded + dark + 1)]
        features = [prior.head.see(prior.maps(image), image) for image in renditions]
    kinds = torch.tensor([kind for kind, count in enumerate(_PER_CROP) for _ in range(count)])
    all_units = torch.cat([units.new_zeros(len(photos) * (len(kinds) - 1), units.shape[1]), units])
    return PriorExamples(
        _bytes(torch.cat(renditions)),
        _bytes(torch.cat(targets)),
        torch.cat(features).half().cpu(),
        kinds.repeat_interleave(len(photos)),
        index.repeat(len(kinds)),
        all_units.cpu(),
    )


def _bytes(images: Tensor) -> Tensor:
    return (subsampled(images) * 255).round().to(torch.uint8).cpu()

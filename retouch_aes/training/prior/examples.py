"""What the head of an edit prior learns from, seen once: renditions of photos and the pooled numbers of each.

Of every crop come the photo as it is, the photo with a look laid over it (both to be left alone),
renditions taken back to before their development (`unprocess`), degraded ones (`training.degrade`), ones
with too little light on their subject (`darken`), and one edited by the chain itself, whose units are
known. Finished photos of difficult kinds are shown as they are and with looks. Real photos that lack light
are shown as they are, to become what `lift` makes of them; of a photographer's own pairs (`edit_pairs`) the
photo before, to become what they made of it. The backbone is not trained, so each rendition is looked at
once; the pixels are kept at a quarter of the size each way, which is enough to compare colours by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.progress import Progress
from retouch_aes.training.degrade import degrade, draw_faults
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.darken import darken
from retouch_aes.training.prior.lift import lift
from retouch_aes.training.prior.looks import lay_look, lay_night
from retouch_aes.training.prior.unprocess import unprocess
from retouch_aes.training.renditions import subsampled
from retouch_aes.training.shapes import SHAPES, shape_of

KINDS = ("as it is", "look", "unprocessed", "degraded", "dark", "by the chain", "lacking light", "pair")
SHARES = (0.16, 0.14, 0.2, 0.28, 0.1, 0.04, 0.1, 0.5)
"""Which part of a step's examples is of each kind, of those there are."""
PER_CROP = (1, 1, 2, 3, 1, 1)
"""How many renditions of a crop are of each kind; pairs and what lacks light come apart."""
_OF_FINISHED = (1, 1, 0, 0, 0, 0)
_FAULTS = (0.15, 0.17, 0.2, 0.05, 0.2, 0.21, 0.02)  # how often each is the only one, as `Fault` counts
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

    @staticmethod
    def joined(parts: "Sequence[PriorExamples]") -> "PriorExamples":
        """Those of several parts, of one shape."""
        return PriorExamples(*(torch.cat([getattr(part, name) for part in parts]) for name in _FIELDS))

    def to(self, device: torch.device) -> "PriorExamples":
        """The same on `device`."""
        return PriorExamples(*(getattr(self, name).to(device) for name in _FIELDS))


_FIELDS = ("images", "targets", "features", "kind", "photo", "units")
See = Callable[[LearnedPrior, Tensor, Tensor, Generator], PriorExamples]
"""What is made of crops of photos whose indices in the pool are given."""


def gather_examples(
    prior: LearnedPrior,
    pool: PhotoPool,
    crops: Tensor,
    *,
    seed: int = 0,
    see: See | None = None,
    progress: Progress | None = None,
) -> list[PriorExamples]:
    """Examples of `crops`, indices of photos in the pool, each as often as it stands there; one by shape.

    `see` makes them of the crops; by default `see_all`: all kinds but "lacking light" and "pair".
    """
    make = see or see_all
    parts: dict[tuple[int, int], list[PriorExamples]] = {}
    generator = Generator().manual_seed(seed)
    chunks = torch.split(crops[torch.randperm(len(crops), generator=generator)], _BATCH)
    device = next(prior.parameters()).device
    for number, chunk in enumerate(chunks):
        shape = SHAPES[number % len(SHAPES)]
        photos = pool.crops(chunk, shape_of(shape, prior.prepare.side), 0.6, generator).to(device)
        parts.setdefault(shape, []).append(make(prior, photos, chunk, generator))
        if progress is not None:
            progress("examples", number + 1, len(chunks))
    return [PriorExamples.joined(some) for some in parts.values()]


def see_lacking(prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator) -> PriorExamples:  # noqa: ARG001
    """Photos that lack light, and what `lift` makes of them: a `See` for `gather_examples`."""
    with torch.no_grad():
        answers, features = lift(photos), prior.head.see(prior.maps(photos), photos)
    kinds = torch.full((len(photos),), KINDS.index("lacking light"))
    units = torch.zeros(len(photos), len(prior.chain))
    return PriorExamples(kept_bytes(photos), kept_bytes(answers), features.half().cpu(), kinds, index, units)


def see_finished(prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator) -> PriorExamples:
    """Finished photos of difficult kinds, as they are and with a look: a `See` for `gather_examples`."""
    return _seen(prior, photos, index, generator, _OF_FINISHED)


def see_night(prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator) -> PriorExamples:
    """Photos as nights in coloured light, which are to be left alone: a `See` for `gather_examples`."""
    nights = lay_night(photos, generator)
    with torch.no_grad():
        features = prior.head.see(prior.maps(nights), nights)
    kept, kinds = kept_bytes(nights), torch.full((len(photos),), KINDS.index("look"))
    units = torch.zeros(len(photos), len(prior.chain))
    return PriorExamples(kept, kept, features.half().cpu(), kinds, index, units)


def see_all(prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator) -> PriorExamples:
    """Well-made photos, in all that may have happened to them: a `See` for `gather_examples`."""
    return _seen(prior, photos, index, generator, PER_CROP)


def _seen(
    prior: LearnedPrior, photos: Tensor, index: Tensor, generator: Generator, counts: Sequence[int]
) -> PriorExamples:
    plain, looks, unprocessed, degraded, dark, chained = counts
    units = torch.tanh(0.4 * torch.randn(len(photos), len(prior.chain), generator=generator))
    moved = torch.rand(units.shape, generator=generator) < torch.rand(len(photos), 1, generator=generator)
    units = (units * moved).to(photos)
    faults = [draw_faults(len(photos), generator, shares=_FAULTS) for _ in range(degraded)]
    with torch.no_grad():
        looked = [lay_look(photos, generator) for _ in range(looks)]
        renditions = [
            *[photos] * plain,
            *looked,
            *(unprocess(photos, generator) for _ in range(unprocessed)),
            *(degrade(photos, generator, some) for some in faults),
            *(darken(photos, generator) for _ in range(dark)),
            *(prior.chain.apply(photos, prior.chain.from_units(units)) for _ in range(chained)),
        ]
        targets = [*[photos] * plain, *looked, *[photos] * (unprocessed + degraded + dark + chained)]
        features = [prior.head.see(prior.maps(image), image) for image in renditions]
    kinds = torch.tensor([kind for kind, count in enumerate(counts) for _ in range(count)])
    others = units.new_zeros(len(photos) * (len(kinds) - chained), units.shape[1])
    all_units = torch.cat([others, *[units] * chained])
    return PriorExamples(
        kept_bytes(torch.cat(renditions)),
        kept_bytes(torch.cat(targets)),
        torch.cat(features).half().cpu(),
        kinds.repeat_interleave(len(photos)),
        index.repeat(len(kinds)),
        all_units.cpu(),
    )


def kept_bytes(images: Tensor) -> Tensor:
    """The pixels that are kept of `images` `(B, 3, H, W)`, float [0, 1], as bytes."""
    return (subsampled(images) * 255).round().to(torch.uint8).cpu()

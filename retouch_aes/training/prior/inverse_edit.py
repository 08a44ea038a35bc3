"""Learning to restore: predict the edit that undoes what a photo suffered, and compare the restored photo.

The loss is the mean Oklab distance (a and b doubled, which brings it nearer to CIEDE2000) between the
restored rendition and the undegraded photo, so the network need not find *the* parameters, only ones that
work. Untouched photos count for a fixed share: there the right answer is to do nothing. Where the degrading
was a chain of the same operators, the spread is taught, by the likelihood of a Laplace distribution around
the guess.
"""

from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.operators import EditChain
from retouch_aes.optim.training_loop import Losses
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.renditions import Mixture, Renditions, renditions, subsampled
from retouch_aes.training.shapes import SHAPES, shape_of


@dataclass(frozen=True)
class RestorationLosses:
    """Weights of the two losses, and the share of the untouched photos in the first."""

    restored: float = 10.0
    untouched_share: float = 0.08
    likelihood: float = 0.02


@dataclass(frozen=True)
class InverseEditTraining:
    """The prior's own stage: photos a step, how they are degraded, the backbone's share of the rate."""

    photos: int = 32
    mixture: Mixture = field(default_factory=lambda: Mixture(untouched=6, edited=4, by_chain=6))
    restoration: RestorationLosses = field(default_factory=RestorationLosses)
    pace: float = 0.1


def restoration_losses(
    guess: tuple[Tensor, Tensor], seen: Renditions, chain: EditChain, settings: RestorationLosses
) -> dict[str, Tensor]:
    """The losses of guessed units and spreads `(B, P)` for renditions `(B, 3, H, W)`."""
    units, spread = guess
    restored = chain.apply(subsampled(seen.images), chain.from_units(units))
    at_rest, rest = seen.mixture.untouched, len(seen.images) - seen.mixture.untouched
    share = torch.full((len(seen.images),), (1 - settings.untouched_share) / rest)
    share[:at_rest] = settings.untouched_share / max(1, at_rest)
    distance = (share.to(restored) * oklab_distance(restored, subsampled(seen.originals))).sum()
    missed = (units[seen.chained] + seen.units.to(units)).abs()
    width = spread[seen.chained]
    return {
        "restored": settings.restored * distance,
        "likelihood": settings.likelihood * (missed / width + width.log()).mean(),
    }


def inverse_edit(prior: LearnedPrior, pool: PhotoPool, settings: InverseEditTraining) -> Losses:
    """The losses of one step, for `train`: nearly whole photos in changing shapes, at the prior's size."""

    device = next(prior.parameters()).device

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        size = shape_of(SHAPES[step % len(SHAPES)], prior.prepare.side)
        photos = pool.crops(pool.sample(settings.photos, generator), size, 0.6, generator).to(device)
        seen = renditions(photos, prior.chain, settings.mixture, generator)
        return restoration_losses(prior(seen.images), seen, prior.chain, settings.restoration)

    return losses

"""Training of the edit prior: spoil a photo, predict the edit that mends it, compare the mended photo.

The loss is the mean Oklab distance (a and b doubled, which brings it nearer to CIEDE2000) between the
mended and the unspoiled photo, so the network need not find *the* parameters, only ones that work. A part
of each batch is left unspoiled: there the right answer is to do nothing. Another part is spoiled by the
chain itself with known parameters; there the spread is taught, by the likelihood of a Laplace distribution
around the guess.
"""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.training.degrade import degrade
from retouch_aes.training.loop import Losses
from retouch_aes.training.photos import PhotoPool

SHAPES = ((96, 128), (128, 96), (112, 112))


@dataclass(frozen=True)
class InverseEdit:
    """Photos a step, shares of them left unspoiled and spoiled by the chain, weight of the likelihood."""

    batch: int = 96
    untouched: float = 0.08
    by_chain: float = 0.15
    likelihood: float = 0.01


def inverse_edit(prior: LearnedPrior, pool: PhotoPool, settings: InverseEdit) -> Losses:
    """The losses of one step, for `train`."""
    count = len(prior.chain)
    untouched = round(settings.batch * settings.untouched)
    chained = round(settings.batch * settings.by_chain)

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        shape = SHAPES[step % len(SHAPES)]
        photos = pool.crops(pool.sample(settings.batch, generator), shape, 0.6, generator)
        units = _random_units(chained, count, generator)
        with torch.no_grad():
            by_chain = prior.chain.apply(photos[:chained], prior.chain.from_units(units))
        chance = 0.12 + 0.3 * float(torch.rand((), generator=generator))
        others = degrade(photos[chained + untouched :], generator, chance=chance)
        spoiled = torch.cat([by_chain, photos[chained : chained + untouched], others])
        with torch.autocast("cpu", torch.bfloat16):
            guess, spread = prior(spoiled)
        mended = prior.chain.apply(_thin(spoiled), prior.chain.from_units(guess))
        distance = oklab_distance(mended, _thin(photos))
        at_rest = distance[chained : chained + untouched]
        away = (guess[:chained] + units).abs()
        nll = (away / spread[:chained] + spread[:chained].log()).mean()
        return {
            "mended": (distance.sum() - at_rest.sum()) / len(distance),
            "untouched": at_rest.sum() / len(distance),
            "likelihood": settings.likelihood * nll,
        }

    return losses


def _thin(image: Tensor) -> Tensor:
    """Every third pixel each way: enough to compare colours by, at a ninth of the time."""
    return image[:, :, ::3, ::3]


def _random_units(batch: int, count: int, generator: Generator) -> Tensor:
    """Units of compound edits `(B, P)`: about half of the parameters moved, by a third on average."""
    moved = torch.rand(batch, count, generator=generator) < 0.5
    return torch.tanh(0.45 * torch.randn(batch, count, generator=generator)) * moved

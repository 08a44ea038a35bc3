"""Renditions of a photo for training: as it is, degraded, or edited by operators, two of every photo.

The order in a batch is fixed: first one rendition of every photo, of which some are untouched; then a second
one, of which the last are edited by random operators and the very last by the chain whose units are to be
predicted.
"""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.operators import EditChain
from retouch_aes.training.degrade import degrade, draw_faults
from retouch_aes.training.random_edits import random_chain


@dataclass(frozen=True)
class Mixture:
    """How many of the first renditions stay untouched, and of the second are edited by what."""

    untouched: int = 4
    edited: int = 3
    by_chain: int = 3


@dataclass(frozen=True)
class Renditions:
    """`images` and `originals`, `(2 B, 3, H, W)` each, and the units `(by_chain, P)` of the last ones."""

    images: Tensor
    originals: Tensor
    units: Tensor
    mixture: Mixture

    @property
    def chained(self) -> slice:
        """Which images the chain has made."""
        return slice(len(self.images) - len(self.units), len(self.images))


def renditions(photos: Tensor, chain: EditChain, mixture: Mixture, generator: Generator) -> Renditions:
    """Two renditions of `photos` `(B, 3, H, W)`, sRGB [0, 1]."""
    faults = draw_faults(2 * len(photos), generator)
    faults[: mixture.untouched] = 0
    degraded = len(photos) - mixture.edited - mixture.by_chain
    edited, chained = photos[degraded : degraded + mixture.edited], photos[degraded + mixture.edited :]
    with torch.no_grad():
        both = degrade(torch.cat([photos, photos[:degraded]]), generator, faults[: len(photos) + degraded])
        any_chain = random_chain(generator)
        edit = any_chain.from_units(_random_units(edited, len(any_chain), generator))
        units = _random_units(chained, len(chain), generator)
        parts = [both, any_chain.apply(edited, edit), chain.apply(chained, chain.from_units(units))]
    return Renditions(torch.cat(parts), photos.repeat(2, 1, 1, 1), units, mixture)


def subsampled(image: Tensor) -> Tensor:
    """Every fourth pixel each way: enough to compare colours by, at a sixteenth of the time."""
    return image[:, :, ::4, ::4]


def _random_units(photos: Tensor, count: int, generator: Generator) -> Tensor:
    """Units of compound edits `(B, P)`: some of the parameters moved, by a third of their range or so."""
    batch = len(photos)
    share = torch.rand(batch, 1, generator=generator)
    moved = torch.rand(batch, count, generator=generator) < share
    return (torch.tanh(0.45 * torch.randn(batch, count, generator=generator)) * moved).to(photos)

"""Edits that must not win: ladders along the sliders.

*Edit ladder*: a photo, a mild random edit of it and the same edit twice as strong. The photo must score
above the mild edit and that above the strong one. *Degraded*: the photo must score above a degraded copy.
Every margin grows with the visible difference, so that what cannot be seen costs nothing. What the score
itself is made to choose is in `adversary`.
"""

import torch
from torch import Generator, Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.losses import hinge
from retouch_aes.models.model import AestheticModel
from retouch_aes.training.degrade import degrade
from retouch_aes.training.random_edits import random_chain

PER_DISTANCE = 8.0  # score points of margin for a mean Oklab distance of 1
MOST_MARGIN = 2.5


def margin(image: Tensor, reference: Tensor) -> Tensor:
    """The margin `(B,)` that two renditions of a photo must keep, in score points."""
    return (PER_DISTANCE * oklab_distance(image, reference)).clamp(max=MOST_MARGIN)


def ladder_losses(model: AestheticModel, photos: Tensor, generator: Generator) -> dict[str, Tensor]:
    """Edit ladders and degraded copies of `photos` `(B, 3, H, W)`."""
    chain = random_chain(generator)
    with torch.no_grad():
        direction = torch.randn(len(photos), len(chain), generator=generator)
        few = torch.rand(direction.shape, generator=generator) < max(0.3, 1.5 / len(chain))
        units = (0.35 * direction * few).clamp(-0.5, 0.5).to(photos)
        mild = chain.apply(photos, chain.from_units(units))
        strong = chain.apply(photos, chain.from_units(2 * units))
        degraded = degrade(photos, generator)
    score, mild_score, strong_score, degraded_score = model(
        torch.cat([photos, mild, strong, degraded])
    ).chunk(4)
    first, second = margin(mild, photos), margin(strong, photos)
    rungs = hinge(score, mild_score, margin=first) + hinge(
        mild_score, strong_score, margin=(second - first).clamp(min=0)
    )
    return {"ladder": rungs, "degraded": hinge(score, degraded_score, margin=margin(degraded, photos))}

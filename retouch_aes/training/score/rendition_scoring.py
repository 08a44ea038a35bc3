"""Learning to judge: content by a teacher's opinion, look by the visible difference from the photo as it was.

    wanted score of a rendition = opinion of the photo - per_distance * mean Oklab distance from it

The difference between the scores of two renditions of one photo is taught once more, for there the opinion,
and all its error, falls out. So the score falls evenly on the way from a well-made photo to a degraded one.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.training.renditions import Renditions, subsampled


@dataclass(frozen=True)
class RenditionScoring:
    """Points of score for an Oklab distance of 1, at most how many; weights of the two losses."""

    per_distance: float = 10.0
    most_drop: float = 3.0
    opinion: float = 1.0
    look: float = 1.0


def visible_drop(images: Tensor, originals: Tensor, settings: RenditionScoring) -> Tensor:
    """By how much renditions `(B, 3, H, W)` should score below their originals, `(B,)`."""
    with torch.no_grad():
        away = oklab_distance(subsampled(images), subsampled(originals))
        return (settings.per_distance * away).clamp(max=settings.most_drop)


def rendition_scoring_losses(
    score: Tensor, opinions: Tensor, seen: Renditions, settings: RenditionScoring
) -> dict[str, Tensor]:
    """The losses of scores `(2 B,)` of renditions, whose photos have `opinions` `(B,)`."""
    wanted = opinions.repeat(2) - visible_drop(seen.images, seen.originals, settings)
    first, second = score.chunk(2)
    wanted_first, wanted_second = wanted.chunk(2)
    return {
        "opinion": settings.opinion * F.smooth_l1_loss(score, wanted, beta=0.5),
        "look": settings.look * F.smooth_l1_loss(first - second, wanted_first - wanted_second, beta=0.25),
    }

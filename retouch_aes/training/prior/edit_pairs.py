"""A photographer's own pairs as examples for the prior: a photo should become what they made of it."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.errors import PhotoError
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.photo import read
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.examples import KINDS, PriorExamples, kept_bytes

_SAME_SHAPE = 0.01


def load_pairs(pairs: Sequence[tuple[Path, Path]], long_side: int) -> tuple[PhotoPool, list[str]]:
    """Small copies of pairs (before, after), one upon the other: `(6, H, W)` each, uint8 sRGB.

    A pair that cannot be read, or whose photo was cropped or turned, is left out, with a sentence.
    """
    paths, images, problems = [], [], []
    for photo, edited in pairs:
        try:
            before, after = read(photo).proxy(long_side), read(edited).proxy(long_side)
        except PhotoError as error:
            problems.append(f"{edited.name}: {error}")
            continue
        (height, width), (rows, columns) = before.shape[-2:], after.shape[-2:]
        if abs(width / height / (columns / rows) - 1) > max(_SAME_SHAPE, 1 / min(height, rows)):
            problems.append(
                f"{edited.name}: the edit was cropped or turned: {width} x {height} became {columns} x {rows}"
            )
            continue
        after = F.interpolate(after.float(), (height, width), mode="bilinear", antialias=True).clamp(0, 1)
        paths.append(edited)
        images.append((torch.cat([before.float(), after], dim=1)[0] * 255).round().to(torch.uint8))
    return PhotoPool(tuple(paths), tuple(images)), problems


def afters(pairs: PhotoPool) -> PhotoPool:
    """What the photographer made, as well-made photos of their own."""
    return PhotoPool(pairs.paths, tuple(image[3:] for image in pairs.images))


def see_pairs(prior: LearnedPrior, both: Tensor, index: Tensor, generator: Generator) -> PriorExamples:  # noqa: ARG001
    """Examples of crops `(B, 6, H, W)` of pairs, for `gather_examples`."""
    before, after = both.chunk(2, dim=1)
    with torch.no_grad():
        features = prior.head.see(prior.maps(before), before)
    return PriorExamples(
        kept_bytes(before),
        kept_bytes(after),
        features.half().cpu(),
        torch.full((len(both),), KINDS.index("pair")),
        index,
        torch.zeros(len(both), len(prior.chain)),
    )

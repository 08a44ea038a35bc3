"""Edits that the score itself is made to choose, and that must not win.

A few ascent steps on an edit's numbers, as the solver takes them, from the photo or from a degraded copy,
find an edit that the score likes; the photo must still score above it, by a margin that grows with the
visible difference. So what this score's own gradient finds is never worth following.

The edits are chains of operators and *colour fields*, which no slider makes: smooth fields of gain and
offset, as an enhancement network could answer.

    edited = x * 2^(GAIN g(p)) + OFFSET o(p)      g, o in [-1, 1]: per channel, linear between a few points

A score that has met sliders only can be ascended by the networks that it teaches: under a veil of haze they
turned their photos teal, and it rose. One point is a cast or a change of light, eight by eight come near to
what a network of low-resolution output can do.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.color.clamp import soft_clamp
from retouch_aes.losses import hinge
from retouch_aes.models.model import AestheticModel
from retouch_aes.training.degrade import degrade
from retouch_aes.training.random_edits import random_chain
from retouch_aes.training.score.edit_ladders import margin

GAIN = 0.8
OFFSET = 0.15
POINTS = (1, 2, 4, 8)


@dataclass(frozen=True)
class AdversarialAscent:
    """How the adversary ascends: steps along the normalised gradient, in tanh space of the units.

    It starts at a random edit of about `start` and each step moves a number by about `size`; both are scaled
    by a random number in [0.2, 1] per photo, so that small wins are found as well as large ones. The share
    `fields` of its edits are colour fields.
    """

    steps: int = 3
    size: float = 0.3
    start: float = 0.3
    fields: float = 0.4


@dataclass(frozen=True)
class EditFamily:
    """`count` units in [-1, 1] for each photo, and `apply(photos, units)`, which gives photos."""

    count: int
    apply: Callable[[Tensor, Tensor], Tensor]


def any_edit(generator: Generator, fields: float) -> EditFamily:
    """A colour field with probability `fields`, else a chain of random operators."""
    if float(torch.rand((), generator=generator)) < fields:
        return colour_field(POINTS[int(torch.randint(len(POINTS), (), generator=generator))])
    chain = random_chain(generator)
    return EditFamily(len(chain), lambda photos, units: chain.apply(photos, chain.from_units(units)))


def colour_field(points: int) -> EditFamily:
    """Gain and offset of each channel, free at `points` x `points` places."""

    def apply(photos: Tensor, units: Tensor) -> Tensor:
        coarse = units.view(len(photos), 6, points, points)
        fields = F.interpolate(coarse, size=photos.shape[-2:], mode="bilinear", align_corners=True)
        gain, offset = fields.chunk(2, dim=1)
        return soft_clamp(photos * 2 ** (GAIN * gain) + OFFSET * offset)

    return EditFamily(6 * points**2, apply)


def ascend(
    model: AestheticModel, photos: Tensor, edit: EditFamily, generator: Generator, ascent: AdversarialAscent
) -> Tensor:
    """The renditions `(B, 3, H, W)` of `photos` that the gradient of `model` leads to."""
    scale = (0.2 + 0.8 * torch.rand(len(photos), 1, generator=generator)).to(photos)
    hidden = ascent.start * scale * torch.randn(len(photos), edit.count, generator=generator).to(photos)
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in wanted:
        parameter.requires_grad_(False)
    for _ in range(ascent.steps):
        with torch.enable_grad():
            hidden.requires_grad_()
            score = model(edit.apply(photos, torch.tanh(hidden)))
            (gradient,) = torch.autograd.grad(score.sum(), hidden)
        length = gradient.norm(dim=1, keepdim=True).clamp(min=1e-8)
        hidden = (hidden + ascent.size * scale * edit.count**0.5 * gradient / length).detach()
    for parameter in wanted:
        parameter.requires_grad_(True)
    with torch.no_grad():
        return edit.apply(photos, torch.tanh(hidden))


def adversarial_edits(
    model: AestheticModel, photos: Tensor, generator: Generator, ascent: AdversarialAscent
) -> Tensor:
    """Renditions of `photos` `(B, 3, H, W)` that `model` overrates, half of degraded copies."""
    half = len(photos) // 2
    begin = torch.cat([photos[:half], degrade(photos[half:], generator)])
    return ascend(model, begin, any_edit(generator, ascent.fields), generator, ascent)


def adversarial_loss(
    model: AestheticModel, photos: Tensor, generator: Generator, ascent: AdversarialAscent
) -> dict[str, Tensor]:
    """Photos `(B, 3, H, W)` must score above what the model's own gradient finds."""
    edited = adversarial_edits(model, photos, generator, ascent)
    score, edited_score = model(torch.cat([photos, edited])).chunk(2)
    return {"adversary": hinge(score, edited_score, margin=margin(edited, photos))}

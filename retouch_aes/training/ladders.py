"""Edits that must not win: ladders along the sliders, and ladders that the score itself is made to choose.

*Edit ladder*: a photo, a mild random edit of it and the same edit twice as strong. The photo must score
above the mild edit and that above the strong one. *Spoiled*: the photo must score above a spoiled copy.
*Adversarial ladder*: a few ascent steps on the edit's parameters, as the solver takes them, from the photo
or from a spoiled copy, find an edit that the score likes; the photo must still score above it. Every margin
grows with the visible difference, so that what cannot be seen costs nothing and what cannot be mended by
this score's own gradient is never worth climbing to.
"""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.losses import hinge
from retouch_aes.models.model import AestheticModel
from retouch_aes.operators import OPERATORS, EditChain
from retouch_aes.training.degrade import degrade

PER_DISTANCE = 8.0  # score points of margin for a mean Oklab distance of 1
MOST_MARGIN = 2.5


@dataclass(frozen=True)
class Ascent:
    """How the adversary climbs: steps along the normalised gradient, in tanh space of the units.

    It starts at a random edit of about `start` and each step moves a parameter by about `size`; both are
    scaled by a random number in [0.2, 1] per photo, so that small wins are found as well as large ones.
    """

    steps: int = 3
    size: float = 0.3
    start: float = 0.3


def random_chain(generator: Generator, share: float = 0.45) -> EditChain:
    """A chain of operators drawn from the catalogue, each with probability `share`, one at least."""
    names = list(OPERATORS)
    drawn = torch.rand(len(names), generator=generator)
    chosen = [name for name, value in zip(names, drawn.tolist(), strict=True) if value < share]
    return EditChain([OPERATORS[name] for name in chosen or [names[int(drawn.argmin())]]])


def margin(image: Tensor, reference: Tensor) -> Tensor:
    """The margin `(B,)` that two renditions of a photo must keep, in score points."""
    return (PER_DISTANCE * oklab_distance(image, reference)).clamp(max=MOST_MARGIN)


def ladder_losses(model: AestheticModel, photos: Tensor, generator: Generator) -> dict[str, Tensor]:
    """Edit ladders and spoiled copies of `photos` `(B, 3, H, W)`."""
    chain = random_chain(generator)
    with torch.no_grad():
        direction = torch.randn(len(photos), len(chain), generator=generator)
        few = torch.rand(direction.shape, generator=generator) < max(0.3, 1.5 / len(chain))
        units = (0.35 * direction * few).clamp(-0.5, 0.5).to(photos)
        mild = chain.apply(photos, chain.from_units(units))
        strong = chain.apply(photos, chain.from_units(2 * units))
        spoiled = degrade(photos, generator)
    score, mild_score, strong_score, spoiled_score = model(torch.cat([photos, mild, strong, spoiled])).chunk(
        4
    )
    first, second = margin(mild, photos), margin(strong, photos)
    rungs = hinge(score, mild_score, margin=first) + hinge(
        mild_score, strong_score, margin=(second - first).clamp(min=0)
    )
    return {"ladder": rungs, "spoiled": hinge(score, spoiled_score, margin=margin(spoiled, photos))}


def adversarial_loss(
    model: AestheticModel, photos: Tensor, generator: Generator, ascent: Ascent
) -> dict[str, Tensor]:
    """Photos `(B, 3, H, W)` against what the model's own gradient finds, half from spoiled copies."""
    chain = random_chain(generator)
    half = len(photos) // 2
    begin = torch.cat([photos[:half], degrade(photos[half:], generator)])
    scale = (0.2 + 0.8 * torch.rand(len(photos), 1, generator=generator)).to(photos)
    hidden = ascent.start * scale * torch.randn(len(photos), len(chain), generator=generator).to(photos)
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in wanted:
        parameter.requires_grad_(False)
    for _ in range(ascent.steps):
        hidden.requires_grad_()
        edited = chain.apply(begin, chain.from_units(torch.tanh(hidden)))
        (gradient,) = torch.autograd.grad(model(edited).sum(), hidden)
        length = gradient.norm(dim=1, keepdim=True).clamp(min=1e-8)
        hidden = (hidden + ascent.size * scale * len(chain) ** 0.5 * gradient / length).detach()
    for parameter in wanted:
        parameter.requires_grad_(True)
    with torch.no_grad():
        edited = chain.apply(begin, chain.from_units(torch.tanh(hidden)))
    score, edited_score = model(torch.cat([photos, edited])).chunk(2)
    return {"adversary": hinge(score, edited_score, margin=margin(edited, photos))}

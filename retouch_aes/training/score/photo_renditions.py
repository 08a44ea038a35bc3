"""Renditions of a photo, of which a score is to learn: the photo as it is, and what makes it worse.

Of every photo there is a *view* (the whole, or a crop in another shape), and renditions of it. Kinds:

* `view`: whole or cropped; the first of a rated photo is the whole;
* `mirror`: the view mirrored, of every view;
* technical faults (`technical_faults`), one kind a view, mild and strong;
* `slider`: one parameter of one operator moved, part of the way and further;
* `edited`: a random chain of operators, mild and twice as strong, or `degraded`: faults of light and colour;
* `plain`: a frame of one colour, with or without a little noise or a gradient;
* what the score's own gradient has found (`free_pixels`): edits, perturbations, outputs of networks.
"""

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from retouch_aes.operators import OPERATORS, EditChain
from retouch_aes.training.degrade import degrade
from retouch_aes.training.random_edits import random_chain
from retouch_aes.training.score.technical_faults import TECHNICAL, spoiled
from retouch_aes.training.shapes import SHAPES


@dataclass(frozen=True)
class SeenRendition:
    """One picture `(1, 3, H, W)`; `below` counts from the view of its photo, which is 0."""

    image: Tensor
    kind: str
    amount: float = 0.0
    below: int = 0


def renditions_of(photo: Tensor, whole: bool, generator: Generator) -> list[list[SeenRendition]]:
    """The groups of one photo `(1, 3, H, W)`: each begins with its view and has one size."""
    draw = torch.rand(6, generator=generator).tolist()
    shaped = cropped(photo, generator)
    view = photo if whole or draw[0] < 0.5 else shaped
    group = [SeenRendition(view, "view")]
    group += _ladder_of(view, generator)
    group += _slider_of(view, generator)
    if draw[1] < 0.5:
        with torch.no_grad():
            group.append(SeenRendition(degrade(view, generator), "degraded"))
    else:
        group += _edited(view, generator)
    if draw[2] < 0.4:
        group += _exposed(view, generator, start=len(group))
    group.append(SeenRendition(view.flip(-1), "mirror"))
    return [group, unchanged(shaped)] if whole else [group]


def unchanged(view: Tensor) -> list[SeenRendition]:
    """A view `(1, 3, H, W)` and its mirror image."""
    return [SeenRendition(view, "view"), SeenRendition(view.flip(-1), "mirror")]


def _ladder_of(view: Tensor, generator: Generator) -> list[SeenRendition]:
    """One technical fault, mild and strong."""
    draw = torch.rand(3, generator=generator).tolist()
    kind = tuple(TECHNICAL)[int(draw[0] * len(TECHNICAL))]
    mild = 0.05 + 0.5 * draw[1]
    strong = mild + 0.15 + (0.85 - mild) * draw[2]
    seed = int(torch.randint(2**31, (), generator=generator))
    rungs = [SeenRendition(spoiled(kind, view, mild, seed), kind, mild)]
    return [*rungs, SeenRendition(spoiled(kind, view, strong, seed), kind, strong, below=1)]


def _exposed(view: Tensor, generator: Generator, start: int) -> list[SeenRendition]:
    """A ladder of exposure, whose mild rung will be number `start` of its group."""
    draw = torch.rand(2, generator=generator).tolist()
    seed = int(torch.randint(2**31, (), generator=generator))
    mild = 0.1 + 0.4 * draw[0]
    amounts = (mild, mild + 0.2 + (0.8 - mild) * draw[1])
    both = [spoiled("misexposure", view, amount, seed) for amount in amounts]
    rungs = [SeenRendition(image, "misexposure", amount) for image, amount in zip(both, amounts, strict=True)]
    return [rungs[0], replace(rungs[1], below=start)]


def _slider_of(view: Tensor, generator: Generator) -> list[SeenRendition]:
    """One parameter moved, to one side, mildly and further; stands after view and ladder."""
    names = list(OPERATORS)
    chain = EditChain([OPERATORS[names[int(torch.randint(len(names), (), generator=generator))]]])
    draw = torch.rand(4, generator=generator).tolist()
    units = torch.zeros(2, len(chain))
    mild = 0.15 + 0.4 * draw[0]
    strong = mild + 0.15 + (0.85 - mild) * draw[1]
    column = int(draw[2] * len(chain))
    units[:, column] = torch.tensor([mild, strong]) * (1 if draw[3] < 0.5 else -1)
    with torch.no_grad():
        both = [chain.apply(view, chain.from_units(row[None])) for row in units]
    return [SeenRendition(both[0], "slider", mild), SeenRendition(both[1], "slider", strong, below=3)]


def _edited(view: Tensor, generator: Generator) -> list[SeenRendition]:
    """A random edit, mild and twice as strong; stands after view, ladder and slider."""
    chain = random_chain(generator)
    few = torch.rand(1, len(chain), generator=generator) < max(0.3, 1.5 / len(chain))
    units = (0.35 * torch.randn(1, len(chain), generator=generator) * few).clamp(-0.5, 0.5)
    with torch.no_grad():
        both = [chain.apply(view, chain.from_units(share * units)) for share in (1, 2)]
    return [SeenRendition(both[0], "edited", 0.5), SeenRendition(both[1], "edited", 1.0, below=5)]


def cropped(photo: Tensor, generator: Generator) -> Tensor:
    """A crop of another shape, .6 or more of the area that fits."""
    height, width = photo.shape[-2:]
    draw = torch.rand(4, generator=generator).tolist()
    tall, wide = SHAPES[int(draw[0] * len(SHAPES))]
    fit = min(height / tall, width / wide) * (0.6 + 0.4 * draw[1]) ** 0.5
    rows, columns = max(64, round(tall * fit)), max(64, round(wide * fit))
    top, left = (
        int(at * max(0, n - m + 1))
        for at, n, m in zip(draw[2:], (height, width), (rows, columns), strict=True)
    )
    return photo[..., top : top + rows, left : left + columns]

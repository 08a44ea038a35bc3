"""The one-pass retoucher: every operator's parameters from a single look at the proxy, without a search.

It is an edit prior like the bundled one, on the same frozen body, whose head learns what the solver would do
for a score or a taste, in two stages on crops of photos, half of them degraded:

1. *distil*: the photo edited as the network says comes near to the photo edited as the solver says;
2. *amortise*: the solver's own objective is lowered, over all crops at once instead of one photo at a time.

Its answer is an ordinary recipe, and a solver may go on from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Generator, Tensor, nn

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.editing.objective import Objective, ObjectiveWeights
from retouch_aes.losses import Fidelity
from retouch_aes.models.edit_prior import EditPrior, LearnedPrior, NeutralPrior, with_operators
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.optim.training_loop import Losses, Schedule, TrainingProgress, train
from retouch_aes.training.degrade import degrade
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.renditions import subsampled
from retouch_aes.training.shapes import SHAPES, shape_of

Aim = Callable[[Tensor], tuple[nn.Module, EditPrior | None]]
"""Photos `(B, 3, H, W)` -> the score to raise on them, and where a search for it would start."""


@dataclass(frozen=True)
class OnePassTraining:
    """Crops that the solver answers, their size, how many a step, the two stages, the solver's settings."""

    crops: int = 480
    side: int = 192
    batch: int = 16
    least: float = 0.6
    degraded: float = 0.5
    distil: Schedule = field(default_factory=lambda: Schedule("distil", 400, 1e-3))
    amortise: Schedule = field(default_factory=lambda: Schedule("amortise", 300, 2e-4))
    solver: BFGS = field(default_factory=BFGS)
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)
    seed: int = 0


@dataclass(frozen=True)
class SolvedCrops:
    """One batch of crops `(B, 3, H, W)`; the search's start, its spread and its end, `(B, P)` each.

    `seen` are the means of the frozen backbone's maps of the crops and of their mirror images, which is all
    that the head takes of them; they are made once for all steps.
    """

    crops: Tensor
    seen: tuple[Sequence[Tensor], Sequence[Tensor]]
    start: Tensor
    spread: Tensor
    end: Tensor


def train_one_pass(
    base: LearnedPrior,
    operators: Sequence[str],
    photos: Sequence[Path],
    aim: Aim,
    settings: OnePassTraining,
    progress: TrainingProgress | None = None,
) -> LearnedPrior:
    """A network for `operators` that begins as `base` and learns from `photos`; in evaluation mode.

    `PhotoError` for an unreadable photo.
    """
    device = next(base.parameters()).device
    network = with_operators(base, operators).to(device)
    pool = PhotoPool.load(photos, 2 * settings.side)
    solved = solve(network, pool, aim, settings, device, progress)
    stages = (
        (settings.distil, distilled(network, solved)),
        (settings.amortise, amortised(network, solved, aim, settings)),
    )
    for schedule, losses in stages:
        train(network.train(), losses, replace(schedule, seed=settings.seed), progress=progress)
    return network.eval()


def solve(
    network: LearnedPrior,
    pool: PhotoPool,
    aim: Aim,
    settings: OnePassTraining,
    device: torch.device,
    progress: TrainingProgress | None = None,
) -> list[SolvedCrops]:
    """Crops of photos in changing shapes, what the solver does with each, and what `network` sees of them."""
    chain = network.chain
    generator = Generator().manual_seed(settings.seed)
    fidelity, found = Fidelity(), []
    count = -(-settings.crops // settings.batch)
    order = torch.cat(
        [torch.randperm(len(pool), generator=generator) for _ in range(1 + settings.crops // len(pool))]
    )
    for number in range(count):
        size = shape_of(SHAPES[number % len(SHAPES)], settings.side)
        chosen = order[number * settings.batch : (number + 1) * settings.batch]
        crops = pool.crops(chosen, size, settings.least, generator)
        degraded = round(settings.degraded * len(crops))
        crops = torch.cat([crops[degraded:], degrade(crops[:degraded], generator)]).to(device)
        model, prior = aim(crops)
        start, spread = (prior or NeutralPrior()).guess(crops, chain)
        objective = Objective.about(crops, chain, model, fidelity, (start, spread), settings.weights)
        end = settings.solver.minimise(objective, start, spread).parameters
        found.append(SolvedCrops(crops, _seen(network, crops), start, spread, end))
        if progress is not None:
            progress("solve", number + 1, count, {})
    return found


def distilled(network: LearnedPrior, solved: Sequence[SolvedCrops]) -> Losses:
    """Near to the solver's photo, and, weakly, to its units: the first stage."""
    chain = network.chain

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        batch = _drawn(solved, generator)
        units, _ = network.head(batch.seen[0], batch.crops)
        small = subsampled(batch.crops)
        with torch.no_grad():
            wanted = chain.apply(small, chain.from_units(batch.end))
        made = chain.apply(small, chain.from_units(units))
        return {
            "photo": 10 * oklab_distance(made, wanted).mean(),
            "units": 0.3 * (units - batch.end).abs().mean(),
        }

    return losses


def amortised(
    network: LearnedPrior, solved: Sequence[SolvedCrops], aim: Aim, settings: OnePassTraining
) -> Losses:
    """The solver's objective, about the start that its search would have had: the second stage."""
    chain, fidelity = network.chain, Fidelity()

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        batch = _drawn(solved, generator)
        model, _ = aim(batch.crops)
        guess = (batch.start, batch.spread)
        objective = Objective.about(batch.crops, chain, model, fidelity, guess, settings.weights)
        return {"objective": objective(network.head(batch.seen[0], batch.crops)[0]).mean()}

    return losses


def _drawn(solved: Sequence[SolvedCrops], generator: Generator) -> SolvedCrops:
    """One batch, mirrored or not."""
    batch = solved[int(torch.randint(len(solved), (1,), generator=generator))]
    mirrored = bool(torch.rand(1, generator=generator) < 0.5)
    return replace(batch, crops=batch.crops.flip(-1), seen=batch.seen[::-1]) if mirrored else batch


def _seen(network: LearnedPrior, crops: Tensor) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
    """As in use: the body in evaluation mode, without gradients; `(B, C, 1, 1)` of every map."""
    network.eval()
    with torch.no_grad():
        one, other = (
            [found.mean((-2, -1), keepdim=True) for found in network.maps(image)]
            for image in (crops, crops.flip(-1))
        )
    return one, other

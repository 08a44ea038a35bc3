"""The training of an edit prior from end to end: photos in memory, examples seen once, the head fitted."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import LearnedPrior, with_operators
from retouch_aes.operators import AUTO
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train, with_losses
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.examples import gather_examples
from retouch_aes.training.prior.head import HeadTraining, head_losses, left_over

_FILL_FOR_SHADOWS = 0.7


@dataclass(frozen=True)
class PriorTraining:
    """How long and how fast; `held` photos of eight are kept apart to be measured on.

    Each finished photo is seen `often` times, each that lacks light `often_lacking` times; `long_side` is
    the size in pixels at which photos are kept. Of the head that it began as the weights keep the share
    `kept` (weights averaged: Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): what a
    few photos teach is not to cost what many taught.
    """

    steps: int = 210
    rate: float = 5e-4
    decay: float = 1e-2
    held: int = 1
    often: int = 10
    often_lacking: int = 3
    long_side: int = 220
    seed: int = 0
    kept: float = 0.0
    head: HeadTraining = field(default_factory=HeadTraining)


def train_prior(
    prior: LearnedPrior,
    photos: Sequence[Path],
    finished: Sequence[Path],
    settings: PriorTraining,
    *,
    lacking: Sequence[Path] = (),
    progress: TrainingProgress | None = None,
) -> dict[str, float]:
    """Fit the head of `prior` in place; its backbone stays. What is left over on photos kept apart, by kind.

    `photos` are well-made ones, `finished` those of difficult kinds, which are shown more often, `lacking`
    those that lack light, whose answer is a rule's (`lift`). Raises `UsageError` for fewer than eight photos.
    """
    if len(photos) < 8:
        raise UsageError(f"expected eight photos at least, got {len(photos)}")
    device = next(prior.parameters()).device
    pool = PhotoPool.load([*photos, *finished, *lacking], settings.long_side)
    index, dark = torch.arange(len(pool)).split([len(photos) + len(finished), len(lacking)])
    apart = (index < len(photos)) & (index % 8 < settings.held)
    often = torch.where(index < len(photos), 1, settings.often)
    learned = index.repeat_interleave(torch.where(apart, 0, often))

    dark = dark.repeat(settings.often_lacking)
    examples = gather_examples(prior, pool, learned, dark, seed=settings.seed, progress=with_losses(progress))
    measured = gather_examples(prior, pool, index[apart], seed=settings.seed + 1)
    examples = [some.to(device) for some in examples]
    prior.requires_grad_(False)
    begun = copy.deepcopy(prior.head.state_dict())
    prior.head.requires_grad_(True).eval()  # what it stands on, the statistics of many photos, stays
    schedule = Schedule("prior", settings.steps, settings.rate, decay=settings.decay, seed=settings.seed)
    train(
        prior.head, head_losses(prior.head, prior.chain, examples, settings.head), schedule, progress=progress
    )
    prior.requires_grad_(False).eval()
    for name, value in prior.head.state_dict().items():
        if value.is_floating_point():
            value.lerp_(begun[name], settings.kept)
    return left_over(prior.head, prior.chain, [some.to(device) for some in measured])


def knowing_fill_light(base: LearnedPrior) -> LearnedPrior:
    """`base`, or where it knows the general operators alone, one that fills light, too.

    Until it has learned better it does so where it lifts shadows, which it then lifts half as far.
    """
    known = [operator.name for operator in base.chain.operators]
    network = with_operators(base, [*AUTO, "fill_light"] if known == list(AUTO) else known)
    network.doubt = base.doubt
    if known == list(AUTO):
        fill, shadows = (network.chain.names.index(name) for name in ("fill_light.fill", "tones.shadows"))
        with torch.no_grad():
            for numbers in (network.head.out.weight, network.head.out.bias):
                numbers[fill] = _FILL_FOR_SHADOWS * numbers[shadows]
                numbers[shadows] *= 0.5
    return network

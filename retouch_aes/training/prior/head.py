"""The head of an edit prior, fitted to examples seen once: restore the degraded, spare the finished.

The loss is the mean Oklab distance (a and b doubled) between the restored rendition and its target,
so that the head need not find *the* sliders, only ones that work. A mean of distances, not of squares: where
the same look may be a fault or meant, the likelier of the two is what pays, and in doubt less is done. Of
what lacks light, or was darkened, that leaves a half, so that what ends darker than it should counts once
more. Each kind of example counts by its share. The spread is taught, by the likelihood of a Laplace
distribution, where the right units are known: those of a chain that is to be undone, and none for a finished
photo.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import oklab_distance
from retouch_aes.models.edit_prior import EditHead
from retouch_aes.operators import EditChain
from retouch_aes.optim.training_loop import Losses
from retouch_aes.training.prior.examples import KINDS, SHARES, PriorExamples


@dataclass(frozen=True)
class HeadTraining:
    """Examples a step; what each kind counts, in the order of `KINDS`; the weights of the losses.

    `dropout` is the share of the numbers that a step does not see, `noise` what the others are multiplied by.
    """

    batch: int = 96
    shares: tuple[float, ...] = SHARES
    distance: float = 10.0
    darker: float = 1.5
    likelihood: float = 0.02
    noise: float = 0.02
    dropout: float = 0.15


def head_losses(
    head: EditHead, chain: EditChain, examples: Sequence[PriorExamples], settings: HeadTraining
) -> Losses:
    """The losses of a step, for `optim.training_loop.train`: examples of one shape, drawn by their shares."""
    drawn = [_chances(some.kind.cpu(), settings.shares) for some in examples]  # chance comes from the CPU

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        which = step % len(examples)
        index = torch.multinomial(drawn[which], settings.batch, replacement=True, generator=generator)
        seen = examples[which].of(index)
        features = seen.features.float()
        noise = torch.randn(features.shape, generator=generator).to(features) * settings.noise
        kept = torch.rand(features.shape, generator=generator).to(features) >= settings.dropout
        middle = head.middle
        shown = middle + (features - middle) * kept / (1 - settings.dropout)
        units, spread = head.judge(shown * (1 + noise))
        known = (seen.kind <= 1) | (seen.kind == KINDS.index("by the chain"))
        missed = (units[known] + seen.units[known]).abs()
        width = spread[known]
        images, targets = seen.images.float() / 255, seen.targets.float() / 255
        restored = chain.apply(images, chain.from_units(units))
        dark = (seen.kind == KINDS.index("dark")) | (seen.kind == KINDS.index("lacking light"))
        darker = (luma(targets) - luma(restored)).mean((1, 2, 3)).clamp(min=0) * dark
        return {
            "restored": settings.distance * oklab_distance(restored, targets).mean(),
            "darker": settings.darker * darker.mean(),
            "likelihood": settings.likelihood * (missed / width + width.log()).sum() / max(1, missed.numel()),
        }

    return losses


def restored_distance(units: Tensor, seen: PriorExamples, chain: EditChain) -> Tensor:
    """How far `seen`, edited by `units` `(N, P)`, is from what it should become, `(N,)`."""
    images, targets = seen.images.float() / 255, seen.targets.float() / 255
    return oklab_distance(chain.apply(images, chain.from_units(units)), targets)


def left_over(
    head: EditHead, chain: EditChain, examples: Sequence[PriorExamples], *, batch: int = 256
) -> dict[str, float]:
    """By kind: mean distance after the restoration over that before; of the finished the distance moved."""
    before, after = torch.zeros(len(KINDS)), torch.zeros(len(KINDS))
    count = torch.zeros(len(KINDS))
    head.eval()
    with torch.no_grad():
        for some in examples:
            for index in torch.split(torch.arange(len(some)), batch):
                seen = some.of(index)
                units, _ = head.judge(seen.features.float())
                kinds, nothing = seen.kind.cpu(), torch.zeros_like(units)
                after.index_add_(0, kinds, restored_distance(units, seen, chain).cpu())
                before.index_add_(0, kinds, restored_distance(nothing, seen, chain).cpu())
                count.index_add_(0, kinds, torch.ones(len(seen)))
    found = {}
    for kind, name in enumerate(KINDS):
        if not count[kind]:
            continue
        divisor = count[kind] if kind <= 1 else before[kind]
        found[name] = float(after[kind] / divisor.clamp(min=1e-6))
    return found


def _chances(kind: Tensor, shares: Sequence[float]) -> Tensor:
    """How likely each example is to be drawn, so that the kinds come by their shares."""
    chances = torch.zeros(len(kind))
    for which, share in enumerate(shares):
        mine = kind == which
        chances[mine] = share / max(1, int(mine.sum()))
    return chances

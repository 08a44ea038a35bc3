"""The guard of an edit prior, fitted to examples seen once: finished photos against those with faults."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from retouch_aes.models.finished_guard import FinishedGuard
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train
from retouch_aes.training.prior.examples import KINDS, PriorExamples

FEWEST = 400
"""Examples of either sort without which there is nothing to learn from."""
_FINISHED = (KINDS.index("as it is"), KINDS.index("look"))
_LACKING = KINDS.index("lacking light")
_BATCH, _STEPS, _RATE, _DECAY = 256, 1000, 2e-3, 0.1
_RARE = 3.0  # times that what lacks light counts, of which there are few real photos


def fit_guard(
    examples: Sequence[PriorExamples], *, seed: int = 0, progress: TrainingProgress | None = None
) -> FinishedGuard | None:
    """A guard that tells finished from unfinished.

    Args:
        examples: As the head learns from; photos as they are and looks, nights among them, are finished.
        seed: Of chance.
        progress: Is told of every step.

    Returns:
        The guard, frozen; None where fewer than `FEWEST` examples are finished, or are not.
    """
    seen = torch.cat([some.features.float() for some in examples])
    kind = torch.cat([some.kind for some in examples])
    finished = torch.isin(kind, torch.tensor(_FINISHED, device=kind.device))
    if min(int(finished.sum()), int((~finished).sum())) < FEWEST:
        return None
    chances = torch.where(finished, 1 / finished.sum(), 1 / (~finished).sum())
    chances = torch.where(kind == _LACKING, _RARE * chances, chances).cpu()  # chance comes from the CPU
    with torch.random.fork_rng(devices=[]):  # the CPU's chance is all that is drawn from
        torch.manual_seed(seed)
        guard = FinishedGuard(seen.shape[1]).to(seen)
        guard.meet(seen)

        def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
            index = torch.multinomial(chances, _BATCH, replacement=True, generator=generator).to(seen.device)
            wanted = (~finished[index]).float()
            return {"finished": nn.functional.binary_cross_entropy_with_logits(guard(seen[index]), wanted)}

        train(guard, losses, Schedule("guard", _STEPS, _RATE, decay=_DECAY, seed=seed), progress=progress)
    return guard.requires_grad_(False).eval()

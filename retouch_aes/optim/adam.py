"""Adam (Kingma and Ba, ICLR 2015) on a handful of parameters: slower than BFGS, and deaf to noise."""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.optim.minimiser import MinimiseOutcome, MinimiseResult, Objective, Reparametrised


@dataclass(frozen=True)
class Adam:
    """`steps` steps at `rate`, in spreads; the best place passed counts."""

    steps: int = 40
    rate: float = 0.1

    def minimise(self, objective: Objective, start: Tensor, spread: Tensor) -> MinimiseResult:
        """See `Minimiser.minimise`."""
        space = Reparametrised.about(start, spread)
        place = torch.zeros_like(start)
        optimiser = torch.optim.Adam([place], lr=self.rate)
        best, value = place.clone(), torch.full_like(start[:, 0], torch.inf)
        history = []
        for step in range(self.steps + 1):
            found, slope = space.value_and_slope(objective, place)
            better = found < value
            best = torch.where(better[:, None], place, best)
            value = torch.where(better, found, value)
            history.append(value)
            if step < self.steps:
                place.grad = slope
                optimiser.step()
        outcome = (MinimiseOutcome.OUT_OF_STEPS,) * len(start)
        return MinimiseResult(value, space.parameters(best), outcome, torch.stack(history).cpu(), self.steps)

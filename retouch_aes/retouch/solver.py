"""Gradient descent on an objective, from a start, with the best point kept.

Adam moves `v` with `units = tanh(v)`, so that no parameter ever leaves its range. Every photo of the batch
is its own problem: the best value of each is kept, and it ends when it has not improved for a while, so that
a photo gets the same answer alone and among others. The loop ends with the last.

Adam (Kingma and Ba, 2015) is a few lines of its own here: building `torch.optim.Adam` imports PyTorch's whole
compiler, which takes longer than a search.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

_INSIDE = 0.999
_MEAN, _SQUARE, _EPSILON = 0.9, 0.999, 1e-8  # Adam's decay rates, and what keeps its division finite


@dataclass(frozen=True)
class Adam:
    """`steps` of size `rate` in tanh space; ends after `patience` steps without a gain of `tolerance`."""

    steps: int = 40
    rate: float = 0.03
    patience: int = 8
    tolerance: float = 1e-3

    def minimise(self, objective: Callable[[Tensor], Tensor], start: Tensor) -> tuple[Tensor, Tensor]:
        """Minimise `objective: (B, P) units -> (B,)` from `start` `(B, P)`.

        Returns the best units `(B, P)` and the history of best values `(steps taken + 1, B)`.
        """
        hidden = torch.atanh(start.clamp(-_INSIDE, _INSIDE)).requires_grad_()
        mean, square = torch.zeros_like(start), torch.zeros_like(start)
        best_units, best = start.clone(), torch.full((len(start),), torch.inf, device=start.device)
        history, waited = [], torch.zeros(len(start), device=start.device)
        for step in range(self.steps + 1):
            units = torch.tanh(hidden)
            values = objective(units)
            with torch.no_grad():
                gained = values < best - self.tolerance
                better = (values < best) & (waited < self.patience)
                best_units = torch.where(better[:, None], units, best_units)
                best = torch.where(better, values, best)
                waited = torch.where(better & gained, 0, waited + 1)
            history.append(best.detach().cpu())
            if step == self.steps or bool((waited >= self.patience).all()):
                break
            (slope,) = torch.autograd.grad(values.sum(), hidden)
            mean = torch.lerp(slope, mean, _MEAN)
            square = torch.lerp(slope * slope, square, _SQUARE)
            length = (square / (1 - _SQUARE ** (step + 1))).sqrt() + _EPSILON
            with torch.no_grad():
                hidden -= self.rate / (1 - _MEAN ** (step + 1)) * mean / length
        return best_units.detach(), torch.stack(history)

"""Quasi-Newton descent (BFGS) on an objective, from a start: a dozen sliders, so the whole matrix is kept.

Steps are taken in `v` with `units = tanh(v)`, so that no parameter ever leaves its range, and `v` is counted
in the prior's spreads, in which the anchor of a retouch has equal curvature along every slider: the inverse
Hessian is then nearly right from the first update on. A step that does not lower the value is shortened.

Every photo of the batch is its own problem, so that it gets the same answer alone and among others. It ends
when the next step promises less than `tolerance`; the loop ends with the last.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.optim.minimiser import MinimiseOutcome, MinimiseResult, Objective, Reparametrised

_SHORTER = 0.3  # of a step that failed
_SHORTEST = 0.001  # of a step, below which a photo ends
_LONGEST = 0.5  # step of one parameter in tanh space: a leap to the end of its range finds no slope there
_FLAT = 1e-10  # curvature along a step, below which nothing is learned from it


@dataclass(frozen=True)
class BFGS:
    """At most `steps`, the first `first` spreads long; ends where a step promises less than `tolerance`."""

    steps: int = 6
    first: float = 0.5
    tolerance: float = 3e-3

    def minimise(self, objective: Objective, start: Tensor, spread: Tensor) -> MinimiseResult:
        """See `Minimiser.minimise`; `spread` is the prior's."""
        space = Reparametrised.about(start, spread)
        place = torch.zeros_like(start)
        value, slope = space.value_and_slope(objective, place)
        history, going = [value], torch.ones_like(value).bool()
        length, learned = torch.ones_like(value), torch.zeros_like(value).bool()
        inverse = _identity(slope, self.first / slope.norm(dim=1).clamp(min=_FLAT))
        for _ in range(self.steps):
            step = -(inverse @ slope[:, :, None])[:, :, 0]
            furthest = (space.scale * step).abs().amax(dim=1, keepdim=True)
            step = step * (_LONGEST / furthest.clamp(min=_FLAT)).clamp(max=1)
            promised = -0.5 * (step * slope).sum(dim=1)
            going &= (promised >= self.tolerance) & (length >= _SHORTEST)
            if not bool(going.any()):
                break
            step = step * length[:, None]
            value_there, slope_there = space.value_and_slope(objective, place + step)
            change = slope_there - slope
            curved = going & ((step * change).sum(dim=1) > _FLAT)
            inverse = torch.where(curved[:, None, None], _updated(inverse, step, change, ~learned), inverse)
            learned |= curved
            better = going & (value_there < value)
            place = torch.where(better[:, None], place + step, place)
            slope = torch.where(better[:, None], slope_there, slope)
            value = torch.where(better, value_there, value)
            length = torch.where(better, 1.0, _SHORTER * length)
            history.append(value)
        outcome = tuple(
            MinimiseOutcome.OUT_OF_STEPS if more else MinimiseOutcome.CONVERGED for more in going.tolist()
        )
        return MinimiseResult(
            value, space.parameters(place), outcome, torch.stack(history).cpu(), len(history) - 1
        )


def _identity(like: Tensor, times: Tensor) -> Tensor:
    """Identity matrices `(B, P, P)` for `like` `(B, P)`, each `times` `(B,)`."""
    size = like.shape[1]
    return torch.eye(size, dtype=like.dtype, device=like.device) * times[:, None, None]


def _updated(inverse: Tensor, step: Tensor, change: Tensor, first: Tensor) -> Tensor:
    """BFGS (Nocedal and Wright, 6.17); a `first` update begins from a matrix of the right size (6.20)."""
    along = (step * change).sum(dim=1)
    sized = _identity(step, along / change.square().sum(dim=1).clamp(min=_FLAT))
    inverse = torch.where(first[:, None, None], sized, inverse)
    part = 1 / along.clamp(min=_FLAT)[:, None, None]
    across = _identity(step, torch.ones_like(along)) - part * step[:, :, None] * change[:, None, :]
    return across @ inverse @ across.transpose(1, 2) + part * step[:, :, None] * step[:, None, :]

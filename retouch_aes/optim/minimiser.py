"""What every minimiser promises: an objective and a start in, the best parameters and how it went out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

INSIDE = 0.999
_STEEPEST = 0.05  # slope of tanh at its ends, where steps would run away

Objective = Callable[[Tensor], Tensor]
"""Parameters `(B, P)` in [-1, 1] -> values `(B,)`, differentiable; every row is a problem of its own."""


class MinimiseOutcome(StrEnum):
    """Why a search of one problem ended."""

    CONVERGED = "converged"
    """The next step promises less than the tolerance."""
    OUT_OF_STEPS = "out of steps"


@dataclass(frozen=True)
class MinimiseResult:
    """The lowest `value` `(B,)` and its `parameters` `(B, P)`; `outcome` by problem.

    `history` `(steps + 1, B)` holds the lowest value at the start and after each of `steps` steps.
    """

    value: Tensor
    parameters: Tensor
    outcome: tuple[MinimiseOutcome, ...]
    history: Tensor
    steps: int


@runtime_checkable
class Minimiser(Protocol):
    """A way of searching: a frozen configuration, its state in the call. `steps` is how many it may take."""

    @property
    def steps(self) -> int:
        """Steps at most; 0 takes the start as it is."""

    def minimise(self, objective: Objective, start: Tensor, spread: Tensor) -> MinimiseResult:
        """Minimise `objective` from `start`, parameters `(B, P)` in [-1, 1].

        `spread` `(B, P)` is how far a parameter is expected to move. A problem gets the same answer alone and
        among others, and never one that is worse than its start.
        """


@dataclass(frozen=True)
class Reparametrised:
    """`parameters = tanh(origin + scale * place)`: no step leaves the range, and places count in spreads."""

    origin: Tensor
    scale: Tensor

    @staticmethod
    def about(start: Tensor, spread: Tensor) -> "Reparametrised":
        """Place 0 is `start`; near it, a place of 1 is a `spread` away."""
        origin = torch.atanh(start.clamp(-INSIDE, INSIDE))
        return Reparametrised(origin, spread / (1 - torch.tanh(origin).square()).clamp(min=_STEEPEST))

    def parameters(self, place: Tensor) -> Tensor:
        """The parameters `(B, P)` at `place` `(B, P)`."""
        return torch.tanh(self.origin + self.scale * place)

    def value_and_slope(self, objective: Objective, place: Tensor) -> tuple[Tensor, Tensor]:
        """Values `(B,)` of `objective` at `place`, and their slope `(B, P)`."""
        place = place.detach().requires_grad_()
        values = objective(self.parameters(place))
        (slope,) = torch.autograd.grad(values.sum(), place)
        return values.detach(), slope

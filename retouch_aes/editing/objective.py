"""What a retouch minimises, per photo:

    (10 - f(x')) + fidelity * D(x', x0) + anchor * mean(((u - u0) / s)^2) + clipping * lost(x')

`x'` is the edited proxy, `u` its parameters in units, `u0` and `s` the prior's guess and spread, `x0` the
photo edited by that guess. `D` is a perceptual distance (`losses.Fidelity`) prepared for `x0`, `lost` the
mean amount by which colours leave [0, 1]. Sliders that are not free are held at neutral. The score alone
over-edits; these terms keep the edit one that a person could have made.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from retouch_aes.color.clamp import soft_clamp
from retouch_aes.losses.fidelity import Fidelity
from retouch_aes.operators import EditChain
from retouch_aes.operators.black_and_white import free_sliders

Distance = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class ObjectiveWeights:
    """How much each term weighs against one point of score."""

    fidelity: float = 3.0
    anchor: float = 8.0
    clipping: float = 20.0


@dataclass(frozen=True)
class Objective:
    """The terms above for a batch of proxies `(B, 3, H, W)`, sRGB [0, 1], anchored at units `(B, P)`.

    `free` `(B, P)` is 1 for sliders that may move, 0 for those held at neutral; `about` finds it.
    """

    image: Tensor
    chain: EditChain
    model: nn.Module
    distance: Distance
    anchor: Tensor
    spread: Tensor
    weights: ObjectiveWeights
    free: Tensor

    @staticmethod
    def about(
        image: Tensor,
        chain: EditChain,
        model: nn.Module,
        fidelity: Fidelity,
        guess: tuple[Tensor, Tensor],
        weights: ObjectiveWeights,
        free: Tensor | None = None,
    ) -> "Objective":
        """The objective anchored at a prior's `guess`; on black and white photos edits of colour are held.

        `free` is what `free_sliders` says of these photos, where that is known already.
        """
        free = free_sliders(image, chain) if free is None else free
        anchor, spread = guess[0] * free, guess[1]
        with torch.no_grad():
            distance = fidelity.around(chain.apply(image, chain.from_units(anchor)))
        return Objective(image, chain, model, distance, anchor, spread, weights, free)

    def edit(self, units: Tensor) -> Tensor:
        """The proxies edited by units `(B, P)`, in [0, 1]."""
        return self.chain.apply(self.image, self.chain.from_units(units * self.free))

    def __call__(self, units: Tensor) -> Tensor:
        """The value per photo, `(B,)`."""
        units = units * self.free
        developed = self.chain.develop(self.image, self.chain.from_units(units))
        edited = soft_clamp(developed)
        lost = (developed - edited.detach()).abs().mean((1, 2, 3))
        away = ((units - self.anchor) / self.spread).square().mean(dim=1)
        value: Tensor = 10 - self.model(edited)
        value = value + self.weights.anchor * away + self.weights.clipping * lost
        if self.weights.fidelity:
            value = value + self.weights.fidelity * self.distance(edited)
        return value

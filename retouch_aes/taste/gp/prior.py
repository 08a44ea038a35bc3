"""Where a retouch for one person starts: the general guess, moved to the look this person leans to.

    u = argmax  look(x(u)) - (1 / 2 r^2) sum ((u - u0) / reach)^2

over the sliders that make a look, from the base guess `u0`. Only the look is ascended here, which is a
bounded parabola in six numbers; what is in the picture has no say, and the pull back keeps the move one that
the person has been asked about.
"""

import torch
from torch import Tensor

from retouch_aes.color.resize import proxy
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import EditChain
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.preferences.variations import REACH, STYLE_SLIDERS
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.style_features import SIDE, style_features

_SOLVER = BFGS(tolerance=1e-4)
FREEDOM = 0.6
"""`r` above: how far, in reaches, a gain of half a point may carry a slider."""


class PersonalPrior(EditPrior):
    """The guess of `base`, moved to the person's look."""

    def __init__(self, base: EditPrior, adjustment: Adjustment, *, freedom: float = FREEDOM) -> None:
        self.base, self.adjustment, self.freedom = base, adjustment, freedom

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`."""
        start, spread = self.base.guess(image, chain)
        reach = start.new_zeros(len(chain))
        for name, far in zip(STYLE_SLIDERS, REACH, strict=True):
            if name in chain.names:
                reach[chain.names.index(name)] = far
        if not bool(reach.any()) or self.freedom <= 0:
            return start, spread
        small = proxy(image, SIDE)
        reference = style_features(small)

        def units(moved: Tensor) -> Tensor:
            return (start + moved * 2 * reach).clamp(-1, 1)

        def disliked(moved: Tensor) -> Tensor:
            liked = self.adjustment.of_style(
                style_features(chain.apply(small, chain.from_units(units(moved)))), reference
            )
            return (2 * moved).square().sum(1) / (2 * self.freedom**2) - liked

        with torch.enable_grad():
            nowhere = torch.zeros_like(start)
            found = _SOLVER.minimise(disliked, nowhere, torch.full_like(start, self.freedom / 2))
        return units(found.parameters), spread

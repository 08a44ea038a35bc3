"""Where a retouch for one person starts: the general repair, and on it the look this person leans to.

    u = argmax  look(x(u)) - (1 / 2 r^2) sum ((u - u0) / reach)^2 / s

over the sliders that make a look, from the base guess `u0`. Only the look is ascended here, which is a
bounded parabola in six numbers; what is in the picture has no say, and the pull back keeps the move one that
the person has been asked about. Three things bound it:

* **Repair first**: the look is counted from the photo as `u0` repairs it, so that liking it dark takes no
  repair back.
* **Evidence**: `s` (`gp.evidence`) is 0 for a slider that the answers do not tell from nothing, and the
  search that follows is held to the guess there.
* **Skin** is not made darker or greyer than a bound (`operators.skin`); else less of the look is laid on.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from retouch_aes.color.resize import proxy
from retouch_aes.models.edit_prior import LEAST_SPREAD, EditPrior
from retouch_aes.operators import EditChain
from retouch_aes.operators.skin import keeps_skin
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.preferences.variations import REACH, STYLE_SLIDERS
from retouch_aes.taste.gp.evidence import StyleEvidence, sureness
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.style_features import SIDE, style_features

_SOLVER = BFGS(tolerance=1e-4)
FREEDOM = 0.6
"""`r` above: how far, in reaches, a gain of half a point may carry a slider."""
_SHARES = (1.0, 0.75, 0.5, 0.25, 0.1, 0.0)  # of the look, tried on skin in turn
_STEP = 0.5  # reaches, of the slopes
Edited = Callable[[Tensor], Tensor]
"""The small copies by units `(B, P)`."""


class PersonalPrior(EditPrior):
    """The guess of `base`, moved to the person's look as far as `evidence` says.

    Without it, as in tastes of before, all of the look is followed, counted from the photo as it is.
    """

    def __init__(
        self,
        base: EditPrior,
        adjustment: Adjustment,
        evidence: StyleEvidence | None = None,
        *,
        freedom: float = FREEDOM,
    ) -> None:
        self.base, self.adjustment, self.evidence, self.freedom = base, adjustment, evidence, freedom

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`."""
        start, spread = self.base.guess(image, chain)
        sliders = [chain.names.index(name) for name in STYLE_SLIDERS if name in chain.names]
        if not sliders or self.freedom <= 0:
            return start, spread
        far = dict(zip(STYLE_SLIDERS, REACH, strict=True))
        reach = torch.tensor([far.get(name, 0.0) for name in chain.names]).to(start).expand_as(start)
        small = proxy(image, SIDE)

        def edited(units: Tensor) -> Tensor:
            return chain.apply(small, chain.from_units(units.clamp(-1, 1)))

        with torch.no_grad():
            repaired = edited(start)
            reference = style_features(small if self.evidence is None else repaired)
        if self.evidence is not None:
            sure = self._sureness(edited, start, reach, sliders, reference)
            reach = reach * sure.sqrt()  # a move goes with the square of the reach
            spread = torch.lerp(spread.clamp(max=LEAST_SPREAD), spread, sure)

        def disliked(moved: Tensor) -> Tensor:
            liked = self.adjustment.of_style(style_features(edited(start + moved * 2 * reach)), reference)
            return (2 * moved).square().sum(1) / (2 * self.freedom**2) - liked

        with torch.enable_grad():
            nowhere = torch.zeros_like(start)
            found = _SOLVER.minimise(disliked, nowhere, torch.full_like(start, self.freedom / 2))
        move = found.parameters * 2 * reach
        return (start + self._kind_to_skin(edited, start, move, repaired) * move).clamp(-1, 1), spread

    def _sureness(
        self, edited: Edited, start: Tensor, reach: Tensor, sliders: list[int], reference: Tensor
    ) -> Tensor:
        """`(B, P)`, how far each of `sliders` may follow the look; 1 for the others."""
        assert self.evidence is not None
        with torch.no_grad():
            slopes = []
            for slider in sliders:
                step = torch.zeros_like(start)
                step[:, slider] = _STEP * reach[:, slider]
                slopes.append((style_features(edited(start + step)) - reference) / _STEP)
            slope = torch.stack(slopes, dim=1)
            gain = (slope @ self.adjustment.towards(reference)[..., None])[..., 0]
            found = sureness(gain, self.evidence.deviation(slope, reference))
            shares = list(torch.ones_like(start).unbind(1))
            for slider, share in zip(sliders, found.unbind(1), strict=True):
                shares[slider] = share
            return torch.stack(shares, dim=1)

    @staticmethod
    def _kind_to_skin(edited: Edited, start: Tensor, move: Tensor, repaired: Tensor) -> Tensor:
        """`(B, 1)`, the largest share of a move that leaves the skin of the repaired photos its colour."""
        share = torch.zeros_like(move[:, :1])
        undecided = torch.ones(len(move), dtype=torch.bool, device=move.device)
        for tried in _SHARES:
            if not bool(undecided.any()):
                break
            kept = undecided & keeps_skin(edited(start + tried * move), repaired)
            share = torch.where(kept[:, None], tried, share)
            undecided &= ~kept
        return share

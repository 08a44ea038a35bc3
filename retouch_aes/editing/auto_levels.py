"""Auto levels: the tones of an edit stretched towards black and white, by sliders; only where asked for.

A retouch keeps the contrast of a photo that is sound; many like more of it. The goal is what auto levels make
of the edited photo, one stretch for all channels, within a bound. Exposure, contrast and tones are moved from
where the edit has them until they come nearest to it, so that the result is a recipe as any other.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import oklab_distance
from retouch_aes.editing.outcome import VISIBLE, Outcome, Solution, because
from retouch_aes.operators import EditChain, Recipe
from retouch_aes.optim.bfgs import BFGS

LEVELLED = "with auto levels"
_SLIDERS = ("exposure", "contrast", "tones")
_CUT = (0.005, 0.0005)  # share of the pixels that may end black, and white
_MOST = 1.3  # times by which contrast grows
_SEARCH = BFGS(steps=20, tolerance=1e-3)
_SPREAD = 0.3  # in units of a slider
_WEIGHT, _RIDGE = 1e4, 0.1  # of a squared difference in luma, of a squared move


def stretched(image: Tensor) -> Tensor:
    """Auto levels, as one stretch of all channels.

    Args:
        image: `(B, 3, H, W)`, sRGB [0, 1].

    Returns:
        `(B, 3, H, W)` in [0, 1]: luma from 0 to 1 but for a few pixels at either end, or as far as the bound
        lets it.
    """
    ends = torch.quantile(luma(image).flatten(1), image.new_tensor([_CUT[0], 1 - _CUT[1]]), dim=1)
    low, high = ends[:, :, None, None, None]
    gain = (1 / (high - low).clamp(min=1e-3)).clamp(max=_MOST)
    left = (1 - gain * (high - low)).clamp(min=0)  # where the bound holds: shared by both ends as before
    share = low / (low + 1 - high).clamp(min=1e-3)
    levelled: Tensor = ((image - low) * gain + left * share).clamp(0, 1)
    return levelled


def with_levels(
    found: Sequence[Solution], small: Tensor, chain: EditChain, judge: nn.Module
) -> list[Solution]:
    """Solutions whose results have their levels stretched, whatever the score says: it was asked for.

    Args:
        found: Of each photo, with recipes of `chain`.
        small: The photos, `(B, 3, H, W)`, sRGB [0, 1].
        chain: Only its exposure, contrast and tones move.
        judge: Gives scores `(B,)`.

    Returns:
        The same; those that are vetoed, or would not be seen to change, as they were.
    """
    free = torch.tensor([name.partition(".")[0] in _SLIDERS for name in chain.names], device=small.device)
    if not bool(free.any()):
        return list(found)
    values = [[value for step in one.recipe.steps for value in step.values] for one in found]
    start = chain.to_units(small.new_tensor(values))
    with torch.no_grad():
        edited = chain.apply(small, chain.from_units(start))
        goal = luma(stretched(edited))

    def objective(units: Tensor) -> Tensor:
        made = luma(chain.apply(small, chain.from_units(torch.where(free, units, start))))
        moved = torch.where(free, units - start, 0).square().sum(dim=1)
        return _WEIGHT * (made - goal).square().flatten(1).mean(dim=1) + _RIDGE * moved

    search = _SEARCH.minimise(objective, start, torch.full_like(start, _SPREAD))
    params = chain.from_units(torch.where(free, search.parameters, start))
    with torch.no_grad():
        made = chain.apply(small, params)
        seen = delta_e_2000(made, edited).flatten(1).mean(dim=1) >= VISIBLE
        scores, differences = judge(made).tolist(), oklab_distance(made, small).tolist()
    return [
        replace(
            one,
            recipe=replace(Recipe.of(chain, params[index]), proxy=one.recipe.proxy),
            outcome=Outcome.EDITED,
            score_after=scores[index],
            difference=differences[index],
            reason=because(one.reason if one.outcome is Outcome.EDITED else "", LEVELLED),
        )
        if seen[index] and one.outcome is not Outcome.VETOED
        else one
        for index, one in enumerate(found)
    ]

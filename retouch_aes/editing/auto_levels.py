"""Auto levels: the tones of an edit stretched towards black and white, by sliders.

A retouch keeps the contrast of a photo that is sound; many like more of it. The goal is a stretch of the
edited photo (`editing.levels`): unasked where an end of its tones is missing, if the score agrees; or, where
it was asked for, whatever the score says. Exposure, contrast and tones are moved from where the edit has them
until they come nearest to it, so that the result is a recipe as any other.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import oklab_distance
from retouch_aes.editing.ends import keeps_black
from retouch_aes.editing.levels import completed, stretched
from retouch_aes.editing.outcome import SHARES, VISIBLE, Outcome, Solution, because
from retouch_aes.operators import EditChain, Recipe
from retouch_aes.operators.skin import keeps_skin
from retouch_aes.optim.bfgs import BFGS

LEVELLED = "with auto levels"
_SLIDERS = ("exposure", "contrast", "tones")
_SEARCH = BFGS(steps=20, tolerance=1e-3)
_SPREAD = 0.3  # in units of a slider
_WEIGHT, _RIDGE = 1e4, 0.1  # of a squared difference in luma, of a squared move


def with_levels(
    found: Sequence[Solution],
    small: Tensor,
    chain: EditChain,
    judge: nn.Module,
    strength: float = 1.0,
    *,
    asked: bool = True,
) -> list[Solution]:
    """Solutions whose results have their levels stretched.

    Args:
        found: Of each photo, with recipes of `chain`.
        small: The photos, `(B, 3, H, W)`, sRGB [0, 1].
        chain: Only its exposure, contrast and tones move; unasked, if it has the last two.
        judge: Gives scores `(B,)`.
        strength: That of the edit: 0 leaves the photo, beyond 1 levels are stretched as far as at 1.
        asked: Whatever the score says; else only what is missing, and of that the largest of `SHARES` whose
            score does not fall below the photo's, and which spares black and skin.

    Returns:
        The same; those that are vetoed, or would not be seen to change, as they were.
    """
    known = [name.partition(".")[0] for name in chain.names]
    if not set(known) & set(_SLIDERS) or not (asked or set(known) >= {"contrast", "tones"}):
        return list(found)
    free = torch.tensor([name in _SLIDERS for name in known], device=small.device)
    values = [[value for step in one.recipe.steps for value in step.values] for one in found]
    start = chain.to_units(small.new_tensor(values))
    with torch.no_grad():
        edited = chain.apply(small, chain.from_units(start))
        aim = stretched(edited) if asked else completed(edited, small)
        goal, wanted = luma(aim), _moved(aim, edited) >= (0 if asked else VISIBLE)
        if not bool(wanted.any()):
            return list(found)

    def objective(units: Tensor) -> Tensor:
        made = luma(chain.apply(small, chain.from_units(torch.where(free, units, start))))
        far = torch.where(free, units - start, 0).square().sum(dim=1)
        return _WEIGHT * (made - goal).square().flatten(1).mean(dim=1) + _RIDGE * far

    search = _SEARCH.minimise(objective, start, torch.full_like(start, _SPREAD))
    moved = torch.where(free, min(strength, 1.0) * (search.parameters - start), 0)
    result = list(found)
    for share in (1.0,) if asked else SHARES:
        params = chain.from_units(start + share * moved)
        with torch.no_grad():
            made = chain.apply(small, params)
            may = wanted & (_moved(made, edited) >= VISIBLE)
            if not asked:
                may &= keeps_black(made, small) & keeps_skin(made, small, beyond_rest=True)
            told = torch.stack([may, judge(made), oklab_distance(made, small)]).T.tolist()  # one wait a share
        for index, (one, (seen, score, difference)) in enumerate(zip(result, told, strict=True)):
            falls = not asked and score < one.score_before
            if one is found[index] and seen and not falls and one.outcome is not Outcome.VETOED:
                result[index] = replace(
                    one,
                    recipe=replace(Recipe.of(chain, params[index]), proxy=one.recipe.proxy),
                    outcome=Outcome.EDITED,
                    score_after=score,
                    difference=difference,
                    reason=because(one.reason if one.outcome is Outcome.EDITED else "", LEVELLED),
                )
        if all(one is not before for one, before in zip(result, found, strict=True)):
            break
    return result


def _moved(images: Tensor, others: Tensor) -> Tensor:
    return delta_e_2000(images, others).flatten(1).mean(dim=1)

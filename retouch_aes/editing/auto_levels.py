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
from retouch_aes.color.resize import proxy
from retouch_aes.editing.ends import keeps_black
from retouch_aes.editing.levels import completed, stretched
from retouch_aes.editing.outcome import SHARES, VISIBLE, Outcome, Solution, because
from retouch_aes.operators import EditChain, Recipe
from retouch_aes.operators.skin import keeps_skin
from retouch_aes.optim.bfgs import BFGS

LEVELLED = "with auto levels"
LEVELLERS = ("exposure", "contrast", "tones")
"""The operators that make them."""
_SEARCH = BFGS(steps=20, tolerance=1e-3)
_FEW = 96  # pixels of the long side of the copy on which their place is sought: tones need no more
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
    known = [operator.name for operator in chain.operators]
    if not set(known) & set(LEVELLERS) or not (asked or set(known) >= {"contrast", "tones"}):
        return list(found)
    values = [[value for step in one.recipe.steps for value in step.values] for one in found]
    start = chain.to_units(small.new_tensor(values))
    with torch.no_grad():
        edited = chain.apply(small, chain.from_units(start))
        aim = stretched(edited) if asked else completed(edited, small)
        few, few_aim = proxy(edited, _FEW), proxy(aim, _FEW)
        wanted = _moved(few_aim, few) >= (0 if asked else VISIBLE)
        if not bool(wanted.any()):
            return list(found)
    moved = min(strength, 1.0) * _moves(proxy(small, _FEW), few_aim - few, chain, start)
    result = list(found)
    for share in (1.0,) if asked else SHARES:
        params = chain.from_units(start + share * moved)
        with torch.no_grad():
            made = chain.apply(small, params)
            may = wanted & (_moved(proxy(made, _FEW), few) >= VISIBLE)
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


def _moves(few: Tensor, change: Tensor, chain: EditChain, start: Tensor) -> Tensor:
    """How units `(B, P)` go on from `start` so that the luma of few pixels changes by that of `change`.

    Only the operators from the first to the last that may move are gone through: those before them give what
    they always give, and those after them hardly change what the luma gains.
    """
    places = [place for place, operator in enumerate(chain.operators) if operator.name in LEVELLERS]
    before, part = (EditChain(chain.operators[a:b]) for a, b in ((0, places[0]), (places[0], places[-1] + 1)))
    params = chain.from_units(start)
    tones = slice(len(before), len(before) + len(part))
    free = torch.tensor([name.partition(".")[0] in LEVELLERS for name in part.names], device=few.device)
    with torch.no_grad():
        reached = before.develop(few, params[:, : len(before)])
        goal = luma(part.apply(reached, params[:, tones]) + change)

    def objective(units: Tensor) -> Tensor:
        units = torch.where(free, units, start[:, tones])
        far = (units - start[:, tones]).square().sum(dim=1)
        made = luma(part.apply(reached, part.from_units(units)))
        return _WEIGHT * (made - goal).square().flatten(1).mean(dim=1) + _RIDGE * far

    search = _SEARCH.minimise(objective, start[:, tones], torch.full_like(start[:, tones], _SPREAD))
    moved = torch.zeros_like(start)
    moved[:, tones] = torch.where(free, search.parameters - start[:, tones], 0)
    return moved


def _moved(images: Tensor, others: Tensor) -> Tensor:
    return delta_e_2000(images, others).flatten(1).mean(dim=1)

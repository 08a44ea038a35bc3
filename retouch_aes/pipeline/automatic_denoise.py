"""Noise that an edit would bring out is smoothed first, without being asked.

Raised shadows and lifted haze multiply differences, and sharpening the finest of them, and noise with them.
By how much an edit does is measured on the small copy; how much noise there is, at full size, where it is
nothing else (`color.noise.white_noise`). A clean photo, and one of texture alone, is never touched.
"""

from dataclasses import replace

import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.noise import white_noise
from retouch_aes.editing.outcome import Outcome, Solution, because
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.photo import Photo

RAISED = 1.2
"""How many times larger an edit makes small differences, from which on it brings noise out."""
SEEN = 3 / 255
"""Deviation of the noise after the edit from which on it is smoothed."""

_SIDE = 98  # pixels of a part that is looked at: 96, and what the mask takes
_PARTS = (6, 4)  # along the long and the short side
_DARKER = 0.5  # the share of the frame that counts, its shadows
_STEP = 2 / 255
_STRONGEST, _LUMA, _COLOUR = 80.0, 8.0, 1.5  # %: luma at most, luma for a level of noise, colour for luma


def noise_of(photo: Photo) -> float:
    """The deviation of a photo's noise at full size, 0 to 1; 0 where none can be told from texture."""
    height, width = photo.height, photo.width
    rows, columns = _PARTS if height > width else _PARTS[::-1]
    down, across = min(_SIDE, height), min(_SIDE, width)
    parts = []
    with torch.no_grad():
        for row in range(rows):
            top = int((height - down) * (row + 0.5) / rows)
            for column in range(columns):
                left = int((width - across) * (column + 0.5) / columns)
                parts.append(luma(photo.source.block(top, top + down, left, left + across)))
        return white_noise(torch.cat(parts)) or 0.0


def raised_by(small: Tensor, recipe: Recipe) -> float:
    """How many times larger `recipe` makes small differences in the darker half of `small` `(1, 3, h, w)`."""
    with torch.no_grad():
        brighter, darker = (recipe.apply((small + step).clamp(0, 1)) for step in (_STEP, -_STEP))
        slope = (luma(brighter) - luma(darker)) / (2 * _STEP)
        shadows = luma(small) <= luma(small).quantile(_DARKER)
        finest = 1.0
        for step in recipe.steps:
            if step.operator.name == "sharpening":
                finest += step.values[0] / 100
        return finest * float(slope[shadows].mean())


def smoothed(recipe: Recipe, photo: Photo, small: Tensor) -> tuple[Recipe, str]:
    """A recipe that smooths the noise which it would bring out.

    Args:
        recipe: The edit.
        photo: At full size, within its frame.
        small: The small copy on which the edit was sought, `(1, 3, h, w)`.

    Returns:
        The recipe with a step before all others, and why, in words; the recipe itself and "" where none is
        needed, or it has such a step.
    """
    names = {step.operator.name for step in recipe.effective().steps}
    if not names or "denoise" in names:
        return recipe, ""
    raised = raised_by(small, recipe)
    if raised < RAISED or (noise := noise_of(photo)) * raised < SEEN:
        return recipe, ""
    grain = min(_STRONGEST, _LUMA * 255 * noise)
    values = round(grain, 1), round(min(100.0, _COLOUR * grain), 1)
    others = tuple(step for step in recipe.steps if step.operator.name != "denoise")
    denoise = Step(OPERATORS["denoise"], values)
    return replace(recipe, steps=(denoise, *others)), f"noise of {255 * noise:.0f} levels smoothed"


def denoised(found: Solution, photo: Photo, small: Tensor) -> Solution:
    """A solution, its recipe `smoothed`; one that is left alone stays so."""
    if found.outcome is not Outcome.EDITED:
        return found
    recipe, why = smoothed(found.recipe, photo, small)
    return replace(found, recipe=recipe, reason=because(found.reason, why))

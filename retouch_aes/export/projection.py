"""Any edit as named sliders: the nearest recipe, and a table for what is left.

    minimise over u  mean |oklab(chain(x; u)) - oklab(y)|^2 + ridge |u|^2

for a photo `x` and what an editor or a network made of it, `y`, both made small; `u` are the sliders in
units. The ridge keeps sliders that say nothing at neutral. What the recipe leaves goes, as far as it depends
on the colour alone, into a lookup table behind it. How much of the edit each of them explains is told as the
part of the mean Delta E 2000 that is gone: one is all of it, and what is missing was local, or noise.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.color.resize import proxy
from retouch_aes.errors import UsageError
from retouch_aes.export.cube import Cube
from retouch_aes.export.cube_of import cube_of_pairs
from retouch_aes.operators import AUTO, EditChain, Operator, Recipe, select

SLIDERS = (*AUTO, "tone_curve")
SIDE = 640
"""Long side to which both pictures may be brought before; more is not looked at."""

_SIDE, _TABLE_SIDE = 112, 320
_RIDGE, _STEPS, _LOOKS = 1e-4, 100, 150
_NOTHING = 0.01
_WORTH, _BETTER = 0.5, 0.8  # a recipe that explains less, and mixes colours that the table needs apart, goes
_SAME_SHAPE = 0.01
_VISIBLE = 0.05  # mean Delta E 2000 below which there is no edit to explain


@dataclass(frozen=True)
class Projection:
    """An edit in named sliders. `cube` leads from the recipe's result to the edit.

    `difference` is the mean Delta E 2000 of the edit; `left` what the recipe leaves of it, `left_with_cube`
    what recipe and table leave together.
    """

    recipe: Recipe
    cube: Cube
    difference: float
    left: float
    left_with_cube: float

    @property
    def explained(self) -> float:
        """The part of the edit that the recipe explains, 0 to 1."""
        return self._part(self.left)

    @property
    def explained_with_cube(self) -> float:
        """The part that recipe and table explain together, 0 to 1."""
        return self._part(self.left_with_cube)

    def _part(self, left: float) -> float:
        return 1.0 if self.difference < _VISIBLE else max(0.0, 1 - left / self.difference)


def project(
    before: Tensor, after: Tensor, *, operators: Iterable[Operator | str] = SLIDERS, size: int = 17
) -> Projection:
    """The recipe of `operators` that comes nearest to the edit from `before` to `after`.

    Both are `(1, 3, H, W)`, sRGB [0, 1], of one shape in proportion: an edit that was only made smaller is
    brought to one size, a crop raises `UsageError`. `size` is that of the residual table, points a side.
    """
    recipe = fitted_recipe(before, after, operators=operators)
    pair = same_size(before, after, _TABLE_SIDE)
    found = _measured(recipe, *pair, size)
    if found.explained >= _WORTH or not recipe.steps:
        return found
    alone = _measured(Recipe(), *pair, size)
    return alone if alone.left_with_cube < _BETTER * found.left_with_cube else found


def fitted_recipe(before: Tensor, after: Tensor, *, operators: Iterable[Operator | str] = SLIDERS) -> Recipe:
    """The sliders alone, as `project` fits them; without a table that could take their place."""
    _check(before, after)
    chain = EditChain(tuple(select([one])[0] if isinstance(one, str) else one for one in operators))
    small, goal = same_size(before, after, _SIDE)
    units = _fitted(chain, small, goal)
    return Recipe.of(chain, chain.from_units(units)[0]).effective()


def _measured(recipe: Recipe, small: Tensor, goal: Tensor, size: int) -> Projection:
    """What `recipe` and the table behind it leave."""
    with torch.no_grad():
        made = recipe.apply(small)
        cube = cube_of_pairs(made.flatten(2)[0], goal.flatten(2)[0], size=size, title="residual")
        pairs = ((small, goal), (made, goal), (cube(made), goal))
        return Projection(recipe, cube, *(float(delta_e_2000(*pair).mean()) for pair in pairs))


def _check(before: Tensor, after: Tensor) -> None:
    for image in (before, after):
        if image.ndim != 4 or image.shape[:2] != (1, 3):
            raise UsageError(f"expected a photo (1, 3, H, W) in sRGB [0, 1], got {tuple(image.shape)}")
    (height, width), (other_height, other_width) = before.shape[-2:], after.shape[-2:]
    if abs(width / height / (other_width / other_height) - 1) > _SAME_SHAPE:
        raise UsageError(
            f"the edit was cropped or turned: {width} x {height} became {other_width} x {other_height}; "
            "crop the original alike"
        )


def same_size(before: Tensor, after: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Both at the size of the smaller one, and at most `side` long."""
    smaller = min(before, after, key=lambda image: image.shape[-1])
    size = proxy(smaller, side).shape[-2:]

    def resized(image: Tensor) -> Tensor:
        return F.interpolate(image.float(), size=size, mode="bilinear", antialias=True).clamp(0, 1)

    return resized(before), resized(after)


def _fitted(chain: EditChain, small: Tensor, goal: Tensor) -> Tensor:
    """The units `(1, P)` of the sliders; those that hardly move are put back to neutral."""
    wanted = srgb_to_oklab(goal)
    free = torch.zeros(1, len(chain), requires_grad=True)
    solver = torch.optim.LBFGS(
        [free], max_iter=_STEPS, max_eval=_LOOKS, tolerance_change=1e-8, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        solver.zero_grad()
        units = _bounded(free)
        made = srgb_to_oklab(chain.apply(small, chain.from_units(units)))
        loss = 100 * ((made - wanted).square().mean() + _RIDGE * units.square().mean())
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]
    units = _bounded(free.detach())
    return torch.where(units.abs() < _NOTHING, torch.zeros_like(units), units)


def _bounded(free: Tensor) -> Tensor:
    """Any number to -1..1, with slope one at zero."""
    return free / (1 + free.square()).sqrt()

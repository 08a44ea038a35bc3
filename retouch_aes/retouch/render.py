"""A recipe on a photo of any size: measured on the proxy, applied in strips.

The proxy is the one the solver saw, so the full-size picture is the one that was scored. Strips keep the
memory at the photo itself, its result and a few megabytes; with `into=image` the result takes the photo's
place, and the memory is that of the photo alone.

On a large photo operators that treat every pixel alone go through a lookup table, at most `tolerance` off
(by default half a step of 8 bit, which the dither of `photo.write` covers); `tolerance=0` is exact.
"""

from math import ceil

import torch
from torch import Tensor

from retouch_aes.color.resize import proxy
from retouch_aes.operators import EditChain, Recipe, Tile
from retouch_aes.photo.photo import Photo
from retouch_aes.retouch.stages import Stage, prepare

PROXY = 224
HALF_STEP = 0.5 / 255
_STRIP = 262_144  # pixels


def render(
    image: Tensor,
    recipe: Recipe,
    *,
    side: int = PROXY,
    tolerance: float = HALF_STEP,
    into: Tensor | None = None,
    small: Tensor | None = None,
) -> Tensor:
    """Apply `recipe` to `image` `(1, 3, H, W)`, sRGB [0, 1], at its own size; a new tensor, in [0, 1].

    `side` is the long side of the proxy on which operators measure; use the value of the solve. `into` is
    where the result is to lie, of the shape of `image`; it may be `image` itself, which is then overwritten.
    `small` is the proxy, where it is at hand.
    """
    edit = recipe.effective()
    if not edit.steps:
        return image if into is None or into is image else into.copy_(image)
    chain, params = edit.parts()
    height, width = image.shape[-2:]
    with torch.no_grad():
        seen = proxy(image, side) if small is None else small
        stages = prepare(chain, params.to(image), seen, height * width, tolerance)
        result = torch.empty_like(image) if into is None else into
        return _in_strips(image, stages, _reach(chain, max(height, width)), result)


def develop(
    photo: Photo,
    recipe: Recipe,
    *,
    side: int = PROXY,
    in_place: bool = False,
    small: Tensor | None = None,
) -> Photo:
    """`photo` with `recipe` applied: a 16 bit photo exactly, another to half a step.

    With `in_place` the pixels of `photo` are used up, which halves the memory. The rest as for `render`.
    """
    tolerance = 0.0 if photo.bit_depth == 16 else HALF_STEP
    into = photo.image if in_place else None
    return photo.with_image(
        render(photo.image, recipe, side=side, tolerance=tolerance, into=into, small=small)
    )


def _in_strips(image: Tensor, stages: list[Stage], reach: int, result: Tensor) -> Tensor:
    """Every strip sees `reach` rows of the photo beyond its own; those above it are kept from overwriting."""
    height, width = image.shape[-2:]
    rows = max(1, reach, _STRIP // width)
    above = image[:, :, :0]
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        own = image[:, :, top : min(height, bottom + reach)]
        strip = torch.cat([above, own], dim=2) if above.shape[2] else own
        first = top - above.shape[2]
        above = image[:, :, max(0, bottom - reach) : bottom].clone() if reach else above
        for stage in stages:
            strip = stage(strip, Tile(first, 0, height, width))
        result[:, :, top:bottom] = strip[:, :, top - first : top - first + bottom - top].clamp(0, 1)
    return result


def _reach(chain: EditChain, long_side: int) -> int:
    """Pixels that a strip must see beyond its own rows: the halos of the chain, one after the other."""
    return sum(ceil(operator.halo * long_side) + 1 for operator in chain.operators if operator.halo)

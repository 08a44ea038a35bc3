"""A recipe on a photo of any size: measured on the proxy, applied in strips.

The proxy is the one the solver saw, so the full-size picture is the one that was scored. Strips keep the
memory at the photo itself, its result and a few megabytes.
"""

from math import ceil

import torch
from torch import Tensor

from retouch_aes.color.resize import proxy
from retouch_aes.operators import EditChain, Recipe, Stats, Tile

PROXY = 384
_STRIP = 262_144  # pixels


def render(image: Tensor, recipe: Recipe, *, side: int = PROXY) -> Tensor:
    """Apply `recipe` to `image` `(1, 3, H, W)`, sRGB [0, 1], at its own size; a new tensor, in [0, 1].

    `side` is the long side of the proxy on which operators measure; use the value of the solve.
    """
    edit = recipe.effective()
    if not edit.steps:
        return image
    chain, params = edit.parts()
    params = params.to(image)
    with torch.no_grad():
        stats = chain.measure(proxy(image, side), params)
        height, width = image.shape[-2:]
        reach = _reach(chain, max(height, width))
        result = torch.empty_like(image)
        rows = max(1, _STRIP // width)
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            outer_top, outer_bottom = max(0, top - reach), min(height, bottom + reach)
            tile = Tile(outer_top, 0, height, width)
            here = [Stats(known.values, tile) for known in stats]
            strip = chain.apply_measured(image[:, :, outer_top:outer_bottom], params, here)
            result[:, :, top:bottom] = strip[:, :, top - outer_top : top - outer_top + bottom - top]
    return result


def _reach(chain: EditChain, long_side: int) -> int:
    """Pixels that a strip must see beyond its own rows: the halos of the chain, one after the other."""
    return sum(ceil(operator.halo * long_side) + 1 for operator in chain.operators if operator.halo)

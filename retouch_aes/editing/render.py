"""A recipe on a photo of any size: measured on the proxy, applied in strips.

The proxy is the one the solver saw, so the full-size picture is the one that was scored. `develop` only
prepares the edit; a strip is edited when it is asked for, as when the photo is written, so the memory is that
of the decoded photo and what is made of it, and a few megabytes.

A recipe that frames the photo cuts first (`editing.framed`): what follows measures and edits what is kept.

A black and white photo keeps its greys or its tone: the recipe's edits of colour are neutral on it
(`Recipe.on`), and rows of equal channels come out with equal channels.

On a large photo operators that treat every pixel alone go through a lookup table, at most `tolerance` off
(by default half a step of 8 bit, which the dither of `photo.write` covers); `tolerance=0` is exact.
"""

from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from retouch_aes.color.resize import proxy
from retouch_aes.color.toned import is_grey
from retouch_aes.editing.framed import framed, framed_source
from retouch_aes.editing.stages import Stage, prepare_stages
from retouch_aes.operators import EditChain, Recipe, Tile
from retouch_aes.photo.photo import Photo
from retouch_aes.photo.source import PixelSource, TensorSource, gathered

PROXY = 224
HALF_STEP = 0.5 / 255
_EQUAL = 1e-6  # between channels


@dataclass(frozen=True)
class RenderedSource(PixelSource):
    """The rows of `source` edited by `stages`, which look at `halo` rows above and below.

    With `greys_stay` no edit is one of colour: greys that come in go out as greys.
    """

    source: PixelSource
    stages: tuple[Stage, ...]
    halo: int
    greys_stay: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.source.size

    @property
    def reach(self) -> int:
        """See `PixelSource.reach`."""
        return self.halo + self.source.reach

    def rows(self, top: int, bottom: int) -> Tensor:
        """See `PixelSource.rows`."""
        height, width = self.size
        first = max(0, top - self.halo)
        strip = self.source.rows(first, min(height, bottom + self.halo))
        keep = self.greys_stay and _no_colour(strip, _EQUAL)
        for stage in self.stages:
            strip = stage(strip, Tile(first, 0, height, width))
        strip = strip[:, :, top - first : bottom - first].clamp(0, 1)
        return strip[:, 1:2].expand(-1, 3, -1, -1) if keep and _no_colour(strip, 3 * HALF_STEP) else strip


def render(
    image: Tensor,
    recipe: Recipe,
    *,
    side: int | None = None,
    tolerance: float = HALF_STEP,
    small: Tensor | None = None,
) -> Tensor:
    """Apply a recipe to a photo at its own size, in strips.

    Args:
        image: `(1, 3, H, W)`, sRGB [0, 1].
        recipe: The edit.
        side: Long side, in pixels, of the small copy on which operators measure; None for the recipe's.
        tolerance: How far a lookup table may be off that stands for operators which treat every pixel alone;
            0 is exact.
        small: That small copy, of the picture within the recipe's frame, where it is at hand.

    Returns:
        A new tensor `(1, 3, H, W)` in [0, 1], of the size of the recipe's frame; `image` itself where the
        recipe changes nothing.

    Examples:
        >>> import torch
        >>> from retouch_aes import OPERATORS, Recipe, Step, render
        >>> image = torch.full((1, 3, 20, 30), 0.25)
        >>> brighter = render(image, Recipe((Step(OPERATORS["exposure"], (1.0,)),)))
        >>> bool((brighter > image).all())
        True
    """
    source = framed_source(TensorSource(image), recipe.framing)
    if small is None:
        small = proxy(gathered(source), side or recipe.proxy or PROXY)
    return gathered(_developed(source, recipe, small, tolerance))


def develop(photo: Photo, recipe: Recipe, *, side: int | None = None, small: Tensor | None = None) -> Photo:
    """A photo with a recipe applied: a 16 bit photo exactly, another to half a step of 8 bit.

    Args:
        photo: The photo as it is.
        recipe: The edit.
        side: Long side, in pixels, of the small copy on which operators measure; None for the recipe's.
        small: That small copy `(1, 3, h, w)`, of the picture within the recipe's frame, where it is at hand.

    Returns:
        The photo with other pixels, which are computed when they are asked for or written.

    Examples:
        >>> import torch
        >>> from retouch_aes import OPERATORS, Photo, Recipe, Step, develop
        >>> darker = develop(Photo(torch.rand(1, 3, 20, 30)), Recipe((Step(OPERATORS["exposure"], (-1.0,)),)))
        >>> darker.width, darker.height
        (30, 20)
    """
    photo = framed(photo, recipe.framing)
    tolerance = 0.0 if photo.bit_depth == 16 else HALF_STEP
    seen = photo.proxy(side or recipe.proxy or PROXY) if small is None else small
    return photo.with_image(_developed(photo.source, recipe, seen, tolerance))


def _developed(source: PixelSource, recipe: Recipe, small: Tensor, tolerance: float) -> PixelSource:
    edit = recipe.on(small).effective()
    if not edit.steps:
        return source
    chain, params = edit.parts()
    height, width = source.size
    with torch.no_grad():
        stages = prepare_stages(chain, params.to(small), small, height * width, tolerance)
    colour = any(operator.colour for operator in chain.operators)
    return RenderedSource(source, tuple(stages), _reach(chain, max(height, width)), not colour)


def _no_colour(strip: Tensor, tolerance: float) -> bool:
    """Whether the channels of `(1, 3, h, W)` are equal; most photos show in one row that they are not."""
    middle = strip.shape[2] // 2
    return bool(is_grey(strip[:, :, middle : middle + 1], tolerance)) and bool(is_grey(strip, tolerance))


def _reach(chain: EditChain, long_side: int) -> int:
    """Pixels that a strip must see beyond its own rows: the halos of the chain, one after the other."""
    return sum(ceil(operator.halo * long_side) + 1 for operator in chain.operators if operator.halo)

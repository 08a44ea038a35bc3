"""Skin is never made darker or greyer than a bound.

Looked at is the mean colour under the skin mask, on the small copy, where there is some skin but not so much
that the whole photo has its colour (wood, sand, evening light, a warm cast):

* darker: its luma ends below .5 and more than `_DARKER` below where it was. Skin that is bright may fall with
  the rest of the frame, which is too bright, or under haze, and may be mended as a whole;
* greyer: its chroma ends below `_GREYER` of what it was, and below what skin has, `_NATURAL` of its
  brightness. What happens to the colour of the whole frame is allowed for: a cast may still be taken away.
"""

from math import sqrt

import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.operators.masks.automatic import SkinMask

_SOME, _MOST = 0.01, 0.4  # share of the frame
_DARKER, _BRIGHT_ENOUGH = 0.03, 0.5  # luma
_GREYER, _NATURAL = 0.85, 0.3


def keeps_skin(before: Tensor, after: Tensor) -> Tensor:
    """Whether an edit keeps within the bounds: two `(B, 3, h, w)`, sRGB [0, 1] -> `(B,)` bool."""
    with torch.no_grad():
        mask = SkinMask()
        weight = mask.at(before, mask.measure(before))
        share = weight.mean((1, 2, 3))
        concerned = (share > _SOME) & (share < _MOST)
        was, now = _light(before, weight), _light(after, weight)
        rest = _light(after, 1 - weight) - _light(before, 1 - weight)
        with_the_rest = (was > _BRIGHT_ENOUGH - _DARKER) & (now - was >= rest - _DARKER)
        darker = (now < was.clamp(max=_BRIGHT_ENOUGH) - _DARKER) & ~with_the_rest
        colour, ground = _colour(before, weight), _colour(before, 1 - weight)
        moved = _colour(after, 1 - weight) - ground
        expected = torch.minimum(colour.square().sum(1).sqrt(), (colour + moved).square().sum(1).sqrt())
        left = _colour(after, weight).square().sum(1).sqrt()
        greyer = (left < _GREYER * expected) & (left < _NATURAL * _brightest(after, weight))
        return ~(concerned & (darker | greyer))


def _light(image: Tensor, weight: Tensor) -> Tensor:
    """Mean luma `(B,)` under weights `(B, 1, h, w)`."""
    return (luma(image) * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3)).clamp(min=1e-6)


def _brightest(image: Tensor, weight: Tensor) -> Tensor:
    """Mean of the brightest channel `(B,)` under weights `(B, 1, h, w)`."""
    return (image.amax(dim=1, keepdim=True) * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3)).clamp(min=1e-6)


def _colour(image: Tensor, weight: Tensor) -> Tensor:
    """Mean opponent colours `(B, 2)` under weights `(B, 1, h, w)`."""
    red, green, blue = ((image * weight).sum((2, 3)) / weight.sum((2, 3)).clamp(min=1e-6)).unbind(1)
    return torch.stack([red - (green + blue) / 2, sqrt(3) / 2 * (green - blue)], dim=1)

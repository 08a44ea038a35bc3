"""Skin keeps its light and its colour: no edit makes faces much darker or greyer than people are.

Where skin is found (`SkinMask`, in the photo as it was), its mean lightness and chroma in Oklab may fall by
`DARKER` and to `GREYER` of what it was, and further only while it stays as light and colourful as skin
ordinarily is: an overexposed or sunburnt face may be brought down.
"""

import torch
from torch import Tensor

from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.color.resize import proxy
from retouch_aes.color.toned import is_toned
from retouch_aes.operators.masks.automatic import SkinMask

DARKER, GREYER = 0.06, 0.8
"""How much of Oklab's lightness may go; and the share of the chroma that has to stay."""
_LIGHT, _CHROMA = 0.62, 0.09  # from where on skin is light, and colourful, enough for anything
_SIDE = 128
_LEAST = 0.03  # of the frame
_ROUNDING = 1e-4


def keeps_skin(edited: Tensor, photos: Tensor) -> Tensor:
    """Whether an edit leaves skin its light and colour.

    Args:
        edited: `(B, 3, H, W)`, sRGB [0, 1].
        photos: The same before.

    Returns:
        `(B,)` bool; true also where there is hardly any skin, or no colour.
    """
    with torch.no_grad():
        before, after = proxy(photos, _SIDE), proxy(edited, _SIDE)
        skin = SkinMask().seen(before)
        found = (skin.flatten(1).mean(1) >= _LEAST) & ~is_toned(before)
        (light, chroma), (light_after, chroma_after) = _of(before, skin), _of(after, skin)
        dark = (light_after < light - DARKER - _ROUNDING) & (light_after < _LIGHT)
        grey = (chroma_after < GREYER * chroma - _ROUNDING) & (chroma_after < _CHROMA)
        return ~(found & (dark | grey))


def _of(image: Tensor, skin: Tensor) -> tuple[Tensor, Tensor]:
    """Mean lightness and chroma of the skin, `(B,)` each."""
    light, a, b = srgb_to_oklab(image).unbind(1)
    weight = skin[:, 0] / skin.flatten(1).sum(1).clamp(min=1e-6)[:, None, None]
    chroma = (a.square() + b.square() + 1e-12).sqrt()
    return (weight * light).sum((1, 2)), (weight * chroma).sum((1, 2))

"""Skin keeps its light and its colour: no edit makes faces much darker or greyer than people are.

Where skin is found (`SkinMask`, in the photo as it was), its mean lightness and colour in Oklab may fall by
`DARKER` and to `GREYER` of what it was, and further only while it stays as light and colourful as skin
ordinarily is: an overexposed or sunburnt face may be brought down.

A repair moves the whole frame: a veil or a warm cast that comes off takes light and colour from everything,
and what is told by colour alone may be wood, sand or the cast. So of a repair only that counts which skin
loses beyond the shift of the rest of the frame; of a person's look all of it.
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


def keeps_skin(edited: Tensor, photos: Tensor, *, beyond_rest: bool = False) -> Tensor:
    """Whether an edit leaves skin its light and colour.

    Args:
        edited: `(B, 3, H, W)`, sRGB [0, 1].
        photos: The same before.
        beyond_rest: Count only what skin loses beyond the shift of the rest of the frame.

    Returns:
        `(B,)` bool; true also where there is hardly any skin, or no colour.
    """
    with torch.no_grad():
        before, after = proxy(photos, _SIDE), proxy(edited, _SIDE)
        skin = SkinMask().seen(before)
        found = (skin.flatten(1).mean(1) >= _LEAST) & ~is_toned(before)
        whole, edit = srgb_to_oklab(before), srgb_to_oklab(after)
        (light, *colour), (light_after, *colour_after) = _mean(whole, skin), _mean(edit, skin)
        chroma, chroma_after = torch.hypot(*colour), torch.hypot(*colour_after)
        if beyond_rest:
            rest = 1 - skin
            there = rest.flatten(1).mean(1) >= _LEAST
            moved = torch.where(there, _mean(edit, rest) - _mean(whole, rest), 0)
            light = light + moved[0].clamp(max=0)
            chroma = torch.minimum(chroma, torch.hypot(colour[0] + moved[1], colour[1] + moved[2]))
        dark = (light_after < light - DARKER - _ROUNDING) & (light_after < _LIGHT)
        grey = (chroma_after < GREYER * chroma - _ROUNDING) & (chroma_after < _CHROMA)
        kept: Tensor = ~(found & (dark | grey))
        return kept


def _mean(oklab: Tensor, part: Tensor) -> Tensor:
    """The mean of a part of the frame, `(3, B)`."""
    weight = part / part.flatten(1).sum(1).clamp(min=1e-6)[:, None, None, None]
    return (weight * oklab).sum((2, 3)).T

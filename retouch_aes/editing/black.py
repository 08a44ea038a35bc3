"""The black of a night stays black: whether an edit keeps it, and the black point that lets it.

More light lifts black, too: two stops make a dark grey of 1/255. So the slider of the blacks is lowered as
little as holds them, as one would by hand, and an edit that turns black grey for all that is weakened
(`editing.outcome`).
"""

import torch
from torch import Tensor

from retouch_aes.operators import EditChain

BLACK, STILL_BLACK = 1.5 / 255, 2.5 / 255
"""What is black in a photo (the brightest channel), and how black it has to stay."""
MOST_OF_IT, NIGHT = 0.9, 0.02
"""How much of the black has to stay so; and of how much of the frame on."""
_SLIDER = "tones.blacks"
_LOWERED = (0.05, 0.1, 0.2, 0.3)  # of its range, tried in turn


def keeps_black(edited: Tensor, photos: Tensor) -> Tensor:
    """`(B, 3, H, W)` each -> `(B,)` bool: what is black in `photos` stays so, or hardly anything is."""
    share = black_share(photos)
    stays = (photos.amax(dim=1) <= BLACK) & (edited.amax(dim=1) <= STILL_BLACK)
    return (share < NIGHT) | (stays.flatten(1).float().mean(dim=1) >= MOST_OF_IT * share)


def black_share(photos: Tensor) -> Tensor:
    """`(B, 3, H, W)` -> `(B,)`: how much of each frame is black."""
    return (photos.amax(dim=1) <= BLACK).flatten(1).float().mean(dim=1)


def hold_black(photos: Tensor, chain: EditChain, units: Tensor) -> Tensor:
    """`units` `(B, P)` of edits, the blacks lowered as little as keeps them black in `photos` `(B, 3, H, W)`.

    Where no such edit is found, or the chain has no blacks, the units are as they were.
    """

    def grey(tried: Tensor) -> Tensor:
        return ~keeps_black(chain.apply(photos, chain.from_units(tried.clamp(-1, 1))), photos)

    if _SLIDER not in chain.names or not bool((black_share(photos) >= NIGHT).any()):
        return units
    place, wrong = chain.names.index(_SLIDER), grey(units)
    found = units
    for amount in _LOWERED:
        if not bool(wrong.any()):
            break
        tried = units.clone()
        tried[:, place] -= amount
        mended = wrong & ~grey(tried)
        found = torch.where(mended[:, None], tried, found)
        wrong = wrong & ~mended
    return found

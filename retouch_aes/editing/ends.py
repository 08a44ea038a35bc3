"""The ends of a photo stay: the black of a night black, the white of a ground white.

More light lifts black, too: two stops make a dark grey of 1/255. Less light, warmth or less haze take white
away. So the slider of the blacks is lowered, that of the whites raised, as little as holds them, as one would
by hand. An edit that turns black grey for all that is weakened (`editing.outcome`); white is not worth that:
in an overexposed photo it is what was too bright.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.operators import EditChain

_LEAST_SHARE = 0.02
"""Of how much of the frame on an end counts."""


@dataclass(frozen=True)
class _End:
    """Of tones: what is at it in a photo, what still is after an edit, and the slider that holds it there.

    Both take `(B, 3, H, W)` to `(B, H, W)` bool; `moves` are in units of the slider, tried in turn until
    `most` of what was at the end still is.
    """

    there: Callable[[Tensor], Tensor]
    still: Callable[[Tensor], Tensor]
    most: float
    slider: str
    moves: tuple[float, ...]

    def share(self, photos: Tensor) -> Tensor:
        """`(B, 3, H, W)` -> `(B,)`: how much of each frame is at this end."""
        return _mean(self.there(photos))

    def kept(self, edited: Tensor, photos: Tensor) -> Tensor:
        """`(B, 3, H, W)` each -> `(B,)` bool: what was at this end still is, or hardly anything was."""
        share = self.share(photos)
        stays = self.there(photos) & self.still(edited)
        return (share < _LEAST_SHARE) | (_mean(stays) >= self.most * share)

    def held(self, photos: Tensor, chain: EditChain, units: Tensor) -> Tensor:
        """`units` `(B, P)` of edits, the slider moved as little as keeps what is at this end in `photos`.

        Where no such edit is found, or the chain has no such slider, the units are as they were.
        """

        def lost(tried: Tensor) -> Tensor:
            return ~self.kept(chain.apply(photos, chain.from_units(tried.clamp(-1, 1))), photos)

        if self.slider not in chain.names:
            return units
        place, wrong = chain.names.index(self.slider), lost(units)
        found = units
        for move in self.moves:
            if not bool(wrong.any()):
                break
            tried = units.clone()
            tried[:, place] += move
            mended = wrong & ~lost(tried)
            found = torch.where(mended[:, None], tried, found)
            wrong = wrong & ~mended
        return found


_BLACK = _End(
    there=lambda photos: photos.amax(dim=1) <= 1.5 / 255,
    still=lambda edited: edited.amax(dim=1) <= 2.5 / 255,
    most=0.9,
    slider="tones.blacks",
    moves=(-0.05, -0.1, -0.2, -0.3),
)
_WHITE = _End(
    there=lambda photos: photos.amin(dim=1) >= 250 / 255,
    still=lambda edited: edited.amin(dim=1) >= 247 / 255,
    most=0.9,
    slider="tones.whites",
    moves=(0.1, 0.2, 0.4, 0.6, 0.8, 1.0),
)


def keeps_black(edited: Tensor, photos: Tensor) -> Tensor:
    """`(B, 3, H, W)` each -> `(B,)` bool: what is black in `photos` stays so, or hardly anything is."""
    return _BLACK.kept(edited, photos)


def hold_ends(photos: Tensor, chain: EditChain, units: Tensor) -> Tensor:
    """`units` `(B, P)` of edits, with blacks and whites that keep what is black and white in `photos`.

    Args:
        photos: Small copies `(B, 3, H, W)`, sRGB [0, 1].
        chain: Whose sliders the units are.
        units: Of the edits, in [-1, 1].

    Returns:
        The same, blacks lowered and whites raised where that holds them.
    """
    # one list, so that the device is waited for once
    shares = torch.stack([end.share(photos).amax() for end in (_BLACK, _WHITE)]).tolist()
    for end, share in zip((_BLACK, _WHITE), shares, strict=True):
        if share >= _LEAST_SHARE:
            units = end.held(photos, chain, units)
    return units


def _mean(mask: Tensor) -> Tensor:
    return mask.flatten(1).float().mean(dim=1)

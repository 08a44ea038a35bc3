"""Levels: how far the tones of a photo reach, and the photo stretched towards black and white.

Two goals for `editing.auto_levels`: the stretch that is made where it was asked for, and the one that is made
unasked, only where an end of the tones is really missing. How its limits were chosen: `docs/results.md`.
"""

import torch
from torch import Tensor

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.luma import luma

_CUT = (0.005, 0.0005)  # share of the pixels that may end black, and white
_STEEPEST = 1.3  # times by which contrast grows

_MISSING = (0.22, 0.12)  # of the range of tones, from where on it is: of a photo left alone; of one edited
_MOVED = (0.5, 2.0)  # Delta E 2000 by which the edit moves the one, and the other
_SOFT = 0.08  # of the range of tones, until it is wholly missing
_MOST = 2.0  # Delta E 2000 by which a photo is moved unasked
_STAYS, _FAULTY = 5.8, 8.0  # and beyond which none is by levels, but one that an edit has moved much further
_DARK, _BRIGHT = (0.2, 0.28), (0.83, 0.75)  # mean luma: of night and low key, of high key; of others from


def stretched(image: Tensor) -> Tensor:
    """Auto levels, as one stretch of all channels.

    Args:
        image: `(B, 3, H, W)`, sRGB [0, 1].

    Returns:
        `(B, 3, H, W)` in [0, 1]: luma from 0 to 1 but for a few pixels at either end, or as far as the bound
        lets it.
    """
    low, high = (end[:, None, None, None] for end in _ends(image))
    gain = (1 / (high - low).clamp(min=1e-3)).clamp(max=_STEEPEST)
    left = (1 - gain * (high - low)).clamp(min=0)  # where the bound holds: shared by both ends as before
    share = low / (low + 1 - high).clamp(min=1e-3)
    levelled: Tensor = ((image - low) * gain + left * share).clamp(0, 1)
    return levelled


def completed(edited: Tensor, photos: Tensor) -> Tensor:
    """Edited photos, stretched only where an end of their tones is missing, and only so far.

    A finished photo may be flat on purpose. So an edit that found nothing to mend is stretched where much is
    missing, one that did where less is; by two Delta E at most; dark and bright kinds (night, low key, high
    key) not at all.

    Args:
        edited: `(B, 3, H, W)`, sRGB [0, 1].
        photos: The same before their edit.

    Returns:
        `(B, 3, H, W)` in [0, 1]; as `edited` where nothing is missing.
    """
    moved = delta_e_2000(edited, photos).flatten(1).mean(dim=1)
    low, high = _ends(edited)
    least = _MISSING[0] + (_MISSING[1] - _MISSING[0]) * _rising(moved, *_MOVED)
    share = _rising(low + 1 - high, least, least + _SOFT)
    light = luma(edited).flatten(1).mean(dim=1)
    usual = _rising(light, *_DARK) * _rising(-light, -_BRIGHT[0], -_BRIGHT[1])
    room = torch.maximum((_STAYS - moved).clamp(min=0), _MOST * _rising(moved, _STAYS, _FAULTY))
    goal = edited + share[:, None, None, None] * (stretched(edited) - edited)
    distance = delta_e_2000(goal, edited).flatten(1).mean(dim=1)
    most = torch.minimum(_MOST * usual, room) / distance.clamp(min=1e-6)
    return edited + most.clamp(max=1)[:, None, None, None] * (goal - edited)


def _ends(image: Tensor) -> tuple[Tensor, Tensor]:
    """Where the tones of `(B, 3, H, W)` begin and end, `(B,)` each."""
    cut = image.new_tensor([_CUT[0], 1 - _CUT[1]])
    low, high = torch.quantile(luma(image).flatten(1), cut, dim=1)
    return low, high


def _rising(value: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """0 up to `low`, 1 from `high` on, a line between."""
    return ((value - low) / (high - low)).clamp(0, 1)

"""The answer for photos that lack light: how far exposure and fill light are to lift them, by rule.

Real dark photos have no better version beside them. So their answer is the one of 35 lifts (exposure 0 to
1.5 EV, fill light 0 to 80 % with highlights held back) whose middle and lower quartile of luma come nearest
to those of a photo in ordinary light, with nothing blown out that was not before, and in doubt the smaller.
Which photos lack light no rule says: they are chosen by eye.
"""

from itertools import product

import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.operators import EditChain, FillLight, select
from retouch_aes.operators.exposure import Exposure

_STOPS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
_FILL = (0.0, 20.0, 40.0, 60.0, 80.0)
_RECOVERY = 0.75  # % of highlights held back for one of fill, 60 % at most
_MOST_RECOVERY = 60.0
_MIDDLE, _QUARTILE = 0.38, 0.18  # of luma
_WHITE = 0.97
_QUARTILE_WEIGHT, _BLOWN_WEIGHT, _A_STOP, _A_PERCENT = 0.5, 3.0, 0.04, 0.0004


def lift(image: Tensor) -> Tensor:
    """Photos `(B, 3, H, W)`, sRGB [0, 1], that lack light, as they should be; on the 8-bit grid."""
    chain = EditChain(select([Exposure.name, FillLight.name]))
    was_white = _white(image)
    best, found = image.new_full((len(image),), torch.inf), image
    for stops, fill in product(_STOPS, _FILL):
        params = image.new_tensor([[stops, fill, min(_MOST_RECOVERY, _RECOVERY * fill)]])
        lifted = chain.apply(image, params.expand(len(image), -1))
        quartile, middle = luma(lifted).flatten(1).quantile(image.new_tensor([0.25, 0.5]), dim=1)
        cost = (middle - _MIDDLE).abs() + _QUARTILE_WEIGHT * (quartile - _QUARTILE).abs()
        cost = cost + _BLOWN_WEIGHT * (_white(lifted) - was_white).clamp(min=0)
        cost = cost + _A_STOP * stops + _A_PERCENT * fill
        better = cost < best
        best = torch.where(better, cost, best)
        found = torch.where(better[:, None, None, None], lifted, found)
    return (found.clamp(0, 1) * 255).round() / 255


def _white(image: Tensor) -> Tensor:
    return (luma(image) > _WHITE).flatten(1).float().mean(dim=1)

"""Contrast: a rational S-curve about mid grey (Schlick's gain function, Graphics Gems IV, 1994).

With slope `g = 2^c` at mid grey, for `t = 2 x` in the lower half: `y = t / (t + g (1 - t)) / 2`, mirrored
above. Black stays black, white stays white, the curve is monotone for every `c`, and `-c` undoes `c`.
Beyond [0, 1] it goes on with its end slope `1 / g`.

Ours, not kornia's: `kornia.enhance.adjust_contrast` is a gain that moves white, `..._with_mean_subtraction`
clips and hangs on the mean of the tile, and `adjust_sigmoid` has no gain at which it gives the photo back
(the nearest is off by .057).
"""

from dataclasses import dataclass

from torch import Tensor

from retouch_aes.operators.operator import Operator, Param, Stats


@dataclass(frozen=True)
class Contrast(Operator):
    """Steepen or flatten the tones about mid grey."""

    name: str = "contrast"
    version: int = 1
    params: tuple[Param, ...] = (
        Param("contrast", -1.0, 1.0, 0.0, "stops of slope", "+1 doubles the slope at mid grey, -1 halves it"),
    )
    doc: str = "steeper or flatter about mid grey"
    pointwise: bool = True

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        slope = 2.0 ** params[:, 0:1, None, None]
        centred = 2 * image - 1
        inside = centred.clamp(-1, 1)
        curved = inside * slope / (1 + (slope - 1) * inside.abs())
        return 0.5 + 0.5 * (curved + (centred - inside) / slope)

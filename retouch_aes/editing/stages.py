"""A recipe made ready for a large photo: measured once on the proxy, pointwise edits in a row baked.

A stage is `(image, tile) -> image`. Operators that look around, or at where they are, stay as they are;
two or more neighbours in the chain that treat every pixel alone become one table (`retouch.lut`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import torch
from torch import Tensor

from retouch_aes.editing.lut import ColorLUT, bake_lut
from retouch_aes.operators import EditChain, Operator, Stats, Tile

_FEW = 0.0001  # of the values, at either end
_FURTHER = 1.2

Stage = Callable[[Tensor, Tile], Tensor]


@dataclass(frozen=True)
class MeasuredStage:
    """An operator with its parameters `(1, P)` and what it measured on the proxy."""

    operator: Operator
    params: Tensor
    stats: Stats

    def __call__(self, image: Tensor, tile: Tile) -> Tensor:
        """Edit a tile of the frame."""
        return self.operator.apply(image, self.params, Stats(self.stats.values, tile))


@dataclass(frozen=True)
class BakedStage:
    """Pointwise operators in a row as one table."""

    table: ColorLUT

    def __call__(self, image: Tensor, tile: Tile) -> Tensor:  # noqa: ARG002
        """Edit a tile of the frame."""
        return self.table(image)


def prepare_stages(
    chain: EditChain, params: Tensor, proxy: Tensor, pixels: int, tolerance: float
) -> list[Stage]:
    """The stages of an edit, for a frame of that many `pixels`.

    `proxy` `(1, 3, h, w)` is the small copy. `tolerance` is how far a table may be off; 0 bakes nothing.
    """
    stages: list[Stage] = []
    image = proxy
    for pointwise, group in groupby(chain.split(params), lambda pair: pair[0].pointwise):
        before, run = image, []
        for operator, values in group:
            run.append(MeasuredStage(operator, values, operator.measure(image)))
            image = operator.apply(image, values, run[-1].stats)
        table = None
        if pointwise and run[1:] and tolerance > 0 and image.device.type == "cpu":
            edit = partial(_in_a_row, run)
            table = bake_lut(edit, *_range(before), tolerance, pixels)
        stages += run if table is None else [BakedStage(table)]
    return stages


def _range(image: Tensor) -> tuple[float, float]:
    """[0, 1], and beyond it as far as all but a few of the values go: a table spares what is exact anyway.

    Single pixels of the photo go further than the averages of its small copy.
    """
    low, high = torch.quantile(image.flatten(), image.new_tensor([_FEW, 1 - _FEW])).tolist()
    return min(0.0, _FURTHER * low), max(1.0, 1 + _FURTHER * (high - 1))


def _in_a_row(run: Sequence[MeasuredStage], colours: Tensor) -> Tensor:
    with torch.no_grad():
        for step in run:
            colours = step.operator.apply(colours, step.params, step.stats)
    return colours

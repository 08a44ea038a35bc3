"""Bursts of one scene with one clean frame: what a photographer takes when he holds the shutter.

Every frame is the photo cut at another place (97 % of it), then spoiled or left alone. Sizes are pixels of a
copy whose long side is 1,536, and shrink with smaller photos. Faults are written here in their own way, in
linear light where a lens or shutter causes them.
"""

import math
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.bench.common.degradations import quantise
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear

CLEAN = "clean"
SIDE = 1536
_CUT = 0.97

Spoiling = Callable[[Tensor, float, Generator], Tensor]
"""Photo `(1, 3, H, W)`, sRGB [0, 1], and its pixels for one of `SIDE` -> the spoiled photo."""


def _out_of_focus(radius: float) -> Spoiling:
    def spoiled(image: Tensor, scale: float, generator: Generator) -> Tensor:  # noqa: ARG001
        size = max(0.8, radius * scale)
        offsets = torch.arange(-math.ceil(size), math.ceil(size) + 1)
        distance = (offsets[:, None].square() + offsets[None].square()).sqrt()
        return _smeared(image, (size + 0.5 - distance).clamp(0, 1))

    return spoiled


def _moved(length: float) -> Spoiling:
    def spoiled(image: Tensor, scale: float, generator: Generator) -> Tensor:
        angle, size = math.pi * float(torch.rand((), generator=generator)), max(2.0, length * scale)
        reach = math.ceil(size / 2)
        steps = torch.linspace(-size / 2, size / 2, 16 * reach)
        columns, rows = reach + steps * math.cos(angle), reach + steps * math.sin(angle)
        kernel = torch.zeros(2 * reach + 2, 2 * reach + 2)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            top, left = int(row), int(column)
            for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
                share = (1 - abs(row - top - down)) * (1 - abs(column - left - right))
                kernel[top + down, left + right] += share
        return _smeared(image, kernel[:-1, :-1])

    return spoiled


def _exposed(stops: float) -> Spoiling:
    def spoiled(image: Tensor, scale: float, generator: Generator) -> Tensor:  # noqa: ARG001
        return linear_to_srgb(srgb_to_linear(image) * 2**stops)

    return spoiled


def _noisy(levels: float) -> Spoiling:
    def spoiled(image: Tensor, scale: float, generator: Generator) -> Tensor:  # noqa: ARG001
        return image + levels / 255 * torch.randn(image.shape, generator=generator)

    return spoiled


def _soft_and_noisy(radius: float, levels: float) -> Spoiling:
    soft, noisy = _out_of_focus(radius), _noisy(levels)

    def spoiled(image: Tensor, scale: float, generator: Generator) -> Tensor:
        return noisy(soft(image, scale, generator), scale, generator)

    return spoiled


SPOILED: dict[str, Spoiling] = {
    "out of focus, 2 px": _out_of_focus(2),
    "out of focus, 5 px": _out_of_focus(5),
    "moved, 6 px": _moved(6),
    "moved, 15 px": _moved(15),
    "1.5 stops darker": _exposed(-1.5),
    "3 stops darker": _exposed(-3),
    "1.5 stops brighter": _exposed(1.5),
    "3 stops brighter": _exposed(3),
    "noise 8": _noisy(8),
    "noise 20": _noisy(20),
    "out of focus, 5 px, and noise 10": _soft_and_noisy(5, 10),
}


def made_burst(photo: Tensor, generator: Generator) -> Iterator[tuple[str, Tensor]]:
    """The frames of a burst of `photo` `(1, 3, H, W)`, sRGB [0, 1], on the 8-bit grid, with their names."""
    height, width = photo.shape[-2:]
    rows, columns = (max(32, round(_CUT * length)) for length in (height, width))
    scale = max(rows, columns) / SIDE
    for name, spoiling in {CLEAN: None, **SPOILED}.items():
        top, left = (
            int(torch.randint(length - kept + 1, (), generator=generator))
            for length, kept in ((height, rows), (width, columns))
        )
        frame = photo[..., top : top + rows, left : left + columns]
        yield name, quantise(frame if spoiling is None else spoiling(frame, scale, generator).clamp(0, 1))


def _smeared(image: Tensor, kernel: Tensor) -> Tensor:
    """Convolved in linear light with `kernel`, of an odd side."""
    weights = (kernel / kernel.sum()).to(image)[None, None].expand(3, 1, -1, -1)
    reach = kernel.shape[-1] // 2
    padded = F.pad(srgb_to_linear(image), (reach, reach, reach, reach), mode="replicate")
    return linear_to_srgb(F.conv2d(padded, weights, groups=3))

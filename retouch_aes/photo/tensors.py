"""Float pixels -> levels, a strip of rows at a time, on all cores.

Writing 8 bit, a value `v` becomes `floor(255 v + t)` with a threshold `t` between 0 and 1 from a seeded noise
block: right on average, so that smooth skies do not band. Rows without colour get one threshold for the three
channels, so that they stay without. A value that is a whole step already stays exactly
there, and nothing leaves [0, 255]. The thresholds of a block are evenly spread and shuffled.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.errors import UsageError
from retouch_aes.photo.source import LevelsSource, PixelSource, in_strips

if TYPE_CHECKING:
    from torch import Tensor

_BLOCK = 128
_MARGIN = 1 / 512


def to_image(source: PixelSource, seed: int | None, *, grey: bool = False) -> Image.Image:
    """The pixels of `source`, C = 1 or 3, as "L" or "RGB" image; with `grey` those of its green as "L".

    `seed=None` rounds instead of dithering. What is decoded from 8 bit is given as it is.
    """
    mode = "L" if grey or source.channels == 1 else "RGB"
    if isinstance(source, LevelsSource) and isinstance(source.pixels, Image.Image):
        untouched = source.pixels.convert(mode)
        untouched.info = {}  # encoders would take profile and comment of the file from there
        return untouched
    height, width = source.size
    out = Image.new(mode, (width, height), None)
    block = None if seed is None else _thresholds(len(mode), seed)

    def put(top: int, strip: "Tensor") -> None:
        bands = _dithered(_checked(top, _green(strip) if grey else strip), block, top)
        out.paste(Image.merge(mode, [Image.fromarray(band) for band in bands]), (0, top))

    for _ in in_strips(source, put):
        pass
    return out


def to_array(source: PixelSource, *, grey: bool = False) -> NDArray[np.uint16]:
    """The pixels of `source` as uint16 `(H, W, C)`, rounded; with `grey` those of its green, C = 1."""
    out = np.empty((*source.size, 1 if grey else source.channels), np.uint16)

    def put(top: int, strip: "Tensor") -> None:
        values = _checked(top, _green(strip) if grey else strip).mul(65535).add_(0.5).clamp_(0, 65535)
        out[top : top + strip.shape[2]] = np.moveaxis(values.numpy(), 0, -1)

    for _ in in_strips(source, put):
        pass
    return out


def is_grey(source: PixelSource, tolerance: float = 1e-3) -> bool:
    """Whether the three channels of `source` agree everywhere, within a quarter of an 8 bit step."""

    def agrees(top: int, strip: "Tensor") -> bool:
        red, green, blue = _checked(top, strip)
        return float((red - green).abs().max()) <= tolerance >= float((blue - green).abs().max())

    return all(in_strips(source, agrees))


def _same(values: "Tensor") -> bool:
    """Whether the channels of `(3, h, W)` are equal to the bit; of most photos one row shows otherwise."""
    first = values[:, values.shape[1] // 2]
    return all(bool((part[0] == part[1]).all() and (part[1] == part[2]).all()) for part in (first, values))


def _green(strip: "Tensor") -> "Tensor":
    return strip[:, 1:2]


def _checked(top: int, strip: "Tensor") -> "Tensor":
    """A strip `(1, C, h, W)` as float32 `(C, h, W)` on the CPU."""
    values = strip[0].float().cpu()
    if not values.sum().isfinite():
        last = top + values.shape[1] - 1
        raise UsageError(f"the image holds values that are not numbers (rows {top} to {last})")
    return values


def _dithered(values: "Tensor", block: "Tensor | None", top: int) -> NDArray[np.uint8]:
    """Values `(C, h, W)` of the rows from `top` on as levels."""
    import torch

    levels = values * 255
    if block is None:
        levels.add_(0.5)
    else:
        channels, height, width = levels.shape
        whole = width // _BLOCK
        thresholds = block[:, torch.arange(top, top + height) % _BLOCK]
        if channels == 3 and _same(values):
            thresholds = thresholds[:1]
        levels[..., : whole * _BLOCK].view(channels, height, whole, _BLOCK).add_(thresholds[:, :, None])
        levels[..., whole * _BLOCK :].add_(thresholds[..., : width % _BLOCK])
    return levels.clamp_(0, 255).numpy().astype(np.uint8)  # several times as fast as PyTorch's


def _thresholds(channels: int, seed: int) -> "Tensor":
    """`(C, block, block)` thresholds, inside (0, 1) by more than float32's rounding of 255 v."""
    import torch

    generator = np.random.default_rng(seed)
    even = (np.arange(_BLOCK * _BLOCK) + 0.5) / (_BLOCK * _BLOCK)
    even = (_MARGIN + (1 - 2 * _MARGIN) * even).astype(np.float32)
    shuffled = np.stack([generator.permutation(even) for _ in range(channels)])
    return torch.from_numpy(shuffled.reshape(channels, _BLOCK, _BLOCK))

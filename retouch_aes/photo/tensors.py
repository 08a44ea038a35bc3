"""Decoded pixels <-> float tensors, a strip of rows at a time, so that little lies beside the tensor.

Writing 8 bit, a value `v` becomes `floor(255 v + t)` with a threshold `t` between 0 and 1 from a seeded noise
block: right on average, so that smooth skies do not band. A value that is a whole step already stays exactly
there, and nothing leaves [0, 255]. The thresholds of a block are evenly spread and shuffled.

NumPy rather than PyTorch: on strips this small PyTorch's threads cost more than they save. PyTorch is
imported where a tensor is made, so that who only looks at photos does not wait for it.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

_ROWS = 32
_BLOCK = 128
_MARGIN = 1 / 512


def from_image(image: Image.Image, channels: int) -> "Tensor":
    """An 8 bit "L" or "RGB" image -> float32 `(1, channels, H, W)` in [0, 1]; grey is repeated."""
    import torch

    width, height = image.size
    out = torch.empty((1, channels, height, width))
    planes = out[0].numpy()
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        strip = np.asarray(image.crop((0, top, width, bottom))).reshape(bottom - top, width, -1)
        _scale(strip, 255, planes[:, top:bottom])
    return out


def from_array(array: NDArray[np.uint16], channels: int) -> "Tensor":
    """uint16 `(H, W)` or `(H, W, C)` -> float32 `(1, channels, H, W)` in [0, 1]; grey is repeated."""
    import torch

    height, width = array.shape[:2]
    out = torch.empty((1, channels, height, width))
    planes = out[0].numpy()
    for top in range(0, height, _ROWS):
        strip = array[top : top + _ROWS]
        _scale(strip.reshape(*strip.shape[:2], -1), 65535, planes[:, top : top + _ROWS])
    return out


def to_image(tensor: "Tensor", seed: int | None) -> Image.Image:
    """`(1, C, H, W)` in [0, 1], C = 1 or 3 -> "L" or "RGB" image; `seed=None` rounds instead of dithering."""
    _, channels, height, width = tensor.shape
    out = Image.new("L" if channels == 1 else "RGB", (width, height))
    noise = None if seed is None else _thresholds(channels, width, seed)
    pixels = np.empty((_ROWS, width, channels), np.uint8)
    for top in range(0, height, _ROWS):
        strip = _strip(tensor, top)
        rows = slice(top % _BLOCK, top % _BLOCK + strip.shape[1])
        for channel in range(channels):
            values = strip[channel] * np.float32(255)
            values += np.float32(0.5) if noise is None else noise[channel, rows]
            np.clip(values, 0, 255, out=values)
            pixels[: len(values), :, channel] = values
        done = pixels[: strip.shape[1]]
        out.paste(Image.fromarray(done[..., 0] if channels == 1 else done), (0, top))
    return out


def to_array(tensor: "Tensor") -> NDArray[np.uint16]:
    """`(1, C, H, W)` in [0, 1] -> uint16 `(H, W, C)`, rounded."""
    _, channels, height, width = tensor.shape
    out = np.empty((height, width, channels), np.uint16)
    for top in range(0, height, _ROWS):
        values = _strip(tensor, top) * np.float32(65535)
        values += np.float32(0.5)
        out[top : top + _ROWS] = np.moveaxis(np.clip(values, 0, 65535, out=values), 0, -1)
    return out


def is_grey(tensor: "Tensor", tolerance: float = 1e-3) -> bool:
    """Whether the channels of `(1, 3, H, W)` agree everywhere, within a quarter of an 8 bit step."""
    for top in range(0, tensor.shape[2], _ROWS):
        red, green, blue = _strip(tensor, top)
        if np.abs(red - green).max() > tolerance or np.abs(blue - green).max() > tolerance:
            return False
    return True


def _scale(strip: NDArray[Any], whole: int, planes: NDArray[np.float32]) -> None:
    for channel, plane in enumerate(planes):
        np.divide(
            strip[..., min(channel, strip.shape[2] - 1)], np.float32(whole), out=plane, dtype=np.float32
        )


def _strip(tensor: "Tensor", top: int) -> NDArray[np.float32]:
    strip: NDArray[np.float32] = tensor.detach()[0, :, top : top + _ROWS].float().cpu().numpy()
    if not np.isfinite(strip.sum()):
        last = top + strip.shape[1] - 1
        raise UsageError(f"the image holds values that are not numbers (rows {top} to {last})")
    return strip


def _thresholds(channels: int, width: int, seed: int) -> NDArray[np.float32]:
    """`(C, block, width)` thresholds, inside (0, 1) by more than float32's rounding of 255 v."""
    generator = np.random.default_rng(seed)
    even = (np.arange(_BLOCK * _BLOCK) + 0.5) / (_BLOCK * _BLOCK)
    even = (_MARGIN + (1 - 2 * _MARGIN) * even).astype(np.float32)
    tile = np.stack([generator.permutation(even) for _ in range(channels)]).reshape(channels, _BLOCK, _BLOCK)
    return np.tile(tile, (1, 1, -(-width // _BLOCK)))[:, :, :width]

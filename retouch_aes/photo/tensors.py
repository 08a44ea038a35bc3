"""Decoded pixels <-> float tensors, a strip of rows at a time, so that little lies beside the tensor.

Writing 8 bit, a value `v` becomes `floor(255 v + t)` with a threshold `t` between 0 and 1 from a seeded noise
block: right on average, so that smooth skies do not band. A value that is a whole step already stays exactly
there, and nothing leaves [0, 255]. The thresholds of a block are evenly spread and shuffled.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from retouch_aes.errors import UsageError

_ROWS = 32
_BLOCK = 128
_MARGIN = 1 / 512


def from_image(image: Image.Image, channels: int) -> Tensor:
    """An 8 bit "L" or "RGB" image -> float32 `(1, channels, H, W)` in [0, 1]; grey is repeated."""
    width, height = image.size
    out = torch.empty((1, channels, height, width))
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        strip = np.array(image.crop((0, top, width, bottom))).reshape(bottom - top, width, -1)
        target = out[0, :, top:bottom]
        target.copy_(torch.from_numpy(strip).permute(2, 0, 1).expand_as(target))
        target.div_(255)
    return out


def from_array(array: NDArray[np.uint16], channels: int) -> Tensor:
    """uint16 `(H, W)` or `(H, W, C)` -> float32 `(1, channels, H, W)` in [0, 1]; grey is repeated."""
    height, width = array.shape[:2]
    out = torch.empty((1, channels, height, width))
    for top in range(0, height, _ROWS):
        strip = array[top : top + _ROWS].reshape(-1, width, 1 if array.ndim == 2 else array.shape[2])
        target = out[0, :, top : top + _ROWS]
        target.copy_(torch.from_numpy(strip.astype(np.float32)).permute(2, 0, 1).expand_as(target))
        target.div_(65535)
    return out


def to_image(tensor: Tensor, seed: int | None) -> Image.Image:
    """`(1, C, H, W)` in [0, 1], C = 1 or 3 -> "L" or "RGB" image; `seed=None` rounds instead of dithering."""
    _, channels, height, width = tensor.shape
    out = Image.new("L" if channels == 1 else "RGB", (width, height))
    noise = None if seed is None else _thresholds(channels, width, seed)
    for top in range(0, height, _ROWS):
        values = _strip(tensor, top).mul(255)
        if noise is None:
            values.add_(0.5)
        else:
            start = top % _BLOCK
            values.add_(noise[:, start : start + values.shape[1]])
        pixels = values.clamp_(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
        out.paste(Image.fromarray(pixels[..., 0] if channels == 1 else pixels), (0, top))
    return out


def to_array(tensor: Tensor) -> NDArray[np.uint16]:
    """`(1, C, H, W)` in [0, 1] -> uint16 `(H, W, C)`, rounded."""
    _, channels, height, width = tensor.shape
    out = np.empty((height, width, channels), np.uint16)
    for top in range(0, height, _ROWS):
        values = _strip(tensor, top).mul(65535).add_(0.5).clamp_(0, 65535)
        out[top : top + _ROWS] = values.permute(1, 2, 0).numpy().astype(np.uint16)
    return out


def is_grey(tensor: Tensor, tolerance: float = 1e-3) -> bool:
    """Whether the channels of `(1, 3, H, W)` agree everywhere, within a quarter of an 8 bit step."""
    for top in range(0, tensor.shape[2], _ROWS):
        red, green, blue = _strip(tensor, top)
        if bool((red - green).abs().amax() > tolerance) or bool((blue - green).abs().amax() > tolerance):
            return False
    return True


def _strip(tensor: Tensor, top: int) -> Tensor:
    strip = tensor.detach()[0, :, top : top + _ROWS].to("cpu", torch.float32)
    if not torch.isfinite(strip.sum()):
        raise UsageError(
            f"the image holds values that are not numbers (rows {top} to {top + strip.shape[1] - 1})"
        )
    return strip


def _thresholds(channels: int, width: int, seed: int) -> Tensor:
    """`(C, block, width)` thresholds, inside (0, 1) by more than float32's rounding of 255 v."""
    generator = torch.Generator().manual_seed(seed)
    even = (torch.arange(_BLOCK * _BLOCK) + 0.5) / (_BLOCK * _BLOCK)
    even = _MARGIN + (1 - 2 * _MARGIN) * even
    blocks = [even[torch.randperm(even.numel(), generator=generator)] for _ in range(channels)]
    tile = torch.stack(blocks).reshape(channels, _BLOCK, _BLOCK)
    return tile.repeat(1, 1, -(-width // _BLOCK))[:, :, :width].contiguous()

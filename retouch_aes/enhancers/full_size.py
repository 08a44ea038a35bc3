"""How a network meets a photo of any size: the contract of a way, and one checked call.

A network may see a whole photo only if it is small. A larger one goes by tiles, by parameters measured on a
small copy, or by a low-resolution prediction that is carried over; each way is one file, and a network
declares its own as `full_size`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import RetouchError, UsageError


class FullSize(ABC):
    """One way of applying a network to a photo of any size."""

    @abstractmethod
    def run(self, network: nn.Module, image: Tensor) -> Tensor:
        """What `network` makes of `image` `(B, 3, H, W)`, sRGB [0, 1]; not clamped."""


def answer(network: nn.Module, image: Tensor) -> Tensor:
    """`network(image)` for `image` `(B, 3, H, W)`, checked to be a finite tensor of the same shape.

    Where the network declares `multiple`, both sides are first brought to a multiple of it by repeating the
    border, and the result is cut back. `UsageError` names the shapes where the network does not fit.
    """
    height, width = image.shape[-2:]
    multiple = int(getattr(network, "multiple", 1))
    padded = F.pad(image, (0, -width % multiple, 0, -height % multiple), mode="replicate")
    name, shape = name_of(network), tuple(padded.shape)
    try:
        result: Any = network(padded)
    except RetouchError:
        raise
    except Exception as error:  # the network is anyone's
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if "memory" in first or isinstance(error, MemoryError):
            raise RetouchError(f"{name}: not enough memory for {shape}; use smaller tiles") from error
        raise UsageError(f"{name} does not take a photo of shape {shape} (B, 3, H, W): {first}") from error
    if not isinstance(result, Tensor) or result.shape != padded.shape:
        hint = "" if isinstance(result, Tensor) else "; wrap it in a module that returns the image alone"
        if isinstance(result, Tensor) and result.ndim == 4 and result.shape[1] == 3:
            hint = "; if its sides must divide by some number, declare it as the attribute `multiple`"
        raise UsageError(f"{name}: expected one tensor {shape} for {shape}, got {_described(result)}{hint}")
    if not torch.isfinite(result).all():
        raise RetouchError(f"{name}: the result holds values that are not finite; its weights may not fit")
    return result[..., :height, :width]


def name_of(network: nn.Module) -> str:
    """What to call `network` in a message: its source, its short name, or its class."""
    return str(getattr(network, "source", "") or getattr(network, "short_name", "") or type(network).__name__)


def _described(value: object) -> str:
    if isinstance(value, Tensor):
        return f"{tuple(value.shape)} {value.dtype}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {', '.join(map(_described, value))}"
    if isinstance(value, Mapping):
        return f"a mapping of {', '.join(f'{key}: {_described(one)}' for key, one in value.items())}"
    return type(value).__name__

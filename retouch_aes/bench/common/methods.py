"""What a benchmark is given: methods that repair, scores that judge, edits that move one slider."""

from collections.abc import Callable

import torch
from torch import Tensor

from retouch_aes.bench.common.degradations import quantise
from retouch_aes.errors import RetouchError

Method = Callable[[Tensor], Tensor]
"""`(1, 3, H, W)` sRGB [0, 1] -> the same shape and range."""

Score = Callable[[Tensor], Tensor]
"""`(B, 3, H, W)` sRGB [0, 1] -> `(B,)`; higher is better."""

Edit = Callable[[Tensor, str, str, float], Tensor]
"""Image `(1, 3, H, W)`, operator name, parameter name, value -> the edited image."""


def run(name: str, method: Method, image: Tensor) -> Tensor:
    """What `method` makes of `image`, checked and rounded to 8 bit."""
    answer = method(image.clone()).detach()
    if answer.shape != image.shape or not torch.isfinite(answer).all():
        expected = f"expected a finite {tuple(image.shape)}"
        raise RetouchError(f"method '{name}': {expected}, got {tuple(answer.shape)} {answer.dtype}")
    return quantise(answer.to(image))

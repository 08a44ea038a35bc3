"""Photos as every benchmark sees them: small, antialiased, on the 8-bit grid."""

from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.bench.common.degradations import quantise
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.photo import Photo, read
from retouch_aes.pipeline import Retoucher


def load(path: str | Path, side: int) -> Tensor:
    """The photo at `path` with its long side at most `side` pixels: `(1, 3, H, W)` sRGB [0, 1]."""
    return quantise(read(path).proxy(side))


def difference(image: Tensor, reference: Tensor) -> float:
    """Mean Delta E 2000 of two `(1, 3, H, W)` images."""
    with torch.no_grad():
        return float(delta_e_2000(image, reference).double().mean())


def retouched_proxy(retoucher: Retoucher, image: Tensor) -> Tensor:
    """`image` `(1, 3, H, W)` retouched and rendered, as it would be written."""
    return retoucher(Photo(image)).photo.image

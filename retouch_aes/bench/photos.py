"""Photos as every benchmark sees them: small, antialiased, on the 8-bit grid."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from retouch_aes.bench.degradations import quantise
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.resize import proxy


def load(path: str | Path, side: int) -> Tensor:
    """The photo at `path` with its long side at most `side` pixels: `(1, 3, H, W)` sRGB [0, 1]."""
    with Image.open(path) as picture:
        array = np.asarray(picture.convert("RGB"), dtype=np.float32) / 255
    return quantise(proxy(torch.from_numpy(array).permute(2, 0, 1).unsqueeze(0), side))


def difference(image: Tensor, reference: Tensor) -> float:
    """Mean Delta E 2000 of two `(1, 3, H, W)` images."""
    with torch.no_grad():
        return float(delta_e_2000(image, reference).double().mean())

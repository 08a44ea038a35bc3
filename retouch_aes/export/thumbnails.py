"""Small copies of photo files, for reports and sheets."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from retouch_aes.errors import PhotoError
from retouch_aes.photo import preview


def thumbnail(path: Path, side: int) -> Image.Image | None:
    """A copy of at most `side` pixels; None for a file that is gone or is no photo."""
    try:
        return preview(path, side).image
    except (PhotoError, OSError):
        return None


def thumbnail_tensor(image: Image.Image) -> Tensor:
    """`(1, 3, H, W)`, sRGB [0, 1]."""
    return torch.from_numpy(np.asarray(image.convert("RGB")).copy()).permute(2, 0, 1)[None].float() / 255

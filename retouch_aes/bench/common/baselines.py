"""What a photo gets without taste or learning: the repairs that every retouch has to beat.

Each is `(1, 3, H, W)` sRGB [0, 1] -> the same. Pillow's work on the 8-bit picture, as their users have them.
"""

from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from retouch_aes.bench.common.methods import Method
from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.export.picture import to_picture


def identity(image: Tensor) -> Tensor:
    """The photo as it is."""
    return image


def autocontrast(image: Tensor) -> Tensor:
    """Pillow's autocontrast: each channel stretched, with 1 % cut off at either end."""
    return _through_pillow(image, lambda picture: ImageOps.autocontrast(picture, cutoff=1))


def autocontrast_tone(image: Tensor) -> Tensor:
    """Pillow's autocontrast with `preserve_tone`: one stretch for all channels, taken from the luma."""
    return _through_pillow(image, lambda picture: ImageOps.autocontrast(picture, 1, preserve_tone=True))


def equalize(image: Tensor) -> Tensor:
    """Pillow's histogram equalisation, channel by channel."""
    return _through_pillow(image, ImageOps.equalize)


def grey_world(image: Tensor) -> Tensor:
    """Gains in linear light that make the mean colour grey and keep the mean luminance."""
    light = srgb_to_linear(image)
    mean = light.mean(dim=(2, 3), keepdim=True)
    return linear_to_srgb(light * luma(mean) / mean.clamp(min=1e-6)).clamp(0, 1)


BASELINES: dict[str, Method] = {
    "identity": identity,
    "autocontrast": autocontrast,
    "autocontrast (tone)": autocontrast_tone,
    "equalize": equalize,
    "grey-world": grey_world,
}


def _through_pillow(image: Tensor, edit: Callable[[Image.Image], Image.Image]) -> Tensor:
    array = np.asarray(edit(to_picture(image)), dtype=np.float32) / 255
    return torch.from_numpy(array).permute(2, 0, 1).unsqueeze(0).to(image)

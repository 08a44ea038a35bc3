"""The look of a picture in six numbers that a retouch can move, and that can be differentiated to the pixels.

    light      mean lightness                    contrast   log of the deviation of lightness
    warmth     mean Oklab b (blue to yellow)     tint       mean Oklab a (green to magenta)
    colour     log of the mean chroma            clarity    log of the mean fine detail of lightness

All in Oklab, on a copy of 128 pixels, each with mean 0 and deviation 1 over ordinary photos and softly held
within [-4, 4], so that no edit is rewarded without end. A network trained to tell what is in a photo hardly
notices such changes; these numbers see little else.
"""

import torch
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.color.resize import proxy

STYLE_FEATURES = ("light", "contrast", "warmth", "tint", "colour", "clarity")
SIDE = 128
VERSION = "look, six numbers of Oklab at 128 px, version 1"

_DEVIATION, _REACH = 3.0, 9  # of the blur that separates detail, in pixels of the copy
_FURTHEST = 4.0
_SMALL = 1e-6

# Mean and deviation over 967 varied photos (ImageNet samples, BSDS500, CC-BY photos).
MEAN = (0.554, -1.757, 0.021, 0.003, -3.032, -3.029)
SPREAD = (0.120, 0.323, 0.029, 0.023, 0.484, 0.393)


def style_features(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` sRGB [0, 1] -> `(B, 6)`, as `STYLE_FEATURES`, standardised, within [-4, 4]."""
    raw = raw_style_features(image)
    return _FURTHEST * torch.tanh((raw - raw.new_tensor(MEAN)) / raw.new_tensor(SPREAD) / _FURTHEST)


def raw_style_features(image: Tensor) -> Tensor:
    """The six numbers as they are measured, `(B, 6)`."""
    small = srgb_to_oklab(proxy(image, SIDE))
    light, a, b = small.unbind(1)
    mean = light.mean((1, 2))
    contrast = ((light - mean[:, None, None]).square().mean((1, 2)) + _SMALL).sqrt()
    chroma = (a.square() + b.square() + _SMALL).sqrt().mean((1, 2))
    detail = small[:, :1] - gaussian_blur(small[:, :1], _DEVIATION, _REACH, border="replicate")
    clarity = (detail.square() + _SMALL).sqrt().mean((1, 2, 3))
    return torch.stack(
        [
            mean,
            contrast.log(),
            b.mean((1, 2)),
            a.mean((1, 2)),
            (chroma + 0.01).log(),
            (clarity + 0.002).log(),
        ],
        1,
    )

"""How near a photo is to a reference: PSNR and SSIM, as enhancement papers give them.

    PSNR = -10 log10 mean (x - y)^2                                    in dB, over the three channels
    SSIM = mean ((2 mx my + c1)(2 vxy + c2)) / ((mx^2 + my^2 + c1)(vx + vy + c2))    on luma, in [-1, 1]

SSIM: Wang et al. (2004), a Gaussian window of 11 px, deviation 1.5, where it lies within the frame;
c1 = .01^2, c2 = .03^2.
"""

import torch
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.luma import luma

_REACH, _DEVIATION, _C1, _C2 = 5, 1.5, 0.01**2, 0.03**2


def psnr(image: Tensor, reference: Tensor) -> float:
    """Of two `(1, 3, H, W)`, sRGB [0, 1]; infinite for equal photos."""
    return float(-10 * torch.log10((image.double() - reference.double()).square().mean()))


def ssim(image: Tensor, reference: Tensor) -> float:
    """Of two `(1, 3, H, W)`, sRGB [0, 1], from 11 px on."""
    x, y = luma(image).double(), luma(reference).double()
    moments = gaussian_blur(torch.cat([x, y, x * x, y * y, x * y], 1), _DEVIATION, _REACH)
    mx, my, xx, yy, xy = moments[..., _REACH:-_REACH, _REACH:-_REACH].unbind(1)
    light = (2 * mx * my + _C1) / (mx * mx + my * my + _C1)
    structure = (2 * (xy - mx * my) + _C2) / (xx - mx * mx + yy - my * my + _C2)
    return float((light * structure).mean())

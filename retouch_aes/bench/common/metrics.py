"""How near a photo is to a reference: PSNR and SSIM, as enhancement papers give them.

    PSNR = -10 log10 mean (x - y)^2                                    in dB, over the three channels
    SSIM = mean ((2 mx my + c1)(2 vxy + c2)) / ((mx^2 + my^2 + c1)(vx + vy + c2))    on luma, in [-1, 1]

SSIM: Wang et al. (2004), a Gaussian window of 11 px, deviation 1.5, where it lies within the frame;
c1 = .01^2, c2 = .03^2. Both are kornia's, in float64.
"""

from torch import Tensor

from retouch_aes.color.luma import luma

_WINDOW = 11


def psnr(image: Tensor, reference: Tensor) -> float:
    """Of two `(1, 3, H, W)`, sRGB [0, 1]; infinite for equal photos."""
    import kornia

    return float(kornia.metrics.psnr(image.double(), reference.double(), max_val=1.0))


def ssim(image: Tensor, reference: Tensor) -> float:
    """Of two `(1, 3, H, W)`, sRGB [0, 1], from 11 px on."""
    import kornia

    x, y = luma(image).double(), luma(reference).double()
    return float(kornia.metrics.ssim(x, y, _WINDOW, eps=0.0, padding="valid").mean())

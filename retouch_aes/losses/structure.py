"""How far an edit has moved a photo, without a network: multi-scale SSIM of luma and Oklab distance.

    d = 1 - mean_s SSIM_s(luma) + w * mean ||Oklab(image) - Oklab(reference)||

SSIM: Wang et al. (2004), Gaussian window of 11 px (deviation 1.5), at the scales 1, 1/2 and 1/4 as long as
the short side keeps 16 px. The scales are averaged, not multiplied as in MS-SSIM (2003), so that the gradient
stays finite where structure is lost or reversed. The Oklab length is smoothed near zero, where it would kink.
Range about [0, 2 + w]; 0 for equal photos.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.errors import UsageError

SCALES = 3
SHORTEST = 16
WINDOW, DEVIATION = 11, 1.5
C1, C2 = 0.01**2, 0.03**2
SMOOTHING = 1e-3


def structure_distance(image: Tensor, reference: Tensor, *, color_weight: float = 1.0) -> Tensor:
    """The distance `(B,)` of `image` from `reference`, both `(B, 3, H, W)`, sRGB [0, 1], from 16 px on."""
    check_pair(image, reference)
    if min(image.shape[-2:]) < SHORTEST:
        raise UsageError(f"expected at least {SHORTEST} px a side, got {tuple(image.shape[-2:])}")
    with torch.autocast(image.device.type, enabled=False):
        image, reference = (x.float() if x.itemsize < 4 else x for x in (image, reference))
        return 1 - _ssim(luma(image), luma(reference)) + color_weight * _color(image, reference)


def check_pair(image: Tensor, reference: Tensor) -> None:
    """Raise `UsageError` unless both are `(B, 3, H, W)` of one shape."""
    if image.ndim != 4 or image.shape[1] != 3 or image.shape != reference.shape:
        got = f"{tuple(image.shape)} and {tuple(reference.shape)}"
        raise UsageError(f"expected an image and a reference, both (B, 3, H, W) in sRGB [0, 1], got {got}")


def _ssim(x: Tensor, y: Tensor) -> Tensor:
    values = [_ssim_at_one_scale(x, y)]
    while len(values) < SCALES and min(x.shape[-2:]) >= 2 * SHORTEST:
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        values.append(_ssim_at_one_scale(x, y))
    return torch.stack(values).mean(0)


def _ssim_at_one_scale(x: Tensor, y: Tensor) -> Tensor:
    moments = torch.cat([x, y, x * x, y * y, x * y], 1)
    mx, my, xx, yy, xy = gaussian_blur(moments, DEVIATION, WINDOW // 2, border="reflect").unbind(1)
    light = (2 * mx * my + C1) / (mx * mx + my * my + C1)
    structure = (2 * (xy - mx * my) + C2) / (xx - mx * mx + yy - my * my + C2)
    return (light * structure).mean((-2, -1))


def _color(image: Tensor, reference: Tensor) -> Tensor:
    squares = (srgb_to_oklab(image) - srgb_to_oklab(reference)).square().sum(1)
    return ((squares + SMOOTHING**2).sqrt() - SMOOTHING).mean((-2, -1))

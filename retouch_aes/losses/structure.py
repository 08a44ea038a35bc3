"""How far an edit has moved a photo, without a network: multi-scale SSIM of luma and Oklab distance.

    d = 1 - mean_s SSIM_s(luma) + w * mean ||Oklab(image) - Oklab(reference)||

SSIM: Wang et al. (2004), Gaussian window of 11 px (deviation 1.5), at the scales 1, 1/2 and 1/4 as long as
the short side keeps 16 px. The scales are averaged, not multiplied as in MS-SSIM (2003), so that the gradient
stays finite where structure is lost or reversed. The Oklab length is smoothed near zero, where it would kink.
Range about [0, 2 + w]; 0 for equal photos.

A search measures hundreds of images against one reference. `StructureReference` keeps what depends on the
reference alone (its blurred moments and its Oklab colours), which is more than half of the work. The blur is
kornia's; the index is ours, since `kornia.metrics.ssim` (the same within 3e-7, tested) keeps nothing of the
reference and blurs each moment alone: 2.5 times as long forward, 6.7 times with the gradient.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class StructureReference:
    """One side of the distance: luma, its blurred value and variance by scale, and Oklab `(B, 3, H, W)`."""

    scales: tuple[tuple[Tensor, Tensor, Tensor], ...]
    oklab: Tensor

    @staticmethod
    def of(reference: Tensor) -> "StructureReference":
        """What is kept of `reference` `(B, 3, H, W)`, sRGB [0, 1], from 16 px on."""
        if min(reference.shape[-2:]) < SHORTEST:
            raise UsageError(f"expected at least {SHORTEST} px a side, got {tuple(reference.shape[-2:])}")
        with torch.autocast(reference.device.type, enabled=False):
            reference = _full_precision(reference)
            scales = []
            for tone in _pyramid(luma(reference)):
                mean, square = _blurred(tone, tone * tone)
                scales.append((tone, mean, square - mean * mean))
            return StructureReference(tuple(scales), srgb_to_oklab(reference))

    def distance(self, image: Tensor, color_weight: float = 1.0) -> Tensor:
        """The distance `(B,)` of `image`, of the shape of the reference, from it."""
        with torch.autocast(image.device.type, enabled=False):
            image = _full_precision(image)
            pairs = zip(_pyramid(luma(image)), self.scales, strict=True)
            similar = torch.stack([_ssim(tone, *known) for tone, known in pairs]).mean(0)
            squares = (srgb_to_oklab(image) - self.oklab).square().sum(1)
            away = ((squares + SMOOTHING**2).sqrt() - SMOOTHING).mean((-2, -1))
            return 1 - similar + color_weight * away


def structure_distance(image: Tensor, reference: Tensor, *, color_weight: float = 1.0) -> Tensor:
    """The distance `(B,)` of `image` from `reference`, both `(B, 3, H, W)`, sRGB [0, 1], from 16 px on."""
    check_pair(image, reference)
    return StructureReference.of(reference).distance(image, color_weight)


def check_pair(image: Tensor, reference: Tensor) -> None:
    """Raise `UsageError` unless both are `(B, 3, H, W)` of one shape."""
    if image.ndim != 4 or image.shape[1] != 3 or image.shape != reference.shape:
        got = f"{tuple(image.shape)} and {tuple(reference.shape)}"
        raise UsageError(f"expected an image and a reference, both (B, 3, H, W) in sRGB [0, 1], got {got}")


def _full_precision(image: Tensor) -> Tensor:
    return image.float() if image.itemsize < 4 else image


def _pyramid(tone: Tensor) -> list[Tensor]:
    levels = [tone]
    while len(levels) < SCALES and min(levels[-1].shape[-2:]) >= 2 * SHORTEST:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def _ssim(x: Tensor, y: Tensor, mean_y: Tensor, variance_y: Tensor) -> Tensor:
    """Mean SSIM `(B,)` of luma `x` against luma `y` of known local mean and variance, all `(B, 1, H, W)`."""
    mean_x, square_x, product = _blurred(x, x * x, x * y)
    light = (2 * mean_x * mean_y + C1) / (mean_x * mean_x + mean_y * mean_y + C1)
    variance_x = square_x - mean_x * mean_x
    structure = (2 * (product - mean_x * mean_y) + C2) / (variance_x + variance_y + C2)
    return (light * structure).mean((-3, -2, -1))


def _blurred(*planes: Tensor) -> tuple[Tensor, ...]:
    blurred = gaussian_blur(torch.cat(planes, 1), DEVIATION, WINDOW // 2, border="reflect")
    return torch.split(blurred, 1, dim=1)

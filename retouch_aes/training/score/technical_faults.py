"""What goes wrong with a photo technically: blur, noise, compression and their like, as ladders.

`TECHNICAL[kind](photos, severity, generator)` takes photos `(B, 3, H, W)`, sRGB [0, 1], and a severity in
[0, 1], the same for all, and gives photos on the 8-bit grid. Severity 0 is just visible, 1 is ruin. Lengths
are relative to the long side, so that a ladder means the same at every size (numbers below at 384 px).
"""

import io
import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear

TechnicalFault = Callable[[Tensor, float, Generator], Tensor]
_SIDE = 384


def gaussian(image: Tensor, severity: float, generator: Generator) -> Tensor:  # noqa: ARG001
    """Gaussian blur, sigma .8 to 8 px."""
    sigma = 0.8 * 10**severity * _scale(image)
    return gaussian_blur(image, max(sigma, 0.3), max(1, math.ceil(3 * sigma)))


def defocus(image: Tensor, severity: float, generator: Generator) -> Tensor:  # noqa: ARG001
    """A disk of radius 1.2 to 10 px, in linear light."""
    radius = max(0.7, 1.2 * 8.5**severity * _scale(image))
    reach = math.ceil(radius)
    offsets = torch.arange(-reach, reach + 1, dtype=image.dtype)
    distance = (offsets[:, None].square() + offsets[None].square()).sqrt()
    return _convolved(image, (radius + 0.5 - distance).clamp(0, 1))


def motion(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """A straight smear of 3 to 28 px in any direction, in linear light."""
    length = max(2.0, 3 * 9.3**severity * _scale(image))
    angle = math.pi * float(torch.rand((), generator=generator))
    reach = math.ceil(length / 2)
    offsets = torch.arange(-reach, reach + 1, dtype=image.dtype)
    along = offsets[None] * math.cos(angle) + offsets[:, None] * math.sin(angle)
    across = offsets[:, None] * math.cos(angle) - offsets[None] * math.sin(angle)
    kernel = (1 - across.abs()).clamp(min=0) * (length / 2 + 0.5 - along.abs()).clamp(0, 1)
    return _convolved(image, kernel)


def noise(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """Gaussian noise of sigma 6 to 50 (of 255), half of the time the same in all channels."""
    sigma = 6 * 8.3**severity / 255
    grey = float(torch.rand((), generator=generator)) < 0.3
    shape = (len(image), 1 if grey else 3, *image.shape[-2:])
    noisy: Tensor = image + sigma * torch.randn(shape, generator=generator)
    return noisy


def jpeg(image: Tensor, severity: float, generator: Generator) -> Tensor:  # noqa: ARG001
    """JPEG of quality 35 down to 3."""
    quality = round(35 * (3 / 35) ** severity)
    return torch.stack([_through_jpeg(one, quality) for one in image])


def banding(image: Tensor, severity: float, generator: Generator) -> Tensor:  # noqa: ARG001
    """24 down to 3 levels a channel."""
    steps = round(24 * (3 / 24) ** severity) - 1
    coarse: Tensor = (image * steps).round() / steps
    return coarse


def over_sharpening(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """Unsharp masking of sigma .8 to 2.5 px, amount 1.5 to 12."""
    sigma = (0.8 + 1.7 * float(torch.rand((), generator=generator))) * _scale(image)
    sigma = max(sigma, 0.5)
    return image + 1.5 * 8**severity * (image - gaussian_blur(image, sigma, math.ceil(3 * sigma)))


def downscaling(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """Made 2 to 12 times smaller and back, by nearest, linear or cubic interpolation."""
    factor, size = 2 * 6**severity, image.shape[-2:]
    small = tuple(max(4, round(n / factor)) for n in size)
    mode = ("nearest", "bilinear", "bicubic")[int(torch.randint(3, (), generator=generator))]
    shrunk = F.interpolate(image, size=small, mode="bilinear", antialias=True)
    enlarged: Tensor = F.interpolate(shrunk, size=size, mode=mode)
    return enlarged


def pattern(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """Stripes, grids or coloured ripples of amplitude .015 to .25, as a network may leave them."""
    rows, columns = (torch.arange(n, dtype=image.dtype) for n in image.shape[-2:])
    period = 2 + 14 * torch.rand(2, generator=generator) ** 2 * max(_scale(image), 0.5)
    phase = 2 * math.pi * torch.rand(2, 3, 1, 1, generator=generator)
    wave = torch.sin(2 * math.pi * rows[:, None] / period[0] + phase[0])
    other = torch.sin(2 * math.pi * columns[None] / period[1] + phase[1])
    kind = int(torch.randint(3, (), generator=generator))
    ripple = wave + other if kind == 0 else wave * other if kind == 1 else wave + 0 * other
    if float(torch.rand((), generator=generator)) < 0.5:
        ripple = ripple[:1]
    return image + 0.015 * 17**severity * ripple


def smear(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """Every place shifted by a random field of 1 to 14 px, as wavy glass does."""
    height, width = image.shape[-2:]
    cells = int(torch.randint(6, 40, (), generator=generator))
    field = torch.randn(1, 2, cells, cells, generator=generator)
    field = F.interpolate(field, size=(height, width), mode="bicubic", align_corners=True)[0]
    shift = 1.0 * 14**severity * _scale(image) * field
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    grid = torch.stack([x + 2 * shift[0] / width, y + 2 * shift[1] / height], dim=-1)
    grid = grid.expand(len(image), -1, -1, -1)
    moved: Tensor = F.grid_sample(image, grid, padding_mode="reflection", align_corners=True)
    return moved


def misexposure(image: Tensor, severity: float, generator: Generator) -> Tensor:
    """Light scaled by .5 to 4 stops down or up, clipped as a sensor clips, with noise in the dark."""
    stops = 0.5 * 8**severity * (1 if float(torch.rand((), generator=generator)) < 0.5 else -1)
    light = srgb_to_linear(image) * 2**stops
    return linear_to_srgb((light + 0.001 * torch.randn(image.shape, generator=generator)).clamp(0, 1))


TECHNICAL: dict[str, TechnicalFault] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        gaussian,
        defocus,
        motion,
        noise,
        jpeg,
        banding,
        over_sharpening,
        downscaling,
        pattern,
        smear,
        misexposure,
    )
}


def spoiled(kind: str, image: Tensor, severity: float, seed: int) -> Tensor:
    """Photos `(B, 3, H, W)` with one of `TECHNICAL`, on the 8-bit grid; all its chance comes from `seed`.

    The same seed gives ladders: of one direction, one pattern, one field, whatever the severity.
    """
    with torch.no_grad():
        made = TECHNICAL[kind](image, severity, Generator().manual_seed(seed))
        return (made.clamp(0, 1) * 255).round() / 255


def _scale(image: Tensor) -> float:
    return max(image.shape[-2:]) / _SIDE


def _convolved(image: Tensor, kernel: Tensor) -> Tensor:
    """`image` under `kernel` `(K, L)`, in linear light."""
    weights = (kernel / kernel.sum()).expand(3, 1, -1, -1)
    tall, wide = (n // 2 for n in kernel.shape)
    light = F.pad(srgb_to_linear(image), (wide, wide, tall, tall), mode="replicate")
    return linear_to_srgb(F.conv2d(light, weights, groups=3).clamp(0, 1))


def _through_jpeg(image: Tensor, quality: int) -> Tensor:
    pixels = (image.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float() / 255

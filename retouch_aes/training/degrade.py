"""What goes wrong with photos: random exposure, cast, contrast, colour, haze and rounding, without operators.

Training needs spoiled photos whose faults are not the operators' own formulas upside down: otherwise a
network learns to invert our code instead of mending photos. Each fault is drawn per photo with its own
probability and size, in the order light - air - camera - file.
"""

import torch
from torch import Generator, Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear


def degrade(image: Tensor, generator: Generator, *, chance: float = 0.5) -> Tensor:
    """Spoil photos `(B, 3, H, W)`, sRGB [0, 1]; each kind of fault hits a photo with probability `chance`.

    A fault that hits has a fifth of its full size at least: one that cannot be seen would teach a network to
    do nothing.
    """
    device = image.device

    def draw(*shape: int) -> Tensor:
        return (torch.rand(len(image), *shape, 1, 1, generator=generator) * 2 - 1).to(device)

    def strong() -> Tensor:
        signed = draw(1)
        return signed.sign() * (0.2 + 0.8 * signed.abs())

    def hit() -> Tensor:
        return (torch.rand(len(image), 1, 1, 1, generator=generator) < chance).to(device)

    haze = _haze(image, strong().abs(), draw(1), draw(3), draw(1))
    image = torch.where(hit(), haze, image)
    light = srgb_to_linear(image)
    light = light * 2 ** torch.where(hit(), 1.7 * strong(), 0)
    light = light * 2 ** torch.where(hit(), 0.45 * draw(3), 0)
    image = linear_to_srgb(light).clamp(0, 1)
    image = torch.where(hit(), image.clamp(min=1e-4) ** (2 ** (0.7 * strong())), image)
    middle = luma(image).mean((-2, -1), keepdim=True)
    pivot = torch.where(draw(1) > 0, middle, 0.5)
    image = torch.where(hit(), pivot + (image - pivot) * 2 ** strong(), image)
    grey = luma(image)
    image = torch.where(hit(), grey + (image - grey) * 2 ** (1.3 * strong() - 0.3), image)
    image = torch.where(hit(), image + 0.08 * strong(), image)
    return (image.clamp(0, 1) * 255).round() / 255


def _haze(image: Tensor, thickness: Tensor, slope: Tensor, tint: Tensor, air: Tensor) -> Tensor:
    rows = torch.linspace(-1, 1, image.shape[-2], device=image.device).reshape(1, 1, -1, 1)
    clear = (1 - 0.55 * thickness * (1 - 0.7 * slope * rows) / 1.7 * 1.2).clamp(0.15, 1)
    return image * clear + (0.82 + 0.13 * air + 0.04 * tint).clamp(0, 1) * (1 - clear)

"""What goes wrong with photos: random exposure, cast, contrast, colour, haze and rounding, without operators.

Training needs degraded photos whose faults are not the operators' own formulas upside down: otherwise a
network learns to invert our code instead of restoration photos. Which faults a photo gets is drawn first
(`draw_faults`): mostly one, as from one wrong setting, sometimes several small ones. They are applied in the
order haze - light - colour of the light - camera - file.
"""

from collections.abc import Sequence
from enum import IntEnum

import torch
from torch import Generator, Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear


class Fault(IntEnum):
    """The columns of a table of faults."""

    HAZE = 0
    EXPOSURE = 1
    CAST = 2
    GAMMA = 3
    CONTRAST = 4
    SATURATION = 5
    LIFT = 6


_SHARES = (0.18, 0.22, 0.2, 0.06, 0.15, 0.15, 0.04)  # how often each is the only one
_LEAST = 0.2  # of its full size: a fault that cannot be seen would teach a network to do nothing


def draw_faults(
    count: int,
    generator: Generator,
    *,
    single: float = 0.6,
    chance: float = 0.5,
    shares: Sequence[float] = _SHARES,
) -> Tensor:
    """Signed sizes `(count, 7)` in [-1, 1], 0 for no fault, in the columns of `Fault`.

    A photo has one fault with probability `single`, drawn by `shares`; else each kind with probability
    `chance`, smaller.
    """
    one = torch.multinomial(torch.tensor(shares), count, replacement=True, generator=generator)
    alone = torch.nn.functional.one_hot(one, len(Fault)).bool()
    several = torch.rand(count, len(Fault), generator=generator) < chance
    is_single = torch.rand(count, 1, generator=generator) < single
    signed = torch.rand(count, len(Fault), generator=generator) * 2 - 1
    size = signed.sign() * (_LEAST + (1 - _LEAST) * signed.abs())
    gentler = 0.4 + 0.6 * torch.rand(count, 1, generator=generator)
    return torch.where(is_single, alone * size, several * size * gentler)


def degrade(image: Tensor, generator: Generator, faults: Tensor | None = None) -> Tensor:
    """Degrade photos `(B, 3, H, W)`, sRGB [0, 1], by `faults` `(B, 7)`, drawn where none are given."""
    faults = draw_faults(len(image), generator) if faults is None else faults
    amount = faults.to(image)[..., None, None, None]  # (B, 7, 1, 1, 1)

    def draw(*shape: int) -> Tensor:
        return (torch.rand(len(image), *shape, 1, 1, generator=generator) * 2 - 1).to(image)

    haze = amount[:, Fault.HAZE]
    image = torch.where(haze == 0, image, _haze(image, haze.abs(), draw(1), draw(3), draw(1)))
    tint = draw(3)
    tint = tint - tint.mean(dim=1, keepdim=True)
    tint = tint / tint.norm(dim=1, keepdim=True).clamp(min=1e-3)
    stops = 1.7 * amount[:, Fault.EXPOSURE] + 0.55 * tint * amount[:, Fault.CAST]
    image = linear_to_srgb(srgb_to_linear(image) * 2**stops).clamp(0, 1)
    gamma = amount[:, Fault.GAMMA]
    image = torch.where(gamma == 0, image, image.clamp(min=1e-4) ** (2 ** (0.7 * gamma)))
    middle = luma(image).mean((-2, -1), keepdim=True)
    pivot = torch.where(draw(1) > 0, middle, 0.5)
    image = pivot + (image - pivot) * 2 ** amount[:, Fault.CONTRAST]
    grey = luma(image)
    saturation = amount[:, Fault.SATURATION]
    image = grey + (image - grey) * 2 ** torch.where(saturation < 0, 1.8 * saturation, saturation)
    image = image + 0.08 * amount[:, Fault.LIFT]
    return (image.clamp(0, 1) * 255).round() / 255


def _haze(image: Tensor, thickness: Tensor, slope: Tensor, tint: Tensor, air: Tensor) -> Tensor:
    rows = torch.linspace(-1, 1, image.shape[-2], device=image.device).reshape(1, 1, -1, 1)
    clear = (1 - 0.65 * thickness * (1 - 0.7 * slope * rows) / 1.7 * 1.2).clamp(0.15, 1)
    return image * clear + (0.82 + 0.13 * air + 0.04 * tint).clamp(0, 1) * (1 - clear)

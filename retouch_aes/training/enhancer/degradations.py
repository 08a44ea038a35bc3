"""What an enhancer learns to undo, by name: bad exposure, haze, or everything that goes wrong with colour.

Each takes photos `(B, 3, H, W)`, sRGB [0, 1], and gives degraded ones of the same shape and range.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.training.degrade import degrade

DegradeFunction = Callable[[Tensor, Generator], Tensor]


def untouched(image: Tensor, generator: Generator) -> Tensor:  # noqa: ARG001 - the shape of all of them
    """The photos as they are."""
    return image


def exposure(image: Tensor, generator: Generator) -> Tensor:
    """Light scaled by -3.5 to +1 EV, and noise where it is dark, as a sensor gives it."""
    stops = torch.rand(len(image), 1, 1, 1, generator=generator) * 4.5 - 3.5
    light = srgb_to_linear(image) * 2 ** stops.to(image)
    noise = torch.randn(image.shape, generator=generator).to(image)
    return linear_to_srgb(light + 0.002 * noise).clamp(0, 1)


def haze(image: Tensor, generator: Generator) -> Tensor:
    """`I t + A (1 - t)`, `t = exp(-b d)`: a smooth random depth `d`, b in [0.2, 1.8], a pale airlight `A`."""
    batch, _, height, width = image.shape
    coarse = torch.rand(batch, 1, 3, 3, generator=generator)
    far = torch.linspace(1, 0, 3)[:, None] * torch.rand(batch, 1, 1, 1, generator=generator)
    depth = F.interpolate((coarse + far) / 2, size=(height, width), mode="bicubic").clamp(0, 1).to(image)
    thickness, air = torch.rand(2, batch, 1, 1, 1, generator=generator).to(image)
    tint = torch.rand(batch, 3, 1, 1, generator=generator).to(image)
    t = torch.exp(-(0.2 + 1.6 * thickness) * depth)
    veiled: Tensor = image * t + (0.7 + 0.25 * air + 0.05 * tint).clamp(0, 1) * (1 - t)
    return veiled


DEGRADATIONS: dict[str, DegradeFunction] = {
    "none": untouched,
    "exposure": exposure,
    "haze": haze,
    "all": degrade,
}

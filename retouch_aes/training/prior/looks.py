"""Looks: what people do to a finished photo on purpose, which a repair has to leave alone.

Low key, high key, a steep or flat curve, faded blacks, toned shadows and lights, coloured light, a vignette,
black and white, sepia. Every photo gets one to three of them. Unlike faults they keep a black or a white
end somewhere, or go with the tones: that is how they can be told from faults.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from retouch_aes.color.luma import luma

Draw = Callable[[float, float], Tensor]
"""A number between two, one a photo: `(B, 1, 1, 1)`."""


def lay_look(image: Tensor, generator: Generator) -> Tensor:
    """Photos `(B, 3, H, W)`, sRGB [0, 1], each with a look of its own, on the 8-bit grid."""

    def between(low: float, high: float) -> Tensor:
        return (low + (high - low) * torch.rand(len(image), 1, 1, 1, generator=generator)).to(image)

    chance = torch.rand(len(image), len(LOOKS), generator=generator)
    often = chance.new_tensor([share for share, _ in LOOKS])
    worn = chance < often
    worn[torch.arange(len(image)), (chance / often).argmin(dim=1)] = True  # one at least
    for column, (_, look) in enumerate(LOOKS):
        laid = look(image, between).clamp(0, 1)
        image = torch.where(worn[:, column, None, None, None].to(image.device), laid, image)
    return (image * 255).round() / 255


def lay_night(image: Tensor, generator: Generator) -> Tensor:
    """Photos `(B, 3, H, W)`, sRGB [0, 1], as scenes at night in the light of one colour, on the 8-bit grid.

    Neon, a stage, blue hour: dark all over, the lights stay, and every surface has the colour of the light.
    No fault of a camera does that.
    """

    def between(low: float, high: float) -> Tensor:
        return (low + (high - low) * torch.rand(len(image), 1, 1, 1, generator=generator)).to(image)

    tone = luma(image)
    hue = 2 * torch.pi * between(0, 1)
    thirds = torch.arange(3).to(image).reshape(1, 3, 1, 1) * (2 * torch.pi / 3)
    colour = (0.5 + 0.5 * torch.cos(hue - thirds)).clamp(min=0.02)
    colour = colour / luma(colour)
    lit = tone.clamp(min=1e-4) ** between(1.4, 2.6) * between(0.35, 0.9)
    light = tone.clamp(min=1e-4) ** between(6, 14)  # lamps, and what they shine on
    night = torch.lerp(lit * image / tone.clamp(min=0.02), lit * colour, between(0.5, 0.95))
    night = (night + light * (1 - night)).clamp(0, 1)
    return (night * 255).round() / 255


def _low_key(image: Tensor, between: Draw) -> Tensor:
    return image.clamp(min=1e-4) ** between(1.2, 2.2)


def _high_key(image: Tensor, between: Draw) -> Tensor:
    return 1 - (1 - image).clamp(min=1e-4) ** between(1.2, 2.0)


def _curve(image: Tensor, between: Draw) -> Tensor:
    slope = 2.0 ** between(-0.25, 0.6)
    centred = 2 * image - 1
    return 0.5 + 0.5 * centred * slope / (1 + (slope - 1) * centred.abs())


def _fade(image: Tensor, between: Draw) -> Tensor:
    black, white = between(0.0, 0.15), between(0.9, 1.0)
    return black + (white - black) * image


def _split_tone(image: Tensor, between: Draw) -> Tensor:
    tone, warm = luma(image), between(-0.06, 0.06)
    along = torch.cat([warm, 0.2 * warm, -warm], dim=1)
    return image + along * (tone - between(0.3, 0.6)) * 2


def _coloured_light(image: Tensor, between: Draw) -> Tensor:
    tone, strength = luma(image), between(0.1, 0.45)
    cold = between(0, 1) < 0.3
    gains = torch.cat([1 + 0 * strength, 1 - 0.4 * strength, 1 - strength], dim=1)
    gains = torch.where(cold, gains.flip(1), gains)
    return image * torch.lerp(gains, torch.ones_like(gains), 0.5 * tone)


def _vignette(image: Tensor, between: Draw) -> Tensor:
    rows = torch.linspace(-1, 1, image.shape[-2], device=image.device).reshape(1, 1, -1, 1)
    columns = torch.linspace(-1, 1, image.shape[-1], device=image.device)
    away = (rows**2 + columns**2) / 2
    return image * (1 - between(0.15, 0.7) * away)


def _black_and_white(image: Tensor, between: Draw) -> Tensor:
    toned = between(0, 1) < 0.4
    tone, strength = luma(image), torch.where(toned, between(0.02, 0.1), 0 * between(0, 1))
    room = 4 * tone * (1 - tone)
    return tone + torch.cat([strength, 0.1 * strength, -strength], dim=1) * room


LOOKS: tuple[tuple[float, Callable[[Tensor, Draw], Tensor]], ...] = (
    (0.08, _black_and_white),
    (0.15, _coloured_light),
    (0.2, _low_key),
    (0.1, _high_key),
    (0.35, _curve),
    (0.15, _fade),
    (0.2, _split_tone),
    (0.25, _vignette),
)
"""How often each is laid, and how; in this order."""

"""Too little light on the subject: far underexposed, before a bright ground, or where a lamp does not reach.

What a meter does wrong with a window, a sky or a lamp in the frame. The bright ground keeps its light, so
that an exposure alone does not mend it: shadows have to rise and highlights to be held. Half of the photos
look as a camera leaves them besides: the colour of a dim lamp, noise of the sensor, black and contrast of
its curve.
"""

import torch
from torch import Generator, Tensor

from retouch_aes.color.guided import guided_coefficients
from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.training.prior.looks import Draw

_LOST, _GAINED = (0.8, 3.2), (-0.3, 0.5)  # stops, of the subject and of the ground
_EVERYWHERE, _GROUND, _SIDE = 0.3, 0.45, 0.12  # shares of the kinds; the rest is light in a round spot
_BY_CAMERA = 0.5  # share of the photos
_LAMP, _GREEN = 0.15, 0.05  # deviations of the balance, in stops
_NOISE = (-4.5, -2.7)  # powers of ten: variance of the noise for light, on a small copy
_SLOPE, _TOE = 0.6, 0.04  # stops of contrast at most; what becomes black at most
_RADIUS, _EPSILON = 0.05, 2.5e-3  # of the filter along edges, as `FillLight` has them


def darken(image: Tensor, generator: Generator) -> Tensor:
    """Photos `(B, 3, H, W)`, sRGB [0, 1], with a dark subject, on the 8-bit grid."""

    def between(low: float, high: float) -> Tensor:
        return (low + (high - low) * torch.rand(len(image), 1, 1, 1, generator=generator)).to(image)

    ground = _ground(image, between)
    rows = torch.linspace(-1, 1, image.shape[-2], device=image.device).reshape(1, 1, -1, 1)
    columns = torch.linspace(-1, 1, image.shape[-1], device=image.device)
    angle = between(0, 2 * torch.pi)
    side = columns * angle.cos() + rows * angle.sin() + between(-0.3, 0.3)
    side = torch.sigmoid(side / between(0.15, 0.6))
    away = ((columns - between(-0.4, 0.4)).square() + (rows - between(-0.4, 0.4)).square()).sqrt()
    ring = torch.sigmoid((away - between(0.4, 0.9)) / between(0.08, 0.3))
    which = between(0, 1)
    lit = torch.where(which < _EVERYWHERE + _GROUND + _SIDE, side, ring)
    lit = torch.where(which < _EVERYWHERE + _GROUND, ground, lit) * (which >= _EVERYWHERE)
    stops = between(*_GAINED) * lit - between(*_LOST) * (1 - lit)
    dark = linear_to_srgb((srgb_to_linear(image) * 2.0**stops).clamp(0, 1)).clamp(0, 1)
    dark = torch.where(between(0, 1) < _BY_CAMERA, _by_camera(dark, between, generator), dark)
    return (dark.clamp(0, 1) * 255).round() / 255


def _by_camera(image: Tensor, between: Draw, generator: Generator) -> Tensor:
    """Photos `(B, 3, H, W)`, sRGB [0, 1], with cast, noise and curve; about half of them get each."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(image)

    some = (between(0, 1) < 0.6).to(image)
    warm, green = some * _LAMP * normal(len(image), 1, 1, 1), some * _GREEN * normal(len(image), 1, 1, 1)
    light = srgb_to_linear(image) * 2.0 ** torch.cat([warm - green, green, -warm - green], dim=1)
    gain = 10.0 ** between(*_NOISE) * (between(0, 1) < 0.6)
    light = light + (gain * light + 0.5 * gain.square()).sqrt() * normal(*light.shape)
    image = linear_to_srgb(light.clamp(0, 1)).clamp(0, 1)
    slope = 2.0 ** (between(0, _SLOPE) * (between(0, 1) < 0.5))
    centred = 2 * image - 1
    image = 0.5 + 0.5 * centred * slope / (1 + (slope - 1) * centred.abs())
    toe = between(0, _TOE) * (between(0, 1) < 0.4)
    return (image - toe) / (1 - toe)


def _ground(image: Tensor, between: Draw) -> Tensor:
    """How much every pixel belongs to the brighter part of its photo, along edges: `(B, 1, H, W)`, [0, 1]."""
    grey = luma(image)
    radius = max(2, round(_RADIUS * max(grey.shape[-2:])))
    a, b = guided_coefficients(grey, grey, radius, _EPSILON)
    base = (a * grey + b).clamp(0, 1)
    ordered, share = base.flatten(1).sort(dim=1).values, between(0.4, 0.85).flatten(1)
    place = (share * (ordered.shape[1] - 1)).long()
    return torch.sigmoid((base - ordered.gather(1, place)[:, :, None, None]) / between(0.03, 0.08))

"""Colour differences of two images as people see them: CIE76 and CIEDE2000.

Delta E 76 is the distance in CIELAB. Delta E 2000 (CIE 142-2001, as in Sharma, Wu and Dalal 2005, "The
CIEDE2000 color-difference formula: implementation notes") corrects it: saturated colours count less, and
dark, blue and nearly grey ones are treated apart. About 1 is just visible side by side, 2 to 4 is a small
difference, 10 a plain one. The weights kL, kC and kH are 1.

Where the formula has no slope (equal colours, exact greys, hues half a turn apart) the gradient is finite:
zero at equal colours, one side's slope at the others.
"""

import math

import torch
from torch import Tensor

from retouch_aes.color.lab import srgb_to_lab
from retouch_aes.errors import UsageError

_TURN = 2 * math.pi


def delta_e_76(image: Tensor, reference: Tensor) -> Tensor:
    """CIE76 difference of two `(B, 3, H, W)` sRGB [0, 1] images at every pixel: `(B, H, W)`."""
    _check(image, reference)
    return _root((srgb_to_lab(image) - srgb_to_lab(reference)).square().sum(dim=1))


def delta_e_2000(image: Tensor, reference: Tensor) -> Tensor:
    """CIEDE2000 difference of two `(B, 3, H, W)` sRGB [0, 1] images at every pixel: `(B, H, W)`."""
    _check(image, reference)
    return _ciede2000(srgb_to_lab(image), srgb_to_lab(reference))


def _check(image: Tensor, reference: Tensor) -> None:
    if image.ndim != 4 or image.shape[1] != 3 or image.shape != reference.shape:
        got = f"{tuple(image.shape)} and {tuple(reference.shape)}"
        raise UsageError(f"expected two images of one shape (B, 3, H, W), got {got}")


def _ciede2000(image: Tensor, reference: Tensor) -> Tensor:
    """The formula on two Lab tensors `(B, 3, H, W)`; the numbers are the standard's."""
    lightness1, a1, b1 = image.unbind(dim=1)
    lightness2, a2, b2 = reference.unbind(dim=1)
    chroma = (_root(a1**2 + b1**2) + _root(a2**2 + b2**2)) / 2
    stretch = 1.5 - 0.5 * _saturating(chroma)
    a1, a2 = a1 * stretch, a2 * stretch
    chroma1, chroma2 = _root(a1**2 + b1**2), _root(a2**2 + b2**2)
    hue1, hue2 = _hue(a1, b1), _hue(a2, b2)
    coloured = (chroma1 > 0) & (chroma2 > 0)

    turn = torch.where(coloured, hue2 - hue1, 0)
    turn = turn - _TURN * (turn > math.pi) + _TURN * (turn < -math.pi)
    far = coloured & ((hue1 - hue2).abs() > math.pi)
    hue = torch.where(coloured, (hue1 + hue2) / 2, hue1 + hue2)
    hue = hue + math.pi * far * torch.where(hue1 + hue2 < _TURN, 1.0, -1.0)

    lightness = (lightness1 + lightness2) / 2
    chroma = (chroma1 + chroma2) / 2
    weight = (
        1
        - 0.17 * torch.cos(hue - math.radians(30))
        + 0.24 * torch.cos(2 * hue)
        + 0.32 * torch.cos(3 * hue + math.radians(6))
        - 0.20 * torch.cos(4 * hue - math.radians(63))
    )
    scale_l = 1 + 0.015 * (lightness - 50) ** 2 / torch.sqrt(20 + (lightness - 50) ** 2)
    scale_c = 1 + 0.045 * chroma
    scale_h = 1 + 0.015 * chroma * weight
    bell = torch.exp(-(((torch.rad2deg(hue) - 275) / 25) ** 2))
    rotation = -torch.sin(math.radians(60) * bell) * 2 * _saturating(chroma)

    delta_l = (lightness2 - lightness1) / scale_l
    delta_c = (chroma2 - chroma1) / scale_c
    delta_h = 2 * _root(chroma1 * chroma2) * torch.sin(turn / 2) / scale_h
    return _root(delta_l**2 + delta_c**2 + delta_h**2 + rotation * delta_c * delta_h)


def _saturating(chroma: Tensor) -> Tensor:
    """`sqrt(C^7 / (C^7 + 25^7))`, with a finite slope at C = 0."""
    seventh = (chroma / 25) ** 7
    return _root(seventh / (seventh + 1))


def _root(square: Tensor) -> Tensor:
    """The square root, with slope zero instead of infinity at zero; a rounding below zero counts as zero."""
    positive = square > 0
    return torch.where(positive, torch.where(positive, square, 1).sqrt(), 0)


def _hue(a: Tensor, b: Tensor) -> Tensor:
    """Hue angle in [0, 2 pi); 0 for an exact grey."""
    coloured = (a != 0) | (b != 0)
    angle = torch.where(coloured, torch.atan2(b, torch.where(coloured, a, 1)), 0)
    return torch.where(angle < 0, angle + _TURN, angle)

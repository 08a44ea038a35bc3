"""Masks of things: the subject, the sky, skin. Found by colour, place and texture, without a network.

* **Subject**: what cannot be reached from the border of the frame without crossing an edge (geodesic
  saliency: Wei, Wen, Zhu, Sun, ECCV 2012), and lies towards the middle.
* **Sky**: bright or blue, without texture, and joined to the top edge.
* **Skin**: the hues of skin at its chroma, from pale to dark; wood, sand and evening light may look alike.

They are guesses and say so by soft weights: where nothing is found, a mask is empty.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.guided import box_mean
from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.color.resize import proxy
from retouch_aes.operators.masks.guided_mask import GuidedMask, band, ramp
from retouch_aes.operators.masks.ranges import hue_and_chroma

_SIDE = 64  # of the copy on which paths are followed
_ROUNDS = 96  # steps of a path
_PLAIN = 0.012  # Oklab between neighbours that does not count as an edge
_NEAR, _FAR = 0.04, 0.16  # distance from the border, in Oklab, of the ground and of a subject


@dataclass(frozen=True)
class SubjectMask(GuidedMask):
    """What the photo is of, as far as it stands out from its surroundings.

    Examples:
        >>> from retouch_aes import SubjectMask
        >>> SubjectMask(invert=True).to_json()  # the ground
        {'kind': 'subject', 'invert': True}
    """

    kind: ClassVar[str] = "subject"

    def seen(self, small: Tensor) -> Tensor:
        """See `GuidedMask.seen`."""
        tiny = proxy(small, _SIDE)
        away = _from_border(srgb_to_oklab(tiny))
        most = away.flatten(2).quantile(0.95, dim=2)[..., None, None]
        share = ramp(away / most.clamp(min=_FAR), 0.25, 0.75) * ramp(most, _NEAR, _FAR)
        height, width = tiny.shape[-2:]
        y, x = torch.linspace(-1, 1, height).to(tiny), torch.linspace(-1, 1, width).to(tiny)
        middle = torch.exp(-(y[:, None].square() + x.square()) / 1.2)
        found = box_mean(share * middle.clamp(min=0.25), 1) / 0.8
        return F.interpolate(found.clamp(0, 1), small.shape[-2:], mode="bilinear")


@dataclass(frozen=True)
class SkyMask(GuidedMask):
    """The sky, blue, grey or white, as far as it is joined to the top edge.

    Examples:
        >>> from retouch_aes import SkyMask
        >>> SkyMask().label
        'sky'
    """

    kind: ClassVar[str] = "sky"

    def seen(self, small: Tensor) -> Tensor:
        """See `GuidedMask.seen`."""
        hue, chroma = hue_and_chroma(small)
        grey = luma(small)
        rough = (box_mean(grey.square(), 2) - box_mean(grey, 2).square()).clamp(min=0).sqrt()
        blue = band(hue, 190.0, 250.0, 15.0) * ramp(chroma, 0.03, 0.12) * ramp(grey, 0.12, 0.35)
        pale = ramp(grey, 0.5, 0.75) * (1 - ramp(chroma, 0.15, 0.3))
        likely = (1 - (1 - blue) * (1 - pale)) * (1 - ramp(rough, 0.03, 0.09))
        return torch.minimum(likely, _joined_to_top(likely))


@dataclass(frozen=True)
class SkinMask(GuidedMask):
    """Skin, from pale to dark, by its colour.

    Examples:
        >>> from retouch_aes import SkinMask
        >>> SkinMask().label
        'skin'
    """

    kind: ClassVar[str] = "skin"

    def seen(self, small: Tensor) -> Tensor:
        """See `GuidedMask.seen`."""
        hue, chroma = hue_and_chroma(small)
        brightest = small.amax(dim=1, keepdim=True)
        colourful = chroma / brightest.clamp(min=0.05)
        turned = (hue + 180).remainder(360) - 180
        hues = band(turned, 5.0, 38.0, 10.0)
        return hues * band(colourful, 0.2, 0.55, 0.1) * ramp(brightest, 0.15, 0.3)


def _from_border(lab: Tensor) -> Tensor:
    """The least sum of steps of colour on a path from the border: `(B, 3, h, w)` -> `(B, 1, h, w)`."""
    down = ((lab[:, :, 1:] - lab[:, :, :-1]).square().sum(1, keepdim=True).sqrt() - _PLAIN).clamp(min=0)
    across = ((lab[..., 1:] - lab[..., :-1]).square().sum(1, keepdim=True).sqrt() - _PLAIN).clamp(min=0)
    away = torch.full_like(lab[:, :1], 10.0)
    away[:, :, [0, -1]] = 0
    away[..., [0, -1]] = 0
    for _ in range(_ROUNDS):
        away[:, :, 1:] = torch.minimum(away[:, :, 1:], away[:, :, :-1] + down)
        away[:, :, :-1] = torch.minimum(away[:, :, :-1], away[:, :, 1:] + down)
        away[..., 1:] = torch.minimum(away[..., 1:], away[..., :-1] + across)
        away[..., :-1] = torch.minimum(away[..., :-1], away[..., 1:] + across)
    return away


def _joined_to_top(likely: Tensor) -> Tensor:
    """The best weakest link `(B, 1, h, w)` of a path of `likely` pixels from the top edge."""
    joined = torch.zeros_like(likely)
    joined[:, :, 0] = likely[:, :, 0]
    for _ in range(max(likely.shape[-2:])):
        joined = torch.minimum(likely, F.max_pool2d(joined, 3, stride=1, padding=1))
        joined[:, :, 0] = likely[:, :, 0]
    return joined

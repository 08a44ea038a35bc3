"""How well a photo is taken, whatever it shows: sharpness of its subject, exposure, noise, each measured.

**Blur** in tiles, along four directions, from mean squares of differences over n pixels, E(n):

* softening a photo by b pixels takes its slopes' energy to rho = s^2 / (s^2 + b^2) where it was softened by s
  before, so s = b sqrt(rho / (1 - rho)): the re-blur ratio of Zhuo and Sim ("Defocus map estimation from a
  single image", Pattern Recognition 2011), for the spectrum of natural images instead of a single edge;
* a moving camera makes of every edge a ramp, whose ends are hard, so softening does not tell; but
  E(1) / E(16) falls. It is read as the deviation of the softened edge that has the same.

The larger of both counts, in the softest direction of the tile, since a moving camera softens one only. The
subject is taken to be what is sharpest: a portrait before a blurred ground is sharp.

**Noise**: `color.noise`, in the plainest tiles. It is taken out of every E before blur is measured, and only
what has twice its energy counts: where nothing has, a copy of half the size is measured, whose noise is half
as large.

**Exposure**: the mean light in stops from middle grey (18 %), and the share of the frame that is clipped.
"""

from dataclasses import dataclass
from math import exp, log2, pi

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.luma import luma
from retouch_aes.color.noise import noise_deviation
from retouch_aes.color.transfer import srgb_to_linear
from retouch_aes.photo import Photo

SIDE = 1536
"""Long side in pixels of the copy that is measured; a smaller photo is measured as it is."""

_TILES = 12  # along the long side
_SUBJECT = 0.1  # the share of the tiles with detail that are taken for the subject
_REBLUR, _REACH = 1.5, 5  # pixels
_FAR = 16  # pixels
_DETAIL = 2e-5  # mean square of a difference from which a tile has something to be sharp
_MIDDLE_GREY = 0.18
_CLIPPED = 1.5 / 255


@dataclass(frozen=True)
class TechnicalQuality:
    """What was measured in one photo.

    Attributes:
        blur: How soft the sharpest parts are: the deviation in pixels, at 1,536 px on the long side, of a
            Gaussian that softens as much. None where nothing has detail enough to tell.
        noise: Standard deviation of the noise of luma, in levels of 255.
        light: Mean light of the frame in stops from middle grey.
        clipped: Share of the pixels that are plain black or plain white, 0 to 1.
    """

    blur: float | None
    noise: float
    light: float
    clipped: float

    @property
    def sharpness(self) -> float:
        """1 where edges are as hard as pixels allow, 1/2 at a blur of 1.5 px, 0 without any detail."""
        return 0.0 if self.blur is None else 1 / (1 + (self.blur / 1.5) ** 2)

    @property
    def exposure(self) -> float:
        """1 within a stop of the middle and nothing clipped, 1/e at four stops, times what is not clipped."""
        return exp(-((max(0.0, abs(self.light) - 1) / 3) ** 2)) * (1 - self.clipped)

    @property
    def cleanness(self) -> float:
        """1 up to a noise of 3 levels, 1/e at 18."""
        return exp(-max(0.0, self.noise - 3) / 15)

    @property
    def technical(self) -> float:
        """One number, 1 to 10: the product of the three on that scale."""
        return 1 + 9 * self.sharpness * self.exposure * self.cleanness


def technical_quality(photo: Photo) -> TechnicalQuality:
    """Measure how well a photo is taken.

    Args:
        photo: Of any size; a copy of `SIDE` pixels is measured.

    Returns:
        Blur, noise, light and clipping; see `TechnicalQuality`.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo
        >>> from retouch_aes.culling import technical_quality
        >>> black = technical_quality(Photo(torch.zeros(1, 3, 64, 96)))
        >>> black.blur, black.clipped, black.technical
        (None, 1.0, 1.0)
    """
    with torch.no_grad():
        image = photo.proxy(SIDE)
        tone = luma(image)
        noise = noise_deviation(tone, _tile_side(tone, tone))
        light = float(luma(srgb_to_linear(image)).mean())
        clipped = (image <= _CLIPPED).all(dim=1) | (image >= 1 - _CLIPPED).all(dim=1)
        return TechnicalQuality(
            blur=_blur(tone, noise),
            noise=255 * noise,
            light=log2(max(light, 1e-4) / _MIDDLE_GREY),
            clipped=float(clipped.float().mean()),
        )


def _blur(tone: Tensor, noise: float) -> float | None:
    """The blur of the subject, see the module."""
    if min(tone.shape[-2:]) <= 2 * _FAR:
        return None
    near, far, again = _energies(tone, 1), _energies(tone, _FAR), _energies(_soft(tone), 1)
    grain = 2 * noise**2
    impulse = tone.new_zeros(1, 1, 64, 64)
    impulse[..., 24, 24] = 1
    grain_again = grain * _energies(_soft(impulse), 1).mean(dim=0) / _energies(impulse, 1).mean(dim=0)
    near, far, again = near - grain, far - grain, again - grain_again
    known = (near > max(_DETAIL, 2 * grain)) & (far > 0.05 * far.amax(dim=1, keepdim=True))
    near, far, again = (energy.clamp(min=_DETAIL / 100) for energy in (near, far, again))
    rho = (again / near).clamp(max=0.99)
    blur = torch.maximum(_REBLUR * (rho / (1 - rho)).sqrt(), _edge_blur(near / far))
    softest = torch.where(known, blur, 0.0).amax(dim=1)[known.any(dim=1)]
    if len(softest):
        return float(softest.quantile(_SUBJECT))
    if grain < _DETAIL:
        return None
    half = F.avg_pool2d(tone, 2)
    found = _blur(half, noise_deviation(half, _tile_side(half, half)))
    return None if found is None else 2 * found


def _soft(tone: Tensor) -> Tensor:
    return gaussian_blur(tone, _REBLUR, _REACH)


def _energies(tone: Tensor, step: int) -> Tensor:
    """Mean squares of the differences over `step` pixels along 0, 90, 45 and 135 degrees, `(tiles, 4)`."""
    slant = max(1, round(step / 2**0.5))
    differences = (
        tone[..., step:] - tone[..., :-step],
        tone[..., step:, :] - tone[..., :-step, :],
        tone[..., slant:, slant:] - tone[..., :-slant, :-slant],
        tone[..., slant:, :-slant] - tone[..., :-slant, slant:],
    )
    rows, columns = (length - _FAR for length in tone.shape[-2:])
    seen = torch.cat([one[..., :rows, :columns] for one in differences], dim=1)
    return F.avg_pool2d(seen.square(), _tile_side(tone, seen))[0].flatten(1).T


def _tile_side(tone: Tensor, plane: Tensor) -> int:
    """Pixels of a tile of `plane`, which was made of `tone`: at least one whole tile."""
    side: int = max(8, max(tone.shape[-2:]) // _TILES)
    return min(side, plane.shape[-2], plane.shape[-1])


def _edge_blur(ratio: Tensor) -> Tensor:
    """The deviation in pixels of the softened edge whose E(1) / E(`_FAR`) is `ratio`."""
    known = torch.linspace(0.05, _FAR, 200, dtype=torch.float64)
    curve = _edge(1, known) / _edge(_FAR, known)  # falls
    place = torch.searchsorted(-curve, -ratio.double().contiguous()).clamp(max=len(known) - 1)
    return torch.where(place == 0, 0.0, known[place]).float()


def _edge(step: int, blur: Tensor) -> Tensor:
    """Sum over positions of the squared differences over `step` pixels of a unit edge of deviation `blur`."""
    far = step / (2 * blur)
    lost = 2 * blur / pi**0.5 * (1 - torch.exp(-far.square()))
    return torch.erf(far).mul(step).sub(lost)

"""Ten measurable stand-ins for the aesthetic attributes of AADB, differentiable to the pixels.

Kong et al. (ECCV 2016) had people judge eleven attributes of 10,000 photos, and Ren et al. (ICCV 2017) use a
network trained on ten of them. These here are computed, not learned: none was ever held against AADB's
labels, and each says only what its formula says. Higher means more of it.

| name | stands for | what is measured, on the photo at a long side of 128 px |
|---|---|---|
| light | good lighting | share of pixels near a lightness of .6 (a bell of deviation .25) |
| contrast | (interesting content) | deviation of lightness; AADB's own has no measurable stand-in |
| vividness | vivid color | colourfulness of Hasler and Suesstrunk 2003 |
| harmony | color harmony | how far hues, weighted by chroma, gather at one hue or at two opposite ones |
| depth_of_field | shallow depth of field | how unevenly fine detail is spread over the frame |
| emphasis | object emphasis | how close together the salient parts lie |
| thirds | rule of thirds | saliency near the four crossings of the thirds, against an even spread |
| balance | balancing element | how near to the middle the centre of saliency lies |
| repetition | repetition | the highest autocorrelation of edges away from the origin |
| symmetry | symmetry | correlation of the photo with its left-right mirror image |

Saliency is the Oklab distance of a blurred photo from its mean colour (Achanta et al., CVPR 2009).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.models.model import check_image
from retouch_aes.models.resize import fit_whole
from retouch_aes.papers.common.described import described_function

ATTRIBUTES = (
    "light",
    "contrast",
    "vividness",
    "harmony",
    "depth_of_field",
    "emphasis",
    "thirds",
    "balance",
    "repetition",
    "symmetry",
)
_SIDE = 128
_TINY = 1e-6
_WELL_LIT, _LIT_SPREAD = 0.6, 0.25
_CELLS = 8
_POWER_SPREAD = 0.12  # of a crossing of thirds, as a fraction of the frame
_NEAR = 0.06  # lags nearer to the origin than this fraction of the long side are no repetition


@described_function
def attributes(image: Tensor) -> Tensor:
    """`image` `(B, 3, H, W)`, sRGB [0, 1] -> `(B, 10)`, in the order of `ATTRIBUTES`."""
    check_image(image)
    small = fit_whole(image, _SIDE)
    lab = srgb_to_oklab(small)
    lightness = lab[:, 0]
    salient = _Saliency.of(lab)
    values = (
        torch.exp(-0.5 * ((lightness - _WELL_LIT) / _LIT_SPREAD) ** 2).mean((-2, -1)),
        _deviation(lightness),
        _vividness(small),
        _harmony(lab),
        _unevenness(lightness),
        salient.emphasis(),
        salient.thirds(),
        salient.balance(),
        _repetition(lightness),
        _symmetry(lab),
    )
    return torch.stack(values, 1)


def _deviation(x: Tensor) -> Tensor:
    """`(B, H, W)` -> `(B,)`, with a finite slope where all are equal."""
    return (x.var((-2, -1), unbiased=False) + _TINY).sqrt()


def _vividness(image: Tensor) -> Tensor:
    red, green, blue = image.unbind(1)
    across, along = red - green, (red + green) / 2 - blue
    spread = (across.var((-2, -1)) + along.var((-2, -1)) + _TINY).sqrt()
    mean = (across.mean((-2, -1)).square() + along.mean((-2, -1)).square() + _TINY).sqrt()
    return spread + 0.3 * mean


def _harmony(lab: Tensor) -> Tensor:
    """The larger of the first and second moment of hue on the circle, in [0, 1]; grey has none."""
    a, b = lab[:, 1], lab[:, 2]
    chroma = (a * a + b * b + _TINY).sqrt()
    total = chroma.sum((-2, -1)) + 0.02 * chroma[0].numel()
    once = (a.sum((-2, -1)).square() + b.sum((-2, -1)).square() + _TINY).sqrt()
    cosine, sine = (a * a - b * b) / chroma, 2 * a * b / chroma
    twice = (cosine.sum((-2, -1)).square() + sine.sum((-2, -1)).square() + _TINY).sqrt()
    return torch.maximum(once, twice) / total


def _unevenness(lightness: Tensor) -> Tensor:
    """Deviation of fine detail over a grid of cells, in units of its mean."""
    plane = lightness[:, None]
    detail = (plane - gaussian_blur(plane, 1.0, 3)).square()
    cells = (F.adaptive_avg_pool2d(detail, _CELLS)[:, 0] + _TINY).sqrt()
    return (cells.var((-2, -1)) + _TINY**2).sqrt() / cells.mean((-2, -1))


def _repetition(lightness: Tensor) -> Tensor:
    plane = lightness[:, None]
    edges = ((plane - gaussian_blur(plane, 2.0, 6)).square() + _TINY).sqrt()[:, 0]
    edges = edges - edges.mean((-2, -1), keepdim=True)
    height, width = edges.shape[-2:]
    power = torch.fft.rfft2(edges, s=(2 * height, 2 * width)).abs().square()
    lags = torch.fft.irfft2(power, s=(2 * height, 2 * width))
    down = torch.arange(height // 2, device=edges.device)[:, None]
    right = torch.arange(width // 2, device=edges.device)[None]
    overlap = (1 - down / height) * (1 - right / width)
    found = lags[:, : height // 2, : width // 2] / overlap / (lags[:, :1, :1] + _TINY)
    far = (down**2 + right**2).sqrt() > _NEAR * max(height, width)
    highest: Tensor = found.masked_fill(~far, -1.0).flatten(1).amax(1)
    return highest


def _symmetry(lab: Tensor) -> Tensor:
    centred = lab - lab.mean((-2, -1), keepdim=True)
    product = (centred * centred.flip(-1)).sum((1, 2, 3))
    return product / (centred.square().sum((1, 2, 3)) + _TINY)


@dataclass(frozen=True)
class _Saliency:
    """Shares of saliency `(B, H, W)`, sum 1, and the places of its rows `(H, 1)` and columns `(1, W)`."""

    share: Tensor
    down: Tensor
    right: Tensor

    @staticmethod
    def of(lab: Tensor) -> "_Saliency":
        blurred = gaussian_blur(lab, 2.0, 6)
        away = blurred - lab.mean((-2, -1), keepdim=True)
        salient = away.square().sum(1) + _TINY
        height, width = lab.shape[-2:]
        down = (torch.arange(height, device=lab.device, dtype=lab.dtype)[:, None] + 0.5) / height
        right = (torch.arange(width, device=lab.device, dtype=lab.dtype)[None] + 0.5) / width
        return _Saliency(salient / salient.sum((-2, -1), keepdim=True), down, right)

    def _centre(self) -> tuple[Tensor, Tensor]:
        return (self.share * self.down).sum((-2, -1)), (self.share * self.right).sum((-2, -1))

    def emphasis(self) -> Tensor:
        """1 where all lies in one point, 0 where it is spread evenly."""
        down, right = self._centre()
        away = (self.down - down[:, None, None]).square() + (self.right - right[:, None, None]).square()
        return 1 - ((self.share * away).sum((-2, -1)) * 6).sqrt()

    def balance(self) -> Tensor:
        """0 in the middle, falling to about -.7 in a corner."""
        down, right = self._centre()
        return -((down - 0.5).square() + (right - 0.5).square() + _TINY).sqrt()

    def thirds(self) -> Tensor:
        """Logarithm of the ratio to an even spread."""
        rows = sum(self._bell(self.down - third) for third in (1 / 3, 2 / 3))
        columns = sum(self._bell(self.right - third) for third in (1 / 3, 2 / 3))
        weight = torch.as_tensor(rows) * torch.as_tensor(columns)
        return ((self.share * weight).sum((-2, -1)) / weight.mean() + _TINY).log()

    @staticmethod
    def _bell(away: Tensor) -> Tensor:
        return torch.exp(-0.5 * (away / _POWER_SPREAD) ** 2) / math.sqrt(2 * math.pi)

"""After DeepUPE (Wang et al., CVPR 2019): an illumination map from a bilateral grid; the photo divided by it.

    out = I / S,   S = 0.05 + softplus(A(p) [I; 1]),   A(p) = grid (12, 8, 16, 16) sliced at (x, y, guide(I))

A small encoder sees the whole frame at 256 x 256 px and fills the grid from local and global features; a
guide, one function of the colour, says where in depth a pixel reads it, so that the map follows edges at any
size. Losses, weights ours: squared error (1), smoothness of S where the photo is smooth (0.1), angle between
colours (0.1). With S above 1 the photo gets darker, which the paper leaves out. In: sRGB [0, 1]; out: >= 0.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.enhancer import MeasuredEnhancer
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.operators import Stats, Tile

SEEN, CELLS, BINS = 256, 16, 8
WIDTHS = (8, 16, 32, 64)
LEAST = 0.05
EXPONENT, EPSILON = 1.2, 1e-4  # of the paper, for the weights of smoothness
SMOOTHNESS, COLOUR = 0.1, 0.1


class DeepUPE(MeasuredEnhancer):
    """About 0.2 million weights; begins as the identity. See the module."""

    short_name: ClassVar[str] = "deep-upe"
    doc: ClassVar[str] = "exposure: the photo over an illumination map that follows its edges"
    full_size = MeasuredFullSize(1024)

    def __init__(self) -> None:
        super().__init__()
        pairs = zip((3, *WIDTHS), WIDTHS, strict=False)
        self.encoder = nn.ModuleList(nn.Conv2d(n, m, 3, stride=2, padding=1) for n, m in pairs)
        wide = WIDTHS[-1]
        self.near = nn.Conv2d(wide, wide, 3, padding=1)
        self.far = nn.Sequential(nn.Linear(2 * wide, wide), nn.ReLU(), nn.Linear(wide, wide))
        self.grid = nn.Conv2d(wide, 12 * BINS, 1)
        self.guide = nn.Sequential(nn.Conv2d(3, 16, 1), nn.ReLU(), nn.Conv2d(16, 1, 1), nn.Sigmoid())
        nn.init.normal_(self.grid.weight, std=0.01)
        nn.init.zeros_(self.grid.bias)  # type: ignore[arg-type]

    def measure(self, image: Tensor) -> Stats:
        """See `MeasuredEnhancer.measure`."""
        x = F.interpolate(image, size=(SEEN, SEEN), mode="bilinear", antialias=True)
        for layer in self.encoder:
            x = F.relu(layer(x))
        summary = self.far(torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=1))
        found = self.grid(F.relu(self.near(x) + summary[:, :, None, None]))
        return Stats({"grid": found.reshape(-1, 12, BINS, CELLS, CELLS)})

    def illumination(self, image: Tensor, stats: Stats) -> Tensor:
        """The map `S` `(B, 3, H, W)`, above 0.05, 1 where nothing is to change."""
        coefficients = slice_grid(stats.values["grid"], self.guide(image), stats.tile)
        shift = coefficients[:, 9:]
        matrix = coefficients[:, :9].reshape(-1, 3, 3, *image.shape[-2:])
        raw = torch.einsum("bijhw,bjhw->bihw", matrix, image) + shift
        return LEAST + F.softplus(raw + _NEUTRAL)

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """See `MeasuredEnhancer.edit`."""
        return image / self.illumination(image, stats)

    def learn(self, image: Tensor, target: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """See `Enhancer.learn`."""
        light = self.illumination(image, self.measure(image))
        enhanced = image / light
        return enhanced, {
            "pairs": F.mse_loss(enhanced, target),
            "smoothness": SMOOTHNESS * edge_aware_smoothness(light, image),
            "colour": COLOUR * colour_angle(enhanced, target),
        }


_NEUTRAL = float(torch.log(torch.expm1(torch.tensor(1 - LEAST))))


def slice_grid(grid: Tensor, guide: Tensor, tile: Tile | None) -> Tensor:
    """`grid` `(B, C, D, h, w)` read trilinearly at every pixel's place and `guide` `(B, 1, H, W)`."""
    batch, _, height, width = guide.shape
    tile = tile or Tile(0, 0, height, width)
    y = (torch.arange(height, device=guide.device) + tile.top + 0.5) / tile.frame_height * 2 - 1
    x = (torch.arange(width, device=guide.device) + tile.left + 0.5) / tile.frame_width * 2 - 1
    y, x = y[None, :, None].expand(batch, -1, width), x[None, None].expand(batch, height, -1)
    place = torch.stack([x.to(guide), y.to(guide), guide[:, 0] * 2 - 1], dim=-1)[:, None]
    return F.grid_sample(grid, place, mode="bilinear", padding_mode="border", align_corners=False)[:, :, 0]


def edge_aware_smoothness(light: Tensor, image: Tensor) -> Tensor:
    """Mean squared step of `light` `(B, 3, H, W)`, weighted `1 / (1 + |step of log image|^1.2 / 1e-4)`."""
    logs, total = torch.log(image.detach().clamp(min=1e-3)), light.new_zeros(())
    for dim in (-1, -2):
        weight = 1 / (1 + logs.diff(dim=dim).abs() ** EXPONENT / EPSILON)
        total = total + (weight * light.diff(dim=dim).square()).mean()
    return total


def colour_angle(image: Tensor, target: Tensor) -> Tensor:
    """Mean of `1 - cos` of the angle between the colours of two `(B, 3, H, W)`, as vectors from black."""
    return (1 - F.cosine_similarity(image + 1e-3, target + 1e-3, dim=1)).mean()

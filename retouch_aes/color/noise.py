"""How much noise a picture has: what Immerkaer's mask leaves in the plainest parts of it.

The mask ("Fast noise variance estimation", Computer Vision and Image Understanding 1996) takes away planes
and straight edges; the median size of what is left, in tiles, is that of the noise where a tile is plain.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

PLAIN = 0.1
"""The share of the tiles that are taken for plain."""

WHITE, ENOUGH, LEAST = 2.0, 0.1, 0.25
"""Of `white_noise`: how plain a tile is, the share that has to be so, and which of them counts."""
DARKEST, BRIGHTEST = 4 / 255, 248 / 255
"""Between which a tile's mean has to lie: what is clipped has lost its noise."""

_LAPLACE = ((1.0, -2.0, 1.0), (-2.0, 4.0, -2.0), (1.0, -2.0, 1.0))
_MEDIAN = 0.6745  # of |x| for a normal x of deviation 1


def noise_left(tone: Tensor) -> Tensor:
    """What the mask leaves of `tone` `(B, 1, H, W)`, as a deviation of noise; `(B, 1, H - 2, W - 2)`."""
    mask = tone.new_tensor(_LAPLACE)[None, None]
    return F.conv2d(tone, mask).abs() / (_MEDIAN * mask.square().sum().sqrt())


def noise_deviation(tone: Tensor, tile: int) -> float:
    """The deviation of the noise of `tone`.

    Args:
        tone: `(B, 1, H, W)` of one photo, or of parts of one, in [0, 1].
        tile: Side in pixels of the tiles that it is looked at in; less where the picture is smaller.

    Returns:
        A standard deviation, 0 to 1; 0 for a picture of less than 3 pixels a side.
    """
    if min(tone.shape[-2:]) < 3:
        return 0.0
    left = noise_left(tone)
    size = min(tile, left.shape[-2], left.shape[-1])
    tiles = F.unfold(left, size, stride=size)  # (B, size * size, n)
    medians = torch.cat([part.median(dim=0).values for part in tiles])
    return float(medians.quantile(PLAIN))


def white_noise(tone: Tensor, tile: int = 32) -> float | None:
    """The deviation of the noise of `tone` where it is nothing but noise: flat parts that are not clipped.

    Texture is not noise: its coarse part is larger than its finest, while noise has both alike. So a tile
    counts whose deviation from a plane is at most `WHITE` times what the mask leaves.

    Args:
        tone: `(B, 1, H, W)`, parts of one photo at full size, in [0, 1].
        tile: Side of the tiles in pixels.

    Returns:
        The lower quartile over such tiles, 0 to 1; None where they are less than a tenth of all.
    """
    if min(tone.shape[-2:]) < tile + 2:
        return None
    left = F.unfold(noise_left(tone), tile, stride=tile).median(dim=1).values.flatten()
    tiles = F.unfold(tone[..., 1:-1, 1:-1], tile, stride=tile).transpose(1, 2).flatten(0, 1)
    ramp = torch.linspace(-1, 1, tile, dtype=tone.dtype, device=tone.device)
    plane = torch.stack(
        [torch.ones(tile * tile).to(ramp), ramp.repeat(tile), ramp.repeat_interleave(tile)], dim=1
    )
    plane = plane / plane.norm(dim=0)
    rest = (tiles - tiles @ plane @ plane.T).std(dim=1)
    mean = tiles.mean(dim=1)
    plain = (mean > DARKEST) & (mean < BRIGHTEST) & (left > 0) & (rest <= WHITE * left)
    return float(left[plain].quantile(LEAST)) if float(plain.float().mean()) >= ENOUGH else None

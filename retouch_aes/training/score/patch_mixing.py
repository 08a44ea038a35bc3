"""Patches of one photo in another: no crop is ever seen twice, so none is learned by heart.

After CutMix (Yun et al., ICCV 2019), with maps instead of labels: where the patch lies, the teacher's maps
are those of the photo that it comes from, and the opinion is the mean by area. That the teacher would see a
little of each in the other is left out; patches lie on the grid of the coarsest map.
"""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor


def mix_patches(
    crops: Tensor, maps: list[Tensor], opinions: Tensor, share: float, generator: Generator
) -> tuple[Tensor, list[Tensor], Tensor]:
    """Crops `(B, 3, S, S)`, their maps `(B, K, s, s)` and opinions `(B,)`, about `share` of them patched."""
    count, cells = len(crops), maps[-1].shape[-1]
    size, corner = torch.rand(2, count, 2, generator=generator)
    size = (1 + size * (cells - 1)).floor() * (torch.rand(count, 1, generator=generator) < share)
    corner = (corner * (cells - size + 1)).floor()
    place = torch.arange(cells)
    inside = (place >= corner[..., None]) & (place < (corner + size)[..., None])  # (B, 2, cells)
    mask = (inside[:, 0, :, None] & inside[:, 1, None, :])[:, None].to(crops)
    order = torch.randperm(count, generator=generator).to(crops.device)

    def joined(x: Tensor) -> Tensor:
        return torch.where(F.interpolate(mask, size=x.shape[-2:]) > 0, x[order], x)

    area = mask.mean((1, 2, 3))
    return joined(crops), [joined(m) for m in maps], opinions.lerp(opinions[order], area)

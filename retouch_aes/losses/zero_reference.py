"""The losses of Zero-DCE (Guo et al., CVPR 2020): what a well-exposed photo is like, without a reference.

    spatial     mean over regions of 4x4 px and their four neighbours of (|Y_i - Y_j| - |I_i - I_j|)^2
    exposure    mean over patches of 16x16 px of (mean - E)^2,   E = 0.6
    colour      sqrt of the sum of fourth powers of the differences of the channels' means
    smoothness  total variation of the curve maps, squared

`Y` is the enhanced photo, `I` the given one, both sRGB [0, 1]; every loss is >= 0. As in the authors' code
the spatial loss compares signed differences, patches are means over channels, and the weights are 1, 10, 5
and 200 (1600 for Zero-DCE++).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.losses.structure import check_pair

WELL_EXPOSED = 0.6
REGION, PATCH = 4, 16
EXPOSURE_WEIGHT, COLOUR_WEIGHT = 10.0, 5.0


def zero_reference_losses(
    image: Tensor, enhanced: Tensor, curves: Tensor, *, smoothness: float
) -> dict[str, Tensor]:
    """The four losses, weighted, of `enhanced` `(B, 3, H, W)` made of `image` by `curves` `(B, C, h, w)`."""
    return {
        "spatial": spatial_consistency(enhanced, image),
        "exposure": EXPOSURE_WEIGHT * exposure_control(enhanced),
        "colour": COLOUR_WEIGHT * colour_constancy(enhanced),
        "smoothness": smoothness * total_variation(curves),
    }


def spatial_consistency(enhanced: Tensor, image: Tensor) -> Tensor:
    """How differently neighbouring regions differ in the two photos `(B, 3, H, W)`; a scalar."""
    check_pair(enhanced, image)
    change = F.avg_pool2d((enhanced - image).mean(1, keepdim=True), REGION)
    # outside the frame both photos count as black, as a zero-padded convolution has it
    change = F.pad(change, (1, 1, 1, 1))
    centre = change[..., 1:-1, 1:-1]
    sides = (change[..., 1:-1, :-2], change[..., 1:-1, 2:], change[..., :-2, 1:-1], change[..., 2:, 1:-1])
    return torch.stack([(centre - side).square() for side in sides]).sum(0).mean()


def exposure_control(enhanced: Tensor, *, level: float = WELL_EXPOSED) -> Tensor:
    """How far patches of `enhanced` `(B, 3, H, W)` are from `level`; a scalar."""
    size = [min(PATCH, side) for side in enhanced.shape[-2:]]
    return (F.avg_pool2d(enhanced.mean(1, keepdim=True), size) - level).square().mean()


def colour_constancy(enhanced: Tensor) -> Tensor:
    """How far the mean colour of `enhanced` `(B, 3, H, W)` is from grey; a scalar."""
    red, green, blue = enhanced.mean((2, 3)).unbind(1)
    fourth = (red - green) ** 4 + (red - blue) ** 4 + (blue - green) ** 4
    return (fourth + 1e-12).sqrt().mean()


def total_variation(curves: Tensor) -> Tensor:
    """Mean squared step down plus mean squared step right of `(B, C, h, w)`, per map summed, doubled."""
    down = (curves[..., 1:, :] - curves[..., :-1, :]).square()
    right = (curves[..., 1:] - curves[..., :-1]).square()
    steps = [step.sum((1, 2, 3)) / max(1, step[0, 0].numel()) for step in (down, right)]
    return 2 * (steps[0] + steps[1]).mean()

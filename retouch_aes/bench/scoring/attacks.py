"""How far a score can be driven up by pixels that no photographer would touch.

    free pixels   Adam on the pixels themselves (60 steps of .02), within [0, 1]: where a score leads to
    bounded       ||x - x0||_inf <= 2/255, projected steps along the sign (Madry et al., ICLR 2018)

A score that knows photos gains little by either. Gains are in points of the score, photo by photo.
"""

import torch
from torch import Tensor, nn

BOUND = 2 / 255


def free_pixel_gain(
    model: nn.Module, image: Tensor, *, steps: int = 60, rate: float = 0.02
) -> tuple[Tensor, Tensor]:
    """Gains `(B,)` of `image` `(B, 3, H, W)`, sRGB [0, 1], after `steps` of Adam; and the images made."""
    pixels = image.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([pixels], lr=rate)
    for _ in range(steps):
        [slope] = torch.autograd.grad(-model(pixels).sum(), pixels)
        pixels.grad = slope
        optimiser.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)
    made = pixels.detach()
    return _gain(model, made, image), made


def bounded_gain(
    model: nn.Module, image: Tensor, *, bound: float = BOUND, steps: int = 10
) -> tuple[Tensor, Tensor]:
    """The same under changes of at most `bound` a value; the best of all steps counts, and no step at all."""
    made = best = image.detach()
    gained = _gain(model, made, image)
    for _ in range(steps):
        pixels = made.clone().requires_grad_()
        [slope] = torch.autograd.grad(model(pixels).sum(), pixels)
        moved = made + 2.5 * bound / steps * slope.sign()
        made = torch.minimum(torch.maximum(moved, image - bound), image + bound).clamp(0, 1)
        now = _gain(model, made, image)
        best = torch.where((now > gained)[:, None, None, None], made, best)
        gained = torch.maximum(now, gained)
    return gained, best


def _gain(model: nn.Module, image: Tensor, start: Tensor) -> Tensor:
    with torch.no_grad():
        gain: Tensor = model(image) - model(start)
    return gain

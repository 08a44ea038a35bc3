"""How hard a score may pull on an image, counted in the pull of the loss that it is added to.

    weight_b = balance * ||d own / d image_b|| / ||d extra / d image_b||        for every photo b of a batch

`own` is the loss that must not suffer, `extra` the term that is added. The rule is that of VQGAN's adaptive
weight (Esser, Rombach & Ommer, CVPR 2021, equation 7; it takes gradients to the decoder's last layer) and,
for a fixed ratio of two losses, of GradNorm (Chen et al., ICML 2018). Here the gradients are those to the
pixels: they are cheap, are the same for every network, and give every photo a weight of its own.

Why a ratio and not a number: the gradient of a mean absolute error of `N` values has the norm `1 / sqrt(N)`,
that of a score the same at any size, so no fixed factor means the same for two crops. And with `balance < 1`,

    <d own, d own + weight * d extra>  >=  (1 - balance) ||d own||^2  >  0,

so that a step down the sum is, to first order, always a step down `own` at the pixels, wherever `extra`
leads, and where `own` is at rest, so is the sum.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from retouch_aes.errors import UsageError

MOST = 1e4


def balance_weights(own: Tensor, extra: Tensor, balance: float) -> Tensor:
    """Weights `(B,)` in [0, 1e4] from the gradients `own` and `extra`, `(B, 3, H, W)` each."""
    pull, push = (gradient.detach().float().flatten(1).norm(dim=1) for gradient in (own, extra))
    weights: Tensor = balance * pull / push.clamp(min=torch.finfo(push.dtype).tiny)
    return weights.clamp(max=MOST)


def balanced(
    image: Tensor, own: Tensor, extra: Callable[[Tensor], Tensor], balance: float
) -> tuple[Tensor, Tensor]:
    """The `extra` losses of `image` `(B, 3, H, W)`, weighted by the rule above, and the weights; `(B,)` each.

    `own` is a scalar made from `image`; its graph is kept. `extra` gives losses `(B,)`, each of its own photo
    alone, as they enter the sum with `own`. It is asked once and differentiated once, here: the losses
    returned carry that gradient on to `image`, so they can be differentiated once, and not twice.
    """
    if not own.requires_grad or not image.requires_grad:
        raise UsageError("expected an image with a gradient, and a loss that was made from it")
    found = torch.autograd.grad(own, image, retain_graph=True, allow_unused=True)[0]
    if found is None:
        raise UsageError(
            "the loss given does not depend on the image given; make it from the very tensor that is scored"
        )
    with torch.enable_grad():
        leaf = image.detach().requires_grad_()
        losses = extra(leaf)
        slope = torch.autograd.grad(losses.sum(), leaf)[0]
    weights = balance_weights(found, slope, balance)
    wide = image.float() if image.itemsize < 4 else image
    carried = ((wide - wide.detach()) * slope).sum((1, 2, 3))  # 0, with the gradient of the losses
    return weights * (losses.detach() + carried), weights

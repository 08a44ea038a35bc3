"""A taste as a loss: `mean(10 - f(image))`, in [0, 9], for anything that makes images.

Zhang et al. add it to the training of enhancement networks; `retouch` adds it to a solver's objective. Any
module that maps `(B, 3, H, W)`, sRGB [0, 1], to scores `(B,)` in [1, 10] can stand as `model`. Left out: a
fidelity term. Alone, the score over-edits; see `retouch_aes.losses.fidelity`.
"""

import copy

from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses.reduction import Reduction, check_reduction, reduced

HIGHEST_SCORE = 10.0


def aesthetic_loss(image: Tensor, model: nn.Module, *, reduction: Reduction = "mean") -> Tensor:
    """`10 - model(image)` of `image` `(B, 3, H, W)`, sRGB [0, 1]: a scalar, or `(B,)` with `"none"`.

    The model is used as it stands: in its own mode, and with gradients to its weights if they ask for them.
    """
    check_reduction(reduction)
    if image.ndim != 4 or image.shape[1] != 3:
        raise UsageError(f"expected an image (B, 3, H, W) in sRGB [0, 1], got {tuple(image.shape)}")
    return reduced(HIGHEST_SCORE - model(image), reduction)


class AestheticLoss(nn.Module):
    """`aesthetic_loss` under a frozen copy of `model`: `(B, 3, H, W)` -> scalar, gradient to the image.

    The copy is made here, so the caller's model keeps its mode, its gradients and its freedom to be trained
    further, and the loss does not move when it is. The copy stays in evaluation mode also when the module
    that holds this loss is switched to training, and its weights never get a gradient.
    """

    def __init__(self, model: nn.Module, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        check_reduction(reduction)
        self.model = copy.deepcopy(model).requires_grad_(False).eval()
        self.reduction = reduction

    def train(self, mode: bool = True) -> "AestheticLoss":
        """Set the mode of this module only; the frozen model stays in evaluation mode."""
        super().train(mode)
        self.model.eval()
        return self

    def forward(self, image: Tensor) -> Tensor:
        """See `aesthetic_loss`."""
        return aesthetic_loss(image, self.model, reduction=self.reduction)

"""How per-item losses become one number: `mean`, `sum` or `none`."""

from typing import Literal

from torch import Tensor

from retouch_aes.color.tracing import is_tracing
from retouch_aes.errors import UsageError

Reduction = Literal["mean", "sum", "none"]


def check_reduction(reduction: str) -> None:
    """Raise `UsageError` unless `reduction` is one of the three words."""
    if reduction not in ("mean", "sum", "none"):
        raise UsageError(f"expected the reduction 'mean', 'sum' or 'none', got {reduction!r}")


def reduced(losses: Tensor, reduction: Reduction) -> Tensor:
    """`losses` `(B,)` as they are, or their mean or sum as a scalar; of an empty batch both are 0."""
    if reduction == "none":
        return losses
    counted = is_tracing() or losses.numel()
    return losses.mean() if reduction == "mean" and counted else losses.sum()

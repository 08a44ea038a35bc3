"""How the small networks of a person are trained: full-batch Adam, held to where it began.

    minimise  loss(w) + anchor * ||w - w0||^2

Hundreds of people are fitted in a benchmark; without batches the answer hangs on no order of the photos.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class TrainingStage:
    """One stage of training: steps of Adam, its rate, and how strongly the weights are held."""

    steps: int
    rate: float
    anchor: float = 0.0


def fit_full_batch(network: nn.Module, loss: Callable[[], Tensor], stage: TrainingStage) -> None:
    """Train `network` in place on `loss()`, a scalar."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    start = [weight.detach().clone() for weight in weights]
    optimiser = torch.optim.Adam(weights, lr=stage.rate)
    for _ in range(stage.steps):
        optimiser.zero_grad(set_to_none=True)
        value = loss()
        if stage.anchor:
            gaps = [(w - w0).square().sum() for w, w0 in zip(weights, start, strict=True)]
            value = value + stage.anchor * torch.stack(gaps).sum()
        value.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

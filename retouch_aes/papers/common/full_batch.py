"""How the small networks of a person are trained: full-batch Adam, held to where it began.

    minimise  loss(w) + anchor * ||w - w0||^2

Hundreds of people are fitted in a benchmark; without batches the answer hangs on no order of the photos.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from retouch_aes.optim.training_loop import ConstantRate, train


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

    def losses(step: int, generator: torch.Generator) -> Mapping[str, Tensor]:  # noqa: ARG001
        if not stage.anchor:
            return {"loss": loss()}
        gaps = [(w - w0).square().sum() for w, w0 in zip(weights, start, strict=True)]
        return {"loss": loss(), "anchor": stage.anchor * torch.stack(gaps).sum()}

    train(network, losses, ConstantRate("full batch", stage.steps, stage.rate))

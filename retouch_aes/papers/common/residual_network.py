"""A small network for what one person, or many at once, add to the generic score.

    g(x) = last . relu(first z + bias) + level            z: unit components of a photo's inputs, `(C,)`

Its tensors may be stacked: `first` `(..., H, C)`, `bias` `(..., H)`, `last` `(..., H)`, `level` `(...)`, one
network for each fold, person or group; all of them are trained in one pass.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.models.anchored_score import UnitComponents
from retouch_aes.papers.common.described import described

Tensors = Mapping[str, Tensor]
NAMES = ("first", "bias", "last", "level")
HIDDEN = 32


def fresh_tensors(stack: tuple[int, ...], components: int, hidden: int, seed: int) -> dict[str, Tensor]:
    """Networks that add nothing yet: equal random first layers, the last one 0."""
    first = torch.from_numpy(np.random.default_rng(seed).normal(size=(hidden, components))).float()
    return {
        "first": (first * (2 / components) ** 0.5).expand(*stack, hidden, components).clone(),
        "bias": torch.zeros(*stack, hidden),
        "last": torch.zeros(*stack, hidden),
        "level": torch.zeros(stack),
    }


def hidden_layer(tensors: Tensors, z: Tensor) -> Tensor:
    """`(..., N, H)` of components `(..., N, C)`."""
    found: Tensor = torch.relu(z @ tensors["first"].transpose(-1, -2) + tensors["bias"].unsqueeze(-2))
    return found


def added(tensors: Tensors, z: Tensor) -> Tensor:
    """What the networks add `(..., N)` to photos with the components `(..., N, C)`."""
    hidden = hidden_layer(tensors, z)
    return (hidden @ tensors["last"].unsqueeze(-1)).squeeze(-1) + tensors["level"].unsqueeze(-1)


def beyond(tensors: Tensors, start: Tensors) -> dict[str, Tensor]:
    """One network, twice as wide, of what `tensors` add beyond what `start` adds."""
    return {
        "first": torch.cat([tensors["first"], start["first"]], -2),
        "bias": torch.cat([tensors["bias"], start["bias"]], -1),
        "last": torch.cat([tensors["last"], -start["last"]], -1),
        "level": tensors["level"] - start["level"],
    }


def squared_gap(found: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean squared error of each network, `(...)`, of `(..., N)`."""
    total = weights.sum(-1).clamp(min=1e-9)
    return (weights * (found - wanted).square()).sum(-1) / total


def adapt(
    tensors: Tensors, losses: Callable[[Tensors], Tensor], *, steps: int, rate: float, anchor: float = 0.0
) -> dict[str, Tensor]:
    """The tensors after `steps` of Adam down the sum of `losses`, held to where they began by `anchor`."""
    start = {name: tensor.detach() for name, tensor in tensors.items()}
    moved = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
    optimiser = torch.optim.Adam(moved.values(), lr=rate)
    for _ in range(steps):
        loss = losses(moved).sum()
        if anchor:
            loss = loss + anchor * torch.stack([(moved[n] - start[n]).square().sum() for n in start]).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return {name: tensor.detach() for name, tensor in moved.items()}


@described
class ResidualNetwork(nn.Module):
    """One network as a function of a photo's inputs: `(B, D)` -> `(B,)`."""

    def __init__(self, components: UnitComponents, tensors: Tensors) -> None:
        super().__init__()
        self.components = components
        for name in NAMES:
            self.register_buffer(name, tensors[name])

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        width, count = self.components.basis.shape
        return {"width": width, "components": count, "hidden": len(self.get_buffer("bias"))}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ResidualNetwork":
        """The network that `config` describes, without its numbers."""
        width, count = int(config["width"]), int(config["components"])
        components = UnitComponents(torch.zeros(width), torch.zeros(width, count))
        return cls(components, fresh_tensors((), count, int(config["hidden"]), 0))

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        tensors = {name: self.get_buffer(name).to(inputs) for name in NAMES}
        return added(tensors, self.components(inputs))

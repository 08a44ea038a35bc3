"""A linear function of a photo's inputs."""

from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.papers.common.described import described


@described
class LinearFunction(nn.Module):
    """`weights . x + bias`: inputs `(B, D)` -> `(B,)`."""

    weights: Tensor
    bias: Tensor

    def __init__(self, weights: Tensor, bias: float) -> None:
        super().__init__()
        self.register_buffer("weights", weights)
        self.register_buffer("bias", torch.tensor(bias, dtype=weights.dtype))

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"width": len(self.weights)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LinearFunction":
        """The part that `config` describes, without its numbers."""
        return cls(torch.zeros(config["width"]), 0.0)

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        return inputs @ self.weights.to(inputs) + self.bias.to(inputs)

"""A nu-SVR with an RBF kernel whose prediction is plain tensor maths, so that a gradient passes.

    f(x) = sum_i a_i exp(-gamma |x - x_i|^2) + b              a_i, x_i: dual weights, support vectors

Fitted by scikit-learn (LIBSVM; Schoelkopf et al., Neural Computation 2000), C = 1, nu = .5, gamma = 1 / D as
LIBSVM has them. Support vectors and weights are buffers.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retouch_aes.papers.common.described import described

Floats = NDArray[np.float64]


@described
class RBFMachine(nn.Module):
    """`points` `(M, D)`, `weights` `(M,)`, `bias`, `gamma`: inputs `(B, D)` -> values `(B,)`.

    `support` `(M,)` are the places of the support vectors among what was fitted.
    """

    points: Tensor
    weights: Tensor
    bias: Tensor

    def __init__(
        self, points: Tensor, weights: Tensor, bias: float, gamma: float, support: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.support = support
        self.register_buffer("points", points)
        self.register_buffer("weights", weights)
        self.register_buffer("bias", torch.tensor(bias, dtype=weights.dtype))

    @staticmethod
    def fit(
        inputs: Floats, values: Floats, *, c: float = 1.0, nu: float = 0.5, gamma: float | None = None
    ) -> "RBFMachine":
        """Fit `values` `(N,)` of `inputs` `(N, D)`; `gamma` is 1 / D unless given."""
        from sklearn.svm import NuSVR

        width = 1.0 / inputs.shape[1] if gamma is None else gamma
        found = NuSVR(C=c, nu=nu, gamma=width).fit(inputs, values)
        return RBFMachine(
            torch.from_numpy(np.array(found.support_vectors_, np.float64)),
            torch.from_numpy(np.array(found.dual_coef_[0], np.float64)),
            float(found.intercept_[0]),
            width,
            tuple(int(place) for place in found.support_),
        )

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"points": len(self.points), "width": self.points.shape[1], "gamma": self.gamma}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "RBFMachine":
        """The part that `config` describes, without its numbers."""
        return cls(
            torch.zeros(config["points"], config["width"]),
            torch.zeros(config["points"]),
            0.0,
            float(config["gamma"]),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        points = self.points.to(inputs)
        away = inputs.square().sum(1)[:, None] + points.square().sum(1) - 2 * inputs @ points.T
        kernel = torch.exp(-self.gamma * away.clamp(min=0))
        return kernel @ self.weights.to(inputs) + self.bias.to(inputs)

    def predict(self, inputs: Floats) -> Floats:
        """The same on arrays."""
        return np.asarray(self(torch.from_numpy(inputs)).numpy(), np.float64)

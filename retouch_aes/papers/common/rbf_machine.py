"""A nu-SVR with an RBF kernel whose prediction is plain tensor maths, so that a gradient passes.

    f(x) = sum_i a_i exp(-gamma |x - x_i|^2) + b              a_i, x_i: dual weights, support vectors

Fitted by scikit-learn (LIBSVM; Schoelkopf et al., Neural Computation 2000), C = 1, nu = .5, gamma = 1 / D as
LIBSVM has them. Support vectors and weights are buffers.

Above `LARGE` values LIBSVM takes time and memory by their square. There x_i are 500 inducing points drawn
from the inputs, the kernel is Nystroem's (scikit-learn's; Williams and Seeger 2001), and a linear SVR with
squared loss is fitted to it, whose tube holds half of the residuals, as nu = .5 has it. Time is linear in N,
memory a block; scikit-learn's `LinearSVR` holds the whole table twice.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retouch_aes.papers.common.described import described

Floats = NDArray[np.float64]
LARGE, INDUCING = 5000, 500
_BLOCK, _NEWTON = 8192, 8


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
        if len(inputs) > LARGE:
            return _with_inducing_points(inputs, values, c, width)
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
        """The same on arrays, in blocks."""
        parts = [self(torch.from_numpy(inputs[at : at + _BLOCK])) for at in range(0, len(inputs), _BLOCK)]
        return np.asarray(torch.cat(parts).numpy() if parts else np.zeros(0), np.float64)


def _with_inducing_points(inputs: Floats, values: Floats, c: float, gamma: float) -> RBFMachine:
    """See the module; the same points whenever it is asked."""
    from sklearn.kernel_approximation import Nystroem

    sample = np.random.default_rng(0).permutation(len(inputs))[:LARGE]
    nystroem = Nystroem(gamma=gamma, n_components=INDUCING, random_state=0).fit(inputs[sample])
    rows = np.ones((_BLOCK, INDUCING + 1))

    def blocks() -> Iterator[tuple[Floats, Floats]]:
        for at in range(0, len(inputs), _BLOCK):
            part = inputs[at : at + _BLOCK]
            rows[: len(part), :INDUCING] = nystroem.transform(part)
            yield rows[: len(part)], values[at : at + _BLOCK]

    found = linear_svr(blocks, INDUCING + 1, c)
    return RBFMachine(
        torch.from_numpy(np.array(nystroem.components_, np.float64)),
        torch.from_numpy(nystroem.normalization_.T @ found[:-1]),
        float(found[-1]),
        gamma,
        tuple(int(place) for place in sample[nystroem.component_indices_]),
    )


def linear_svr(blocks: Callable[[], Iterable[tuple[Floats, Floats]]], width: int, c: float) -> Floats:
    """Weights `(width,)`, the last one free, of `min |w|^2 / 2 + c sum max(0, |y - w . x| - tube)^2`.

    By Newton's method on the rows outside the tube, which reads `blocks()` of rows `(n, width)` and values
    `(n,)` eight times at most and holds no more than one of them. The first pass has no tube: a ridge
    regression, half of whose residuals the tube then holds.
    """
    penalty = np.eye(width) / (2 * c)
    penalty[-1, -1] = 1e-6
    found: Floats = np.zeros(width)
    tube = 0.0
    for turn in range(_NEWTON):
        inner, outer, away = penalty.copy(), np.zeros(width), []
        for rows, values in blocks():
            gap = values - rows @ found
            active = np.abs(gap) > tube if turn else np.ones(len(gap), bool)
            kept = rows[active]
            inner += kept.T @ kept
            outer += kept.T @ (values[active] - tube * np.sign(gap[active]) * (turn > 0))
            away.append(np.abs(gap))
        if turn == 1:  # what the ridge regression leaves
            tube = float(np.median(np.concatenate(away)))
            continue
        before, found = found, np.asarray(np.linalg.solve(inner, outer), np.float64)
        if turn > 1 and np.abs(found - before).max() < 1e-4 * max(1.0, np.abs(found).max()):
            break
    return found

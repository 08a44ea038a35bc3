"""The posterior of a Gaussian process under a concave likelihood, by Laplace's approximation.

Rasmussen & Williams, "Gaussian Processes for Machine Learning" (2006), algorithms 3.1 and 3.2, for what the
answers see, `h = A f`: prior mean `A m`, covariance `A K A'`. The mode is found by Newton's method with the
step halved where it would lower the posterior. Then, for a new `f*` with covariance `k*` to the known points,

    mean      m* + k*' A' a                variance   k** - k*' A' W^1/2 B^-1 W^1/2 A k*

with `a` the slope of the log-likelihood at the mode, `W` minus its curvature, `B = 1 + W^1/2 A K A' W^1/2`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.taste.gp.likelihood import Observations

_STEPS = 50
_TOLERANCE = 1e-8


@dataclass(frozen=True)
class LaplacePosterior:
    """`weights` `(M,)` is `A' a`; `root` `(N, M)` holds `L^-1 W^1/2 A`, so that variances need one product.

    `evidence` approximates the log of the marginal likelihood.
    """

    weights: Tensor
    root: Tensor
    evidence: float

    def reduction(self, covariance: Tensor) -> Tensor:
        """By how much knowing lowers the variance of new points with `covariance` `(B, M)`: `(B,)`."""
        return (covariance @ self.root.T).square().sum(1)


def laplace_posterior(observations: Observations, covariance: Tensor, mean: Tensor) -> LaplacePosterior:
    """The posterior over M points with prior covariance `covariance` `(M, M)` and `mean` `(M,)`, float64."""
    design = observations.design(len(mean))
    prior, start = design @ covariance @ design.T, design @ mean
    a, seen = torch.zeros_like(start), start.clone()
    value, slope, curved = observations.log_likelihood(seen)
    best = value.sum()
    for _ in range(_STEPS):
        root = curved.sqrt()
        lower = _cholesky(root, prior)
        b = curved * (seen - start) + slope
        inner = torch.cholesky_solve((root * (prior @ b))[:, None], lower)[:, 0]
        step, size = b - root * inner - a, 1.0
        while True:
            trial = a + size * step
            here = start + prior @ trial
            value, slope, curved = observations.log_likelihood(here)
            found = value.sum() - 0.5 * trial @ (here - start)
            if found >= best or size < 1e-4:
                break
            size /= 2
        gained = float(found - best)
        a, seen, best = trial, here, found
        if gained < _TOLERANCE:
            break
    root = curved.sqrt()
    lower = _cholesky(root, prior)
    evidence = float(best - lower.diagonal().log().sum())
    whitened = torch.linalg.solve_triangular(lower, root[:, None] * design, upper=False)
    return LaplacePosterior(design.T @ slope, whitened, evidence)


def _cholesky(root: Tensor, prior: Tensor) -> Tensor:
    lower: Tensor = torch.linalg.cholesky(
        torch.eye(len(root), dtype=root.dtype) + root[:, None] * prior * root
    )
    return lower

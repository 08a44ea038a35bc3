"""The posterior where there are many answers: in the space of a few hundred pictures that stand for all.

With `K ~ F F'`, a Cholesky factor `(M, m)` that takes in turn the picture whose score is least certain from
those before it, what a person adds is `F w` with `w ~ N(0, 1)`. An answer then sees `X w` with `X = A F`, and
Newton's method needs matrices `(m, m)` only:

    H = 1 + X' W X,    weights of the m pictures  L'^-1 w,    L = F at these pictures

Exact, to the tolerance, where m pictures span what was answered about; in time `O(N m^2)` and memory
`O((M + N) m)`.
"""

import torch
from torch import Tensor

from retouch_aes.taste.gp.covariance import CovarianceSettings, GPInputs, content_covariance, linear_terms
from retouch_aes.taste.gp.laplace import LaplacePosterior
from retouch_aes.taste.gp.likelihood import Observations

MOST = 400
"""Pictures that stand for all."""

_TOLERANCE = 1e-4  # of the variance of content: what is left out of a score is 0.01 of its deviation
_STEPS = 50
_GAIN = 1e-8


def partial_cholesky(
    views: GPInputs, settings: CovarianceSettings, most: int = MOST
) -> tuple[Tensor, Tensor]:
    """`F` `(M, m)` and the indices `(m,)` of the pictures that it stands on, `m <= most`."""
    left = settings.content * torch.exp((views.content.square().sum(1) - 1) / settings.length**2)
    linear = linear_terms(views, settings)
    left = left + linear.square().sum(1)
    factor = torch.zeros(len(views), min(most, len(views)), dtype=left.dtype)
    pivots: list[int] = []
    for column in range(factor.shape[1]):
        pivot = int(left.argmax())
        if float(left[pivot]) <= _TOLERANCE * settings.content:
            break
        here = content_covariance(views.content, views.content[[pivot]], settings)[:, 0]
        here = here + (linear @ linear[[pivot]].T)[:, 0]
        here = here - factor[:, :column] @ factor[pivot, :column]
        factor[:, column] = here / left[pivot].sqrt()
        left = (left - factor[:, column].square()).clamp(min=0)
        left[pivot] = 0
        pivots.append(pivot)
    return factor[:, : len(pivots)], torch.tensor(pivots, dtype=torch.long)


def mode(observations: Observations, factor: Tensor, mean: Tensor) -> tuple[Tensor, Tensor, float]:
    """The most probable `w` `(m,)`, `H` there, and the log of the posterior; `mean` is `(M,)`."""
    seen_by, start = observations.differences(factor), observations.differences(mean)
    w, eye = torch.zeros_like(factor[0]), torch.eye(factor.shape[1], dtype=factor.dtype)
    value, slope, curved = observations.log_likelihood(start)
    best = value.sum()
    for _ in range(_STEPS):
        step = torch.linalg.solve(_curvature(seen_by, curved, eye), seen_by.T @ slope - w)
        size = 1.0
        while True:
            trial = w + size * step
            value, slope, curved = observations.log_likelihood(start + seen_by @ trial)
            found = value.sum() - 0.5 * trial @ trial
            if found >= best or size < 1e-4:
                break
            size /= 2
        gained = float(found - best)
        w, best = trial, found
        if gained < _GAIN:
            break
    return w, _curvature(seen_by, curved, eye), float(best)


def low_rank_posterior(
    observations: Observations, factor: Tensor, pivots: Tensor, mean: Tensor
) -> LaplacePosterior:
    """The posterior over the pictures at `pivots`, as `laplace_posterior` gives it over all."""
    w, curvature, best = mode(observations, factor, mean)
    lower = factor[pivots]
    weights = torch.linalg.solve_triangular(lower.T, w[:, None], upper=True)[:, 0]
    values, vectors = torch.linalg.eigh(curvature)
    learned = (1 - 1 / values.clamp(min=1)).sqrt()
    root = torch.linalg.solve_triangular(lower, (vectors * learned).T, upper=False, left=False)
    return LaplacePosterior(weights, root, best - 0.5 * float(values.log().sum()))


def _curvature(seen_by: Tensor, curved: Tensor, eye: Tensor) -> Tensor:
    return eye + seen_by.T @ (curved[:, None] * seen_by)

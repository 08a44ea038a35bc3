import pytest
import torch

from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.likelihood import CHOICE, RATING, TIE, Observations


def observations(rows) -> Observations:
    """Rows of kind, first, second, value, noise."""
    columns = list(zip(*rows, strict=True))
    whole = [torch.tensor(c, dtype=torch.long) for c in columns[:3]]
    return Observations(*whole, *(torch.tensor(c, dtype=torch.float64) for c in columns[3:]))


@pytest.fixture
def kernel() -> torch.Tensor:
    torch.manual_seed(0)
    points = torch.randn(6, 3, dtype=torch.float64)
    return points @ points.T + 0.5 * torch.eye(6, dtype=torch.float64)


@pytest.fixture
def mean() -> torch.Tensor:
    return torch.tensor([1.0, 2, 3, 4, 5, 6], dtype=torch.float64)


def test_with_ratings_it_is_the_exact_gaussian_posterior(kernel, mean):
    seen = observations([(RATING, i, -1, 5.0 + i, 0.7) for i in range(4)])
    found = laplace_posterior(seen, kernel, mean)
    known = kernel[:4, :4] + 0.49 * torch.eye(4, dtype=torch.float64)
    expected = kernel[:, :4] @ torch.linalg.solve(known, seen.value - mean[:4])
    assert torch.allclose(kernel @ found.weights, expected, atol=1e-8)
    reduced = (kernel[:, :4] @ torch.linalg.solve(known, kernel[:4])).diagonal()
    assert torch.allclose(found.reduction(kernel), reduced, atol=1e-8)


def test_slopes_and_curvatures_are_the_derivatives():
    rows = [(CHOICE, 0, 1, 0.0, 0.7), (TIE, 0, 1, 0.0, 1.3), (RATING, 0, -1, 3.0, 2.0)]
    for value in (-30.0, -1.0, 0.0, 0.4, 30.0):
        seen = torch.full((3,), value, dtype=torch.float64, requires_grad=True)
        log, slope, curved = observations(rows).log_likelihood(seen)
        (gradient,) = torch.autograd.grad(log.sum(), seen, create_graph=True)
        (second,) = torch.autograd.grad(gradient.sum(), seen)
        assert torch.allclose(gradient, slope, atol=1e-6)
        assert torch.allclose(-second, curved, atol=2e-6)


def test_the_mode_is_where_the_slope_of_the_posterior_vanishes(kernel, mean):
    seen = observations(
        [
            (CHOICE, 0, 1, 0, 0.5),
            (CHOICE, 2, 1, 0, 0.5),
            (TIE, 3, 4, 0, 1),
            (RATING, 5, -1, 2, 1),
            (CHOICE, 0, 5, 0, 2),
        ]
    )
    mode = mean + kernel @ laplace_posterior(seen, kernel, mean).weights
    f = mode.clone().requires_grad_()
    log = seen.log_likelihood(seen.design(6) @ f)[0].sum()
    prior = -0.5 * (f - mean) @ torch.linalg.solve(kernel, f - mean)
    (gradient,) = torch.autograd.grad(log + prior, f)
    assert gradient.abs().max() < 1e-4


def test_choices_move_the_scores_the_right_way_and_contradictions_cancel(kernel, mean):
    flat = torch.full_like(mean, 5.5)
    one = laplace_posterior(observations([(CHOICE, 0, 1, 0, 1)]), kernel, flat)
    shift = kernel @ one.weights
    assert shift[0] > shift[1]
    both = laplace_posterior(observations([(CHOICE, 0, 1, 0, 1), (CHOICE, 1, 0, 0, 1)]), kernel, flat)
    assert (kernel @ both.weights).abs().max() < 1e-6


def test_hard_contradictions_converge(kernel, mean):
    rows = [(CHOICE, i, (i + 1) % 6, 0, 0.01) for i in range(6)] * 3
    found = laplace_posterior(observations(rows), 100 * kernel, 50 * mean)
    assert torch.isfinite(found.weights).all()

"""The quasi-Newton solver on problems whose answer is known."""

import torch
from torch import Tensor

from retouch_aes.optim.bfgs import BFGS


def quarter(start: Tensor) -> Tensor:
    return torch.full_like(start, 0.25)


def test_it_finds_the_minimum_of_a_narrow_valley_for_every_photo() -> None:
    target = torch.tensor([[0.5, -0.3], [-0.7, 0.1]])
    steepness = torch.tensor([1.0, 100.0])
    start = torch.zeros(2, 2)
    found = BFGS(steps=30, tolerance=1e-9).minimise(
        lambda u: ((u - target).square() * steepness).sum(dim=1), start, quarter(start)
    )
    torch.testing.assert_close(found.parameters, target, atol=1e-3, rtol=0)
    assert bool((found.history.diff(dim=0) <= 0).all()), "the best value never rises"


def test_a_bowl_as_round_as_the_spread_takes_two_steps() -> None:
    spread = torch.tensor([[0.01, 0.1, 0.3]])
    anchor = torch.tensor([[0.1, -0.2, 0.3]])
    target = anchor + 0.5 * spread
    found = BFGS(steps=2, tolerance=0).minimise(
        lambda u: ((u - target) / spread).square().sum(dim=1), anchor, spread
    )
    assert bool(((found.parameters - target).abs() < 0.05 * spread).all())


def test_a_step_that_is_worse_is_not_taken() -> None:
    calls = iter([1.0, 0.2, 5.0, 5.0])
    seen = []

    def objective(units: Tensor) -> Tensor:
        seen.append(units.detach().clone())
        return (units - units.detach()).sum(dim=1) + next(calls)

    start = torch.full((1, 2), 0.1)
    found = BFGS(steps=3, tolerance=0).minimise(objective, start, quarter(start))
    assert len(seen) == 4
    torch.testing.assert_close(found.parameters, seen[1])
    assert found.history[:, 0].tolist() == torch.tensor([1.0, 0.2, 0.2, 0.2]).tolist()


def test_it_ends_where_nothing_is_promised() -> None:
    start = torch.zeros(1, 2)
    looks = 0

    def nearly_flat(units: Tensor) -> Tensor:
        nonlocal looks
        looks += 1
        return 1e-4 * units.sum(dim=1)

    found = BFGS(steps=100).minimise(nearly_flat, start, quarter(start))
    assert looks == len(found.history) == 1
    assert torch.equal(found.parameters, start)


def test_units_stay_inside_their_range() -> None:
    start = torch.zeros(1, 3)
    found = BFGS(steps=60).minimise(lambda u: -u.sum(dim=1), start, quarter(start))
    assert bool((found.parameters.abs() <= 1).all())
    assert bool((found.parameters > 0.99).all())


def test_a_start_at_the_end_of_the_range_has_a_gradient() -> None:
    start = torch.ones(1, 1)
    found = BFGS(steps=60, tolerance=1e-6).minimise(lambda u: (u**2).sum(dim=1), start, quarter(start))
    assert abs(found.parameters.item()) < 0.1


def test_no_gradient_is_kept_of_the_answer() -> None:
    start = torch.zeros(1, 2)
    found = BFGS().minimise(lambda u: (u - 0.5).square().sum(dim=1), start, quarter(start))
    assert not found.parameters.requires_grad
    assert not found.history.requires_grad

"""The solver on problems whose answer is known."""

import torch

from retouch_aes.retouch import Adam


def test_it_finds_the_minimum_of_a_bowl_for_every_photo() -> None:
    target = torch.tensor([[0.5, -0.3], [-0.7, 0.1]])
    units, history = Adam(steps=200, patience=50).minimise(
        lambda u: (u - target).square().sum(dim=1), torch.zeros(2, 2)
    )
    torch.testing.assert_close(units, target, atol=0.02, rtol=0)
    assert bool((history.diff(dim=0) <= 0).all()), "the best value never rises"


def test_the_best_point_is_kept_when_later_ones_are_worse() -> None:
    calls = iter([1.0, 0.2, 5.0, 5.0])
    seen = []

    def objective(units: torch.Tensor) -> torch.Tensor:
        seen.append(units.detach().clone())
        return units.sum(dim=1) * 0 + next(calls)

    units, history = Adam(steps=3).minimise(objective, torch.full((1, 2), 0.1))
    assert torch.equal(units, seen[1])
    assert history[-1].item() == torch.tensor(0.2).item()


def test_it_ends_early_when_nothing_is_gained() -> None:
    _, history = Adam(steps=100, patience=3).minimise(lambda u: u.sum(dim=1) * 0, torch.zeros(1, 2))
    assert len(history) == 4


def test_units_stay_inside_their_range() -> None:
    units, _ = Adam(steps=60, rate=0.5).minimise(lambda u: -u.sum(dim=1), torch.zeros(1, 3))
    assert bool((units.abs() < 1).all())
    assert bool((units > 0.99).all())


def test_a_start_at_the_end_of_the_range_has_a_gradient() -> None:
    units, _ = Adam(steps=200, rate=0.2, patience=200).minimise(lambda u: (u**2).sum(dim=1), torch.ones(1, 1))
    assert units.item() < 0.5


def test_its_steps_are_those_of_pytorchs_adam() -> None:
    target, start = torch.tensor([[0.5, -0.3, 0.9], [-0.7, 0.1, 0.0]]), torch.full((2, 3), 0.05)
    hidden = torch.atanh(start).requires_grad_()
    optimiser = torch.optim.Adam([hidden], lr=0.03)
    for _ in range(25):
        optimiser.zero_grad()
        (torch.tanh(hidden) - target).abs().pow(1.5).sum().backward()
        optimiser.step()
    units, _ = Adam(steps=25, rate=0.03, patience=99).minimise(
        lambda u: (u - target).abs().pow(1.5).sum(dim=1), start
    )
    torch.testing.assert_close(units, torch.tanh(hidden.detach()), atol=1e-5, rtol=0)

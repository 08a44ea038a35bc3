"""Every minimiser on every problem, and what the contract promises."""

import pytest
import torch
from torch import Tensor

from retouch_aes.editing import RetouchSettings, retouch
from retouch_aes.models import load_model
from retouch_aes.optim import BFGS, Adam, MinimiseOutcome, Minimiser, MinimiseResult
from retouch_aes.testing import smooth_photo

TARGET = torch.tensor([[0.5, -0.3, 0.1], [-0.7, 0.1, 0.2]])
PROBLEMS = {
    "bowl": lambda u: (u - TARGET[: len(u)]).square().sum(dim=1),
    "valley": lambda u: ((u - TARGET[: len(u)]).square() * torch.tensor([1.0, 30.0, 4.0])).sum(dim=1),
    "kink": lambda u: (1e-4 + (u - TARGET[: len(u)]).square()).sqrt().sum(dim=1),
}
MINIMISERS = {"bfgs": BFGS(steps=60, tolerance=1e-9), "adam": Adam(steps=300, rate=0.1)}


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("minimiser", MINIMISERS)
def test_the_minimum_is_found_and_told_of(minimiser: str, problem: str) -> None:
    objective, start = PROBLEMS[problem], torch.zeros(2, 3)
    found = MINIMISERS[minimiser].minimise(objective, start, torch.full_like(start, 0.25))
    assert isinstance(MINIMISERS[minimiser], Minimiser)
    assert (found.parameters - TARGET).abs().max() < 0.05
    assert torch.allclose(found.value, objective(found.parameters), atol=1e-5)
    assert torch.equal(found.history[-1], found.value)
    assert found.history.shape == (found.steps + 1, 2)
    assert len(found.outcome) == 2
    assert bool((found.history.diff(dim=0) <= 0).all())
    assert bool((found.value <= objective(start)).all())


@pytest.mark.parametrize("minimiser", MINIMISERS)
def test_a_problem_gets_the_same_answer_alone_and_among_others(minimiser: str) -> None:
    start = torch.zeros(2, 3)
    together = MINIMISERS[minimiser].minimise(PROBLEMS["valley"], start, torch.full_like(start, 0.25))
    alone = MINIMISERS[minimiser].minimise(PROBLEMS["valley"], start[:1], torch.full_like(start[:1], 0.25))
    torch.testing.assert_close(together.parameters[:1], alone.parameters, atol=1e-4, rtol=0)


def test_the_outcome_says_why_it_ended() -> None:
    start = torch.zeros(1, 3)
    spread = torch.full_like(start, 0.25)
    assert BFGS(steps=1, tolerance=0).minimise(PROBLEMS["valley"], start, spread).outcome == (
        MinimiseOutcome.OUT_OF_STEPS,
    )
    ended = BFGS(steps=50, tolerance=0.1).minimise(PROBLEMS["bowl"], start, spread)
    assert ended.outcome == (MinimiseOutcome.CONVERGED,)
    assert ended.steps < 50


def test_a_third_partys_minimiser_serves_a_retouch() -> None:
    class TakesTheStart:
        steps = 1

        def minimise(self, objective: object, start: Tensor, _: Tensor) -> MinimiseResult:
            value = objective(start).detach()
            outcome = (MinimiseOutcome.CONVERGED,) * len(start)
            return MinimiseResult(value, start, outcome, value[None].cpu(), 0)

    image = smooth_photo(torch.Generator().manual_seed(0), 1, 64, 96)
    settings = RetouchSettings(proxy=96, solver=TakesTheStart())
    [found] = retouch(image, load_model("aesthetic-compact"), settings=settings)
    assert found.recipe.effective().steps == ()

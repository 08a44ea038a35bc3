import math

import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.losses import ExponentialLoss, HingeLoss, LogisticLoss, exponential, hinge, logistic

WINNERS = torch.tensor([6.0, 5.0, 3.0], dtype=torch.float64)
LOSERS = torch.tensor([4.0, 4.95, 7.0], dtype=torch.float64)
LOSSES = [
    (hinge, HingeLoss(), lambda w, v: max(0.0, v - w + 0.1)),
    (exponential, ExponentialLoss(), lambda w, v: math.exp(v - w)),
    (logistic, LogisticLoss(), lambda w, v: math.log(1 + math.exp(v - w))),
]


@pytest.mark.parametrize(("function", "module", "formula"), LOSSES)
def test_agrees_with_the_formula(function, module, formula) -> None:
    expected = [formula(w, v) for w, v in zip(WINNERS.tolist(), LOSERS.tolist(), strict=True)]
    assert function(WINNERS, LOSERS, reduction="none").tolist() == pytest.approx(expected)
    assert function(WINNERS, LOSERS).item() == pytest.approx(sum(expected) / 3)
    assert torch.equal(function(WINNERS, LOSERS), module(WINNERS, LOSERS))


@pytest.mark.parametrize("function", [hinge, exponential, logistic])
def test_gradient_pushes_the_pair_apart(function) -> None:
    winners, losers = WINNERS.clone().requires_grad_(), LOSERS.clone().requires_grad_()
    assert torch.autograd.gradcheck(function, (winners, losers))
    up, down = torch.autograd.grad(function(winners, losers), (winners, losers))
    assert (up <= 0).all()
    assert torch.equal(up, -down)


def test_margin_per_pair() -> None:
    margins = torch.tensor([0.0, 3.0, 1.0], dtype=torch.float64)
    expected = [
        max(0.0, v - w + m) for w, v, m in zip(*(x.tolist() for x in (WINNERS, LOSERS, margins)), strict=True)
    ]
    assert hinge(WINNERS, LOSERS, margin=margins, reduction="none").tolist() == pytest.approx(expected)


def test_logistic_does_not_overflow() -> None:
    assert logistic(torch.tensor([-500.0]), torch.tensor([500.0])).item() == pytest.approx(1000)


def test_refuses_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match=r"both \(B,\)"):
        hinge(WINNERS, LOSERS[:2])
    with pytest.raises(UsageError, match="one margin"):
        hinge(WINNERS, LOSERS, margin=torch.ones(2))

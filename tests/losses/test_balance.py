"""The weight by the ratio of gradients, against the formula and against plain differentiation."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.losses.balance import MOST, balance_weights, balanced


def wavy(image: Tensor) -> Tensor:
    """A score-like loss `(B,)` with a steep gradient that leads away from any target."""
    return (40 * image).sin().mean((1, 2, 3)) * 50


@pytest.fixture
def images() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    image, target = torch.rand(2, 3, 3, 10, 12, generator=generator, dtype=torch.float64)
    return image.requires_grad_(), target


def test_weights_by_hand() -> None:
    own, extra = torch.zeros(2, 2, 3, 4, 4)
    own[0, 0, 0, 0], own[1, 1, 2, 3] = 3.0, 4.0
    extra[:, 0, 1, 1] = 2.0
    assert balance_weights(own, extra, 0.5).tolist() == pytest.approx([0.75, 1.0])


def test_no_pull_no_weight_and_a_flat_score_no_explosion() -> None:
    some, none = torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    assert balance_weights(none, some, 0.5).item() == 0
    assert balance_weights(some, none, 0.5).item() == MOST
    assert balance_weights(none, none, 0.5).item() == 0


@pytest.mark.parametrize("balance", [0.0, 0.3, 2.0])
def test_the_ratio_of_the_gradients_is_the_balance(images: tuple[Tensor, Tensor], balance: float) -> None:
    image, target = images
    own = F.mse_loss(image, target)
    [pull] = torch.autograd.grad(own, image, retain_graph=True)
    terms, _ = balanced(image, own, wavy, balance)
    [push] = torch.autograd.grad(terms.sum(), image)
    ratios = push.flatten(1).norm(dim=1) / pull.flatten(1).norm(dim=1)
    torch.testing.assert_close(ratios, torch.full_like(ratios, balance), rtol=1e-5, atol=1e-9)


def test_value_and_gradient_are_those_of_the_weighted_sum(images: tuple[Tensor, Tensor]) -> None:
    image, target = images
    terms, weights = balanced(image, F.l1_loss(image, target), wavy, 0.3)
    [found] = torch.autograd.grad(terms.sum(), image)
    plain = weights * wavy(image)
    [expected] = torch.autograd.grad(plain.sum(), image)
    torch.testing.assert_close(terms, plain)
    torch.testing.assert_close(found, expected)


def test_a_step_down_the_sum_is_a_step_down_the_own_loss(images: tuple[Tensor, Tensor]) -> None:
    image, target = images

    def against(seen: Tensor) -> Tensor:
        return -1000 * (seen - target).square().mean((1, 2, 3))

    own = F.mse_loss(image, target)
    terms, _ = balanced(image, own, against, 0.9)
    [slope] = torch.autograd.grad(own + terms.sum(), image)
    with torch.no_grad():
        assert F.mse_loss(image - 0.1 * slope, target) < own
    unbalanced = F.mse_loss(image, target) + 0.1 * against(image).mean()
    [slope] = torch.autograd.grad(unbalanced, image)
    with torch.no_grad():
        assert F.mse_loss(image - 0.1 * slope, target) > own


def test_where_the_own_loss_rests_the_sum_rests(images: tuple[Tensor, Tensor]) -> None:
    image, _ = images
    own = F.mse_loss(image, image.detach())
    terms, _ = balanced(image, own, wavy, 0.5)
    [slope] = torch.autograd.grad(own + terms.sum(), image)
    assert slope.abs().max() == 0


def test_the_extra_loss_is_asked_once(images: tuple[Tensor, Tensor]) -> None:
    image, target = images
    asked = []

    def counted(seen: Tensor) -> Tensor:
        asked.append(len(seen))
        return wavy(seen)

    terms, _ = balanced(image, F.mse_loss(image, target), counted, 0.5)
    terms.sum().backward()
    assert asked == [3]


def test_a_loss_of_something_else_is_refused(images: tuple[Tensor, Tensor]) -> None:
    image, target = images
    elsewhere = torch.ones((), requires_grad=True) * 2
    with pytest.raises(UsageError, match="does not depend on the image"):
        balanced(image, elsewhere, wavy, 0.5)
    with pytest.raises(UsageError, match="with a gradient"):
        balanced(image.detach(), F.mse_loss(image, target), wavy, 0.5)

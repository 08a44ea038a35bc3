import copy
import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss, Fidelity, aesthetic_loss


class Brightness(nn.Module):
    """Scores by weighted brightness; its dropout betrays a model left in training mode."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(9.0))
        self.dropout = nn.Dropout(0.5)

    def forward(self, image: Tensor) -> Tensor:
        return 1 + self.weight * self.dropout(image).mean((1, 2, 3))


class Zero(nn.Module):
    """Scores nothing."""

    def forward(self, image: Tensor) -> Tensor:
        return 0 * image.mean((1, 2, 3))


@pytest.fixture
def image() -> Tensor:
    return torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0))


def test_ten_minus_the_score(image: Tensor) -> None:
    expected = 10 - (1 + 9 * image.mean((1, 2, 3)))
    assert torch.allclose(aesthetic_loss(image, Brightness().eval(), reduction="none"), expected)
    assert AestheticLoss(Brightness())(image).item() == pytest.approx(expected.mean().item(), rel=1e-6)


def test_gradient_reaches_the_image_and_only_the_image(image: Tensor) -> None:
    loss = AestheticLoss(Brightness())
    loss(image.requires_grad_()).backward()
    assert image.grad is not None
    assert (image.grad < 0).all()
    assert all(parameter.grad is None for parameter in loss.parameters())


def test_stays_frozen_inside_a_parent_in_training(image: Tensor) -> None:
    parent = nn.ModuleList([AestheticLoss(Brightness()), nn.Dropout()]).train()
    assert parent[1].training
    assert not parent[0].model.training
    assert torch.equal(parent[0](image), parent[0](image))


def test_nothing_done_to_a_holder_reaches_it(image: Tensor) -> None:
    parent = nn.ModuleDict({"loss": AestheticLoss(Brightness()), "layer": nn.Linear(2, 2)})
    before = parent["loss"](image)
    parent.requires_grad_(True).half().train()
    for parameter in parent.parameters():
        nn.init.zeros_(parameter)
    assert torch.equal(parent["loss"](image), before)
    assert not any(parameter.requires_grad for parameter in parent["loss"].model.parameters())
    assert parent["loss"].model.weight.dtype == torch.float32


def test_it_is_no_part_of_parameters_or_checkpoints() -> None:
    parent = nn.ModuleDict(
        {"loss": AestheticLoss(Brightness(), fidelity=nn.Linear(2, 2)), "b": nn.Linear(2, 2)}
    )
    assert [name for name, _ in parent.named_parameters()] == ["b.weight", "b.bias"]
    assert list(parent.state_dict()) == ["b.weight", "b.bias"]


def test_a_checkpoint_of_a_release_that_kept_the_scorer_in_it_is_read(image: Tensor) -> None:
    parent = nn.ModuleDict({"loss": AestheticLoss(Brightness()), "b": nn.Linear(2, 2)})
    before = parent["loss"](image)
    old = {**parent.state_dict(), "loss.model.weight": torch.tensor(3.0)}
    parent.load_state_dict(old)
    assert torch.equal(parent["loss"](image), before)
    with pytest.raises(RuntimeError, match=r"loss\.other"):
        parent.load_state_dict({**old, "loss.other": torch.zeros(1)})


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_it_can_be_copied_and_sent_to_a_worker(image: Tensor, again) -> None:
    loss = AestheticLoss(Brightness(), fidelity=2.0, balance=0.3)
    assert torch.equal(again(loss)(image, 1 - image), loss(image, 1 - image))


def test_the_callers_model_is_left_as_it_was(image: Tensor) -> None:
    model = Brightness().train()
    loss = AestheticLoss(model)
    before = loss(image)
    assert model.training
    assert model.weight.requires_grad
    with torch.no_grad():
        model.weight.zero_()
    assert torch.equal(loss(image), before)


def test_under_autocast(image: Tensor) -> None:
    loss = AestheticLoss(Brightness())
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(image.requires_grad_())
    value.backward()
    assert image.grad is not None
    assert torch.isfinite(image.grad).all()


def test_refuses_what_is_no_image() -> None:
    with pytest.raises(UsageError, match=r"\(3, 32, 32\)"):
        AestheticLoss(Brightness())(torch.rand(3, 32, 32))
    with pytest.raises(UsageError, match="uint8"):
        AestheticLoss(Brightness())(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))


def test_refuses_nan_and_other_ranges_at_every_call(image: Tensor) -> None:
    loss = AestheticLoss(Brightness())
    loss(image)
    with pytest.raises(UsageError, match="NaN"):
        loss(torch.full_like(image, float("nan")))
    with pytest.raises(UsageError, match="divide by 255"):
        loss(255 * image)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_images_of_another_precision(image: Tensor, kind: torch.dtype) -> None:
    loss = AestheticLoss(Brightness())
    seen = image.to(kind).requires_grad_()
    value = loss(seen)
    value.backward()
    assert value.item() == pytest.approx(loss(image).item(), abs=0.02)
    assert seen.grad is not None
    assert seen.grad.dtype == kind
    assert (seen.grad < 0).all()


@pytest.mark.parametrize("balance", [None, 0.5])
def test_an_empty_batch_has_the_loss_0(balance: float | None) -> None:
    nothing = torch.rand(0, 3, 32, 32, requires_grad=True)
    value = AestheticLoss(Brightness(), fidelity=F.l1_loss, balance=balance)(nothing, nothing.detach())
    value.backward()
    assert value.item() == 0
    assert AestheticLoss(Brightness(), reduction="none")(nothing).shape == (0,)


@pytest.mark.parametrize("fidelity", [F.l1_loss, nn.L1Loss()])
def test_a_fidelity_term_is_added(image: Tensor, fidelity) -> None:
    target = image.flip(0)
    found = AestheticLoss(Brightness(), fidelity=fidelity)(image, target)
    torch.testing.assert_close(found, F.l1_loss(image, target) + AestheticLoss(Brightness())(image))


def test_a_number_weighs_the_packages_own_fidelity(image: Tensor) -> None:
    target = image.flip(0)
    found = AestheticLoss(Brightness(), fidelity=2.0, reduction="none")(image, target)
    score = AestheticLoss(Brightness(), reduction="none")(image)
    torch.testing.assert_close(found, 2 * Fidelity()(image, target) + score)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_balance_is_the_ratio_of_the_two_pulls(image: Tensor, reduction) -> None:
    target = image.flip(0)
    image.requires_grad_()
    loss = AestheticLoss(Brightness(), fidelity=0.7, balance=0.3, reduction=reduction)
    kept = AestheticLoss(Zero(), fidelity=0.7, reduction=reduction)(image, target) - 10
    kept = kept if reduction != "sum" else kept - 10 * (len(image) - 1)
    [pull] = torch.autograd.grad(kept.sum(), image)
    [both] = torch.autograd.grad(loss(image, target).sum(), image)
    ratios = (both - pull).flatten(1).norm(dim=1) / pull.flatten(1).norm(dim=1)
    torch.testing.assert_close(ratios, torch.full_like(ratios, 0.3), rtol=1e-3, atol=0)
    assert loss.weights is not None
    assert loss.weights.shape == (2,)


def test_a_loss_of_the_callers_own_is_balanced_too(image: Tensor) -> None:
    target = image.flip(0)
    image.requires_grad_()
    by_own = AestheticLoss(Brightness(), balance=0.3)
    by_fidelity = AestheticLoss(Brightness(), fidelity=F.mse_loss, balance=0.3)
    values = by_own(image, own=F.mse_loss(image, target)), by_fidelity(image, target)
    torch.testing.assert_close(*values)
    slopes = [torch.autograd.grad(value, image)[0] for value in values]
    torch.testing.assert_close(*slopes)


@pytest.mark.parametrize("without", [torch.no_grad, torch.inference_mode])
def test_the_value_is_the_same_where_no_gradient_is_asked_for(image: Tensor, without) -> None:
    target = image.flip(0)
    loss = AestheticLoss(Brightness(), fidelity=F.mse_loss, balance=0.3)
    expected = loss(image.clone().requires_grad_(), target).detach()
    with without():
        torch.testing.assert_close(loss(image * 1, target * 1), expected)
    own = AestheticLoss(Brightness(), balance=0.3)
    with without():
        assert own(image, own=F.mse_loss(image, target)) == F.mse_loss(image, target)
    asked = image.clone().requires_grad_()
    own(asked, own=F.mse_loss(asked, target))
    with without():
        assert own(image, own=F.mse_loss(image, target)) > F.mse_loss(image, target)


def test_arguments_that_do_not_go_together_are_refused(image: Tensor) -> None:
    model, mean = Brightness(), image.mean()
    with pytest.raises(UsageError, match="has a fidelity term"):
        AestheticLoss(model, fidelity=1.0)(image)
    with pytest.raises(UsageError, match="has no fidelity term"):
        AestheticLoss(model)(image, image)
    with pytest.raises(UsageError, match="one shape"):
        AestheticLoss(model, fidelity=1.0)(image, image[:1])
    with pytest.raises(UsageError, match="a balance needs one"):
        AestheticLoss(model, balance=0.3)(image)
    with pytest.raises(UsageError, match="add it yourself"):
        AestheticLoss(model)(image, own=mean)
    with pytest.raises(UsageError, match="a scalar"):
        AestheticLoss(model, balance=0.3)(image, own=image.mean((1, 2, 3)))
    with pytest.raises(UsageError, match="reduction 'none'"):
        AestheticLoss(model, fidelity=F.l1_loss, reduction="none")(image, image)
    for wrong in (-1.0, float("nan")):
        with pytest.raises(UsageError, match="balance of 0 or more"):
            AestheticLoss(model, balance=wrong)
        with pytest.raises(UsageError, match="fidelity above 0"):
            AestheticLoss(model, fidelity=wrong)

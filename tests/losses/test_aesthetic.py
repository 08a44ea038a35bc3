import pytest
import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss, aesthetic_loss


class Brightness(nn.Module):
    """Scores by weighted brightness; its dropout betrays a model left in training mode."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(9.0))
        self.dropout = nn.Dropout(0.5)

    def forward(self, image: Tensor) -> Tensor:
        return 1 + self.weight * self.dropout(image).mean((1, 2, 3))


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

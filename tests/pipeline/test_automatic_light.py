"""Light on dark parts: where the prior wants it, and nobody said which operators may be used."""

import pytest
import torch
from torch import Tensor

from retouch_aes import Photo, Retoucher, RetouchSettings
from retouch_aes.models import AestheticModel
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import AUTO, EditChain, FillLight
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.pipeline.automatic_light import wants_light, with_light


class Wants(EditPrior):
    """Asks for so much fill light, and for nothing else."""

    def __init__(self, units: float) -> None:
        self.units = units

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        start = image.new_zeros(len(image), len(chain))
        if "fill_light.fill" in chain.names:
            start[:, chain.names.index("fill_light.fill")] = self.units
        return start, torch.full_like(start, 0.1)


class LikesLight(AestheticModel):
    @property
    def preprocessing(self) -> str:
        return "none"

    def forward(self, image: Tensor) -> Tensor:
        return 1 + 9 * image.mean((1, 2, 3))

    def distribution(self, image: Tensor) -> Tensor:
        return torch.full((len(image), 10), 0.1)


def backlit() -> Tensor:
    image = torch.rand(1, 3, 60, 90, generator=torch.Generator().manual_seed(0)) * 0.1 + 0.05
    image[..., :20, :] += 0.8
    return image.clamp(0, 1)


def retoucher(units: float, **how: object) -> Retoucher:
    settings = RetouchSettings(solver=BFGS(steps=0), levels=False)
    return Retoucher(LikesLight().eval(), prior=Wants(units), settings=settings, **how)  # type: ignore[arg-type]


def test_a_dark_subject_is_lifted_and_the_bright_ground_stays() -> None:
    done = retoucher(0.6)(Photo(backlit()))
    assert [step.operator.name for step in done.recipe.effective().steps] == [FillLight.name]
    ratio = done.photo.image.mean((0, 1, 3)) / backlit().mean((0, 1, 3))
    assert ratio[30:].min() > 1.3
    assert ratio[:15].max() < 1.1


def test_a_small_wish_costs_no_render() -> None:
    small = backlit()
    assert wants_light(small, Wants(0.03)) == wants_light(small, None) == [False]
    assert wants_light(small, Wants(-0.3)) == [True]
    assert with_light(None) == (*AUTO, FillLight.name)


@pytest.mark.parametrize("how", [{"light": False}, {"operators": ["exposure"]}])
def test_it_can_be_forbidden_and_does_not_join_operators_that_were_named(how) -> None:
    done = retoucher(0.6, **how)(Photo(backlit()))
    assert not done.recipe.effective().steps
    assert retoucher(0.6, operators=["exposure"], light=True)(Photo(backlit())).recipe.effective().steps

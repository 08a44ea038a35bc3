"""Photos that are searched as one batch get the edits that they get alone."""

import dataclasses

import pytest
import torch
from torch import Tensor

from retouch_aes import Outcome, Photo, Retoucher, RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.models import AestheticModel
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import EditChain
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.pipeline.edit_finder import EditFinder
from retouch_aes.testing import smooth_photo


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    """Unlike in size, aspect and light; one is grey, one dark at the bottom, one black at the top."""
    generator = torch.Generator().manual_seed(5)
    wide = [smooth_photo(generator, 1, 64, 96) for _ in range(6)]
    wide[1] = 0.35 * wide[1]
    wide[2] = wide[2].mean(dim=1, keepdim=True).expand(-1, 3, -1, -1).contiguous()
    wide[3][..., 20:, :] *= 0.12
    wide[4][..., :10, :] = 0
    tall = [factor * smooth_photo(generator, 1, 96, 64) for factor in (0.4, 1.0)]
    other = [0.5 * smooth_photo(generator, 1, 40, 120)]
    mixed = [wide[0], tall[0], *wide[1:4], other[0], wide[4], tall[1], wide[5]]
    return [Photo(image) for image in mixed]


def alike(one: object, other: object) -> None:
    """Two recipes: the same operators, values equal but for rounding, a thousandth of what can be seen."""
    for mine, theirs in zip(one.steps, other.steps, strict=True):
        assert mine.operator.name == theirs.operator.name
        for param, left, right in zip(mine.operator.params, mine.values, theirs.values, strict=True):
            assert left == pytest.approx(right, abs=1e-3 * (param.high - param.low))


@pytest.mark.parametrize("how", [{}, {"fast": True}, {"settings": RetouchSettings(strength=0.6, worth=2.0)}])
def test_each_has_the_recipe_that_it_has_alone(photos, how) -> None:
    alone = [Retoucher.load(device="cpu", **how)(photo) for photo in photos]
    together = Retoucher.load(device="cpu", at_once=4, **how)(photos)
    assert len({one.solution.outcome for one in alone}) > 1
    for one, other in zip(alone, together, strict=True):
        assert (one.solution.outcome, one.solution.reason) == (other.solution.outcome, other.solution.reason)
        assert one.solution.score_before == pytest.approx(other.solution.score_before, abs=1e-4)
        assert one.solution.score_after == pytest.approx(other.solution.score_after, abs=1e-2)
        assert one.solution.score_after >= one.solution.score_before
        alike(one.recipe, other.recipe)
        assert one.photo.image.shape == other.photo.image.shape


class LikesLight(AestheticModel):
    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    @property
    def preprocessing(self) -> str:
        return "none"

    def forward(self, image: Tensor) -> Tensor:
        self.batches.append(len(image))
        return 1 + 9 * image.mean((1, 2, 3))

    def distribution(self, image: Tensor) -> Tensor:
        return torch.full((len(image), 10), 0.1)


class LightForTheDark(EditPrior):
    """Fill light for photos that are dark on the whole."""

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        start = image.new_zeros(len(image), len(chain))
        if "fill_light.fill" in chain.names:
            dark = image.mean((1, 2, 3)) < 0.3
            start[:, chain.names.index("fill_light.fill")] = 0.5 * dark.to(image.dtype)
        return start, torch.full_like(start, 0.1)


def test_only_those_that_lack_light_are_given_some() -> None:
    retoucher = Retoucher(LikesLight().eval(), prior=LightForTheDark(), at_once=8)
    light = (0.8, 0.2, 0.7, 0.1)
    found = retoucher.solve_together([torch.full((1, 3, 48, 64), level) for level in light])
    lit = ["fill_light" in {step.operator.name for step in one.recipe.steps} for one in found]
    assert lit == [False, True, False, True]


def test_a_batch_holds_photos_of_one_shape_and_no_more_than_were_asked_for() -> None:
    judge = LikesLight().eval()
    settings = RetouchSettings(solver=BFGS(steps=1))
    retoucher = Retoucher(judge, operators=["exposure"], settings=settings, at_once=3)
    wide, tall = torch.full((1, 3, 40, 60), 0.4), torch.full((1, 3, 60, 40), 0.4)
    retoucher.solve_together([wide, tall, wide, wide, wide])
    assert set(judge.batches) == {1, 3}
    assert retoucher.solve_together([]) == []


def test_a_photo_that_cannot_be_searched_is_told(photos) -> None:
    broken = dataclasses.replace(photos[0], pixels=torch.full((1, 3, 64, 96), torch.nan))
    with pytest.raises(UsageError, match="NaN"):
        Retoucher.load(device="cpu", at_once=4)([photos[2], broken])


def test_the_rules_hold_in_a_batch(photos) -> None:
    finder: EditFinder = Retoucher.load(device="cpu", at_once=16)
    found = finder.solve_together([finder.proxy(photo) for photo in photos])
    for one, photo in zip(found, photos, strict=True):
        assert one.score_after >= one.score_before
        image = photo.image
        edited = one.recipe.apply(image)
        if one.outcome is Outcome.EDITED and float((image.amax(1) <= 1.5 / 255).float().mean()) > 0.02:
            black = image.amax(1) <= 1.5 / 255
            assert float((edited.amax(1)[black] <= 2.5 / 255).float().mean()) >= 0.9
    grey = photos[4 - 1]
    assert float((grey.image[:, 0] - grey.image[:, 1]).abs().max()) == 0
    edited = found[3].recipe.apply(grey.image)
    assert float((edited[:, 0] - edited[:, 1]).abs().max()) < 2e-3


@pytest.mark.parametrize(
    "bad",
    [
        torch.rand(3, 48, 64),
        torch.rand(2, 3, 48, 64),
        torch.rand(1, 1, 48, 64),
        torch.rand(1, 3, 0, 64),
        torch.rand(1, 3, 48, 64, dtype=torch.float64),
        "photo.jpg",
    ],
    ids=lambda bad: str(getattr(bad, "shape", bad)),
)
def test_what_is_no_small_copy_is_told(bad: object) -> None:
    retoucher = Retoucher.load(prior=None, fast=True, device="cpu", at_once=2)
    with pytest.raises(UsageError, match=r"expected small copies \(1, 3, h, w\)"):
        retoucher.solve_together([torch.rand(1, 3, 48, 64), bad])


def test_photos_and_small_copies_come_in_pairs() -> None:
    retoucher = Retoucher.load(prior=None, fast=True, device="cpu")
    small = torch.rand(1, 3, 48, 64)
    with pytest.raises(UsageError, match="a photo for each of 2 small copies, got 1"):
        retoucher.solve_together([small, small], [Photo(small)])


@pytest.mark.parametrize("at_once", [0, -3, 2.5, "2"])
def test_so_many_at_once_make_no_sense(at_once: object) -> None:
    with pytest.raises(UsageError, match="at_once of 1 or more"):
        Retoucher.load(prior=None, fast=True, device="cpu", at_once=at_once)

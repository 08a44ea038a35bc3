"""Retouching with scores whose taste is known, so that the right edit is known too."""

import pytest
import torch
from torch import Tensor, nn

from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.color.toned import is_toned
from retouch_aes.editing.objective import ObjectiveWeights
from retouch_aes.editing.render import render
from retouch_aes.editing.solve import RetouchSettings, Solution, retouch
from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import EditPrior, NeutralPrior
from retouch_aes.operators import EditChain, Exposure, Recipe
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.testing import smooth_photo

FREE = ObjectiveWeights(fidelity=0.0, anchor=0.0, clipping=0.0)
FAR = BFGS(steps=60, tolerance=1e-4)


class LikesBrightness(nn.Module):
    """Scores by the distance of the mean luma to a target."""

    def __init__(self, target: float) -> None:
        super().__init__()
        self.target = target

    def forward(self, image: Tensor) -> Tensor:
        away = luma(image).mean((1, 2, 3)) - self.target
        return 10 - 20 * ((away.square() + 1e-4).sqrt() - 0.01)


def photo(seed: int = 0, batch: int = 1, height: int = 60, width: int = 90) -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(seed), batch, height, width)


def test_it_edits_towards_the_score() -> None:
    dark = 0.6 * photo()
    [found] = retouch(
        dark, LikesBrightness(0.5), operators=["exposure"], settings=RetouchSettings(weights=FREE, solver=FAR)
    )
    assert found.outcome == "edited"
    assert found.score_after > found.score_before + 1
    assert found.recipe.steps[0].values[0] > 0.3
    edited = found.recipe.apply(dark)
    assert abs(luma(edited).mean().item() - 0.5) < 0.05


def test_a_photo_that_cannot_be_bettered_is_left_alone() -> None:
    image = photo()
    [found] = retouch(
        image, LikesBrightness(luma(image).mean().item()), settings=RetouchSettings(weights=FREE, solver=FAR)
    )
    assert found.outcome == "left alone"
    assert found.recipe.effective().steps == ()
    assert found.score_after == found.score_before
    assert found.difference == 0


def test_an_edit_must_be_worth_its_difference() -> None:
    dark = 0.4 * photo()
    [found] = retouch(
        dark,
        LikesBrightness(0.5),
        operators=["exposure"],
        settings=RetouchSettings(weights=FREE, solver=FAR, worth=1000.0),
    )
    assert found.outcome == "left alone"


class KnowsBetter(EditPrior):
    """Guesses a little more light, whatever the photo."""

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        units = torch.full((len(image), len(chain)), 0.05)
        return units, torch.full_like(units, 0.1)


@pytest.mark.parametrize("worth", [0.0, -100.0])
def test_an_edit_whose_score_falls_is_not_applied_even_where_a_prior_asks_for_it(worth: float) -> None:
    image = photo()
    settings = RetouchSettings(solver=BFGS(steps=0), worth=worth)
    content = LikesBrightness(luma(image).mean().item())
    [found] = retouch(image, content, operators=["exposure"], prior=KnowsBetter(), settings=settings)
    assert found.outcome == "left alone"
    assert found.reason == "no edit raises the score"
    assert found.score_after == found.score_before


def test_as_much_of_an_edit_is_applied_as_the_score_agrees_to() -> None:
    image = 0.5 * photo()
    chain = EditChain([Exposure()])
    half = chain.apply(image, torch.tensor([[0.25]]))  # half of what the prior asks for
    likes = LikesBrightness((0.6 * luma(half) + 0.4 * luma(image)).mean().item())

    class TooMuch(EditPrior):
        def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
            units = torch.full((len(image), len(chain)), 0.25)
            return units, torch.full_like(units, 0.1)

    settings = RetouchSettings(solver=BFGS(steps=0))
    [found] = retouch(image, likes, operators=["exposure"], prior=TooMuch(), settings=settings)
    assert found.outcome == "edited"
    assert 0 < found.recipe.steps[0].values[0] < 0.4
    assert "the score falls beyond" in found.reason
    assert found.score_after > found.score_before


def test_an_edit_that_nobody_sees_is_not_made() -> None:
    image = 0.5 * photo()
    edited = EditChain([Exposure()]).apply(image, torch.tensor([[0.01]]))
    target = LikesBrightness(luma(edited).mean().item())
    settings = RetouchSettings(weights=FREE, solver=FAR)
    [found] = retouch(image, target, operators=["exposure"], settings=settings)
    assert (found.outcome, found.reason) == ("left alone", "the edit would not be seen")


def test_no_strength_edits_what_full_strength_leaves_alone() -> None:
    image = 0.5 * photo()
    overshot = EditChain([Exposure()]).apply(image, torch.tensor([[0.02]]))
    target = LikesBrightness(luma(overshot).mean().item())

    class FarTooMuch(EditPrior):
        def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
            units = torch.full((len(image), len(chain)), 0.5)
            return units, torch.full_like(units, 0.1)

    for strength in (0.02, 0.1, 0.5, 1.0, 2.0):
        settings = RetouchSettings(solver=BFGS(steps=0), strength=strength)
        [found] = retouch(image, target, operators=["exposure"], prior=FarTooMuch(), settings=settings)
        assert found.outcome == "left alone"
        assert found.recipe.effective().steps == ()


def test_at_another_strength_the_score_may_not_fall_either() -> None:
    dark = 0.4 * photo()
    settings = RetouchSettings(weights=FREE, solver=FAR, strength=3.0)
    [found] = retouch(dark, LikesBrightness(0.25), operators=["exposure"], settings=settings)
    assert found.outcome == "left alone"
    assert found.reason.endswith("at this strength")


class LikesColour(nn.Module):
    """The further the channels are apart, the better; and a little light."""

    def forward(self, image: Tensor) -> Tensor:
        apart = (image - luma(image)).square().mean((1, 2, 3))
        return 5 + 20 * apart + luma(image).mean((1, 2, 3))


@pytest.mark.parametrize("toned", [False, True])
def test_a_black_and_white_photo_gets_no_edit_of_colour(toned: bool) -> None:
    tone = luma(0.8 * photo(4))
    sepia = torch.tensor([0.1, 0.0, -0.12]).reshape(1, 3, 1, 1) * (4 * tone * (1 - tone))
    image = (tone + (sepia if toned else torch.zeros_like(sepia))).clamp(0, 1)
    names = ["white_balance", "exposure", "saturation", "vibrance", "hsl"]
    settings = RetouchSettings(weights=FREE, solver=BFGS(steps=6), starts=2)
    both = torch.cat([image, photo(5)])
    grey, coloured = retouch(both, LikesColour(), operators=names, settings=settings)
    assert [step.operator.name for step in grey.recipe.effective().steps] == ["exposure"]
    assert len(coloured.recipe.effective().steps) > 1


def test_a_search_asks_once_whether_a_photo_is_black_and_white(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(image: Tensor) -> Tensor:
        asked.append(image.shape)
        return is_toned(image)

    monkeypatch.setattr("retouch_aes.operators.black_and_white.is_toned", counted)
    retouch(photo(), LikesColour(), operators=["exposure", "saturation"], settings=RetouchSettings())
    assert len(asked) == 1


class Fades(EditPrior):
    """Lifts the blacks as far as they go."""

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        units = torch.zeros(len(image), len(chain))
        units[:, chain.names.index("tones.blacks")] = 1.0
        return units, torch.full_like(units, 0.1)


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_the_black_of_a_night_stays_black(share: float) -> None:
    image = 0.2 + 0.3 * photo()
    image[..., : round(share * image.shape[-1] + 0.49)] = 0
    black = image == 0
    settings = RetouchSettings(solver=BFGS(steps=0))
    [found] = retouch(image, LikesBrightness(0.9), operators=["tones"], prior=Fades(), settings=settings)
    lifted = found.recipe.apply(image)[black]
    if share < 0.02:
        assert found.outcome == "edited"
    else:
        assert lifted.numel() == 0 or (lifted <= 2.5 / 255).float().mean() >= 0.9
        assert "black would turn grey" in found.reason


class BringsLight(EditPrior):
    """Asks for four fifths of all the light there is to give, whatever the photo."""

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        units = torch.zeros(len(image), len(chain))
        units[:, chain.names.index("exposure.ev")] = 0.8
        return units, torch.full_like(units, 0.1)


def test_a_dark_photo_is_lifted_with_its_black_held() -> None:
    image = 0.1 + 0.1 * photo()
    image[..., :20] = 1 / 255
    names, settings = ["exposure", "tones"], RetouchSettings(solver=BFGS(steps=0))
    [found] = retouch(image, LikesBrightness(0.9), operators=names, prior=BringsLight(), settings=settings)
    edited = found.recipe.apply(image)
    assert (found.outcome, found.reason) == ("edited", "")
    assert luma(edited).mean() > 1.4 * luma(image).mean()
    assert (edited[..., :20] <= 2.5 / 255).float().mean() >= 0.9
    values = {step.operator.name: step.values for step in found.recipe.steps}
    assert values["exposure"][0] > 1.5
    assert -30 <= values["tones"][3] < 0


class TakesLight(EditPrior):
    """Asks for less light by a share of all there is to take, whatever the photo."""

    def __init__(self, share: float) -> None:
        self.share = share

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        units = torch.zeros(len(image), len(chain))
        units[:, chain.names.index("exposure.ev")] = -self.share
        return units, torch.full_like(units, 0.1)


@pytest.mark.parametrize(("share", "holds"), [(0.1, True), (0.6, False)])
def test_a_white_ground_stays_white_where_less_light_is_wanted(share: float, holds: bool) -> None:
    image = 0.3 + 0.4 * photo()
    image[..., :20] = 1
    names, settings = ["exposure", "tones"], RetouchSettings(solver=BFGS(steps=0))
    judge, prior = LikesBrightness(0.1), TakesLight(share)
    [found] = retouch(image, judge, operators=names, prior=prior, settings=settings)
    edited = found.recipe.apply(image)
    assert found.outcome == "edited"
    assert luma(edited[..., 20:]).mean() < luma(image[..., 20:]).mean() - 0.01
    assert bool((edited[..., :20] >= 247 / 255).all()) is holds
    whites = {step.operator.name: step.values for step in found.recipe.effective().steps}.get("tones")
    assert (whites is not None and whites[2] > 0) is holds  # where none is enough, none is raised


def test_a_second_scorer_can_veto() -> None:
    dark = 0.4 * photo()
    settings = RetouchSettings(weights=FREE, solver=FAR)
    [found] = retouch(
        dark, LikesBrightness(0.5), operators=["exposure"], settings=settings, veto=LikesBrightness(0.1)
    )
    assert found.outcome == "vetoed"
    assert found.recipe.effective().steps == ()


def test_the_anchor_holds_the_edit_near_the_prior() -> None:
    class HalfAStop(EditPrior):
        def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
            units = torch.full((len(image), len(chain)), 0.25)
            return units, torch.full_like(units, 0.01)

    settings = RetouchSettings(weights=ObjectiveWeights(fidelity=0.0, anchor=10.0, clipping=0.0), solver=FAR)
    [found] = retouch(
        0.4 * photo(), LikesBrightness(0.5), operators=["exposure"], prior=HalfAStop(), settings=settings
    )
    assert found.recipe.steps[0].values[0] == pytest.approx(0.5, abs=0.05)


def test_strength_scales_the_recipe() -> None:
    dark = 0.4 * photo()

    def ev(strength: float) -> float:
        settings = RetouchSettings(weights=FREE, solver=FAR, strength=strength)
        [found] = retouch(dark, LikesBrightness(0.4), operators=["exposure"], settings=settings)
        return found.recipe.steps[0].values[0]

    assert ev(0.5) == pytest.approx(0.5 * ev(1.0), rel=1e-3)


def test_the_clipping_guard_keeps_whites() -> None:
    image = photo()

    def clipped(weight: float) -> float:
        settings = RetouchSettings(
            weights=ObjectiveWeights(fidelity=0.0, anchor=0.0, clipping=weight), solver=FAR
        )
        [found] = retouch(image, LikesBrightness(0.9), operators=["exposure"], settings=settings)
        return (found.recipe.apply(image) >= 1).float().mean().item()

    assert clipped(0.0) > 0.1
    assert clipped(2000.0) < 0.5 * clipped(0.0)


def test_the_same_seed_gives_the_same_recipe() -> None:
    dark = 0.4 * photo()
    settings = RetouchSettings(weights=FREE, starts=3, seed=7, solver=BFGS(steps=10))
    first, second = (retouch(dark, LikesBrightness(0.5), settings=settings)[0].recipe for _ in range(2))
    assert first == second


def test_a_batch_equals_its_photos_one_by_one() -> None:
    images = torch.cat([0.4 * photo(1), 0.8 * photo(2)])
    settings = RetouchSettings(weights=FREE, solver=BFGS(steps=12))
    together = retouch(images, LikesBrightness(0.5), operators=["exposure", "contrast"], settings=settings)
    for index, found in enumerate(together):
        [alone] = retouch(
            images[index : index + 1],
            LikesBrightness(0.5),
            operators=["exposure", "contrast"],
            settings=settings,
        )
        for step, other in zip(found.recipe.steps, alone.recipe.steps, strict=True):
            assert step.values == pytest.approx(other.values, abs=1e-3)


def test_one_photo_gets_the_same_recipe_alone_and_among_32() -> None:
    """Also where some of the others stop early: every photo has its own end."""
    model = LikesBrightness(0.3)
    images = torch.cat([(0.3 + 0.02 * index) * photo(index) for index in range(32)])
    settings = RetouchSettings(weights=FREE, solver=BFGS(steps=12, tolerance=1e-3))
    together = retouch(images, model, settings=settings)
    alone = [retouch(images[index : index + 1], model, settings=settings)[0] for index in range(32)]
    ends = {len(set(found.history)) for found in together}
    assert len(ends) > 1
    for one, other in zip(together, alone, strict=True):
        assert one.outcome == other.outcome
        for step, twin in zip(one.recipe.steps, other.recipe.steps, strict=True):
            for param, a, b in zip(step.operator.params, step.values, twin.values, strict=True):
                assert a == pytest.approx(b, abs=1e-3 * (param.high - param.low))


def test_operators_may_be_given_as_objects() -> None:
    settings = RetouchSettings(weights=FREE, solver=BFGS(steps=2))
    [found] = retouch(0.4 * photo(), LikesBrightness(0.5), operators=[Exposure()], settings=settings)
    assert [step.operator.name for step in found.recipe.steps] == ["exposure"]


@pytest.mark.parametrize("shape", [(3, 60, 90), (1, 4, 60, 90), (1, 1, 60, 90)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="expected"):
        retouch(torch.rand(shape), LikesBrightness(0.5))


def test_the_neutral_prior_is_neutral() -> None:
    units, spread = NeutralPrior(0.2).guess(photo(batch=2), EditChain([Exposure()]))
    assert torch.equal(units, torch.zeros(2, 1))
    assert torch.equal(spread, torch.full((2, 1), 0.2))


def test_what_is_rendered_large_is_what_was_scored_small() -> None:
    large = photo(3, height=480, width=720)
    chain = EditChain([Exposure()])
    recipe = Recipe.of(chain, torch.tensor([0.6]))
    small = recipe.apply(proxy(large, 180))
    torch.testing.assert_close(proxy(render(large, recipe, side=180), 180), small, atol=0.02, rtol=0)


@pytest.mark.parametrize("mode", [True, False])
def test_the_callers_models_keep_their_mode_and_freedom(mode: bool) -> None:
    class Moody(LikesBrightness):
        def __init__(self) -> None:
            super().__init__(0.5)
            self.weight = nn.Parameter(torch.ones(()))
            self.dropout = nn.Dropout(0.5)

        def forward(self, image: Tensor) -> Tensor:
            assert not self.training
            return self.weight * super().forward(self.dropout(image))

    model, veto = Moody().train(mode), Moody().train(mode)
    model.dropout.eval()
    retouch(0.5 * photo(), model, operators=["exposure"], veto=veto)
    for one in (model, veto):
        assert one.training == mode
        assert one.weight.requires_grad
        assert one.weight.grad is None
    assert not model.dropout.training


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda image: 255 * image, "divide by 255"),
        (lambda image: image / 0, "photo 1 of 1"),
        (lambda image: (255 * image).to(torch.uint8), "uint8"),
    ],
)
def test_photos_of_another_range_are_refused(spoil, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        retouch(spoil(photo()), LikesBrightness(0.5), operators=["exposure"])


class Pales(EditPrior):
    """Takes nearly all colour away."""

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        units = torch.zeros(len(image), len(chain))
        units[:, chain.names.index("saturation.saturation")] = -0.7
        return units, torch.full_like(units, 0.1)


def test_a_face_keeps_its_colour() -> None:
    image = torch.tensor([0.3, 0.4, 0.55]).view(1, 3, 1, 1).expand(1, 3, 60, 80).clone()
    image[..., 40:] = torch.tensor([0.35, 0.42, 0.2]).view(1, 3, 1, 1)
    meadow = image.clone()
    image[..., 15:45, 25:55] = torch.tensor([0.8, 0.6, 0.5]).view(1, 3, 1, 1)
    settings = RetouchSettings(solver=BFGS(steps=0))

    def paled(scene: Tensor) -> Solution:
        [found] = retouch(scene, Anything(), operators=["saturation"], prior=Pales(), settings=settings)
        return found

    assert paled(meadow).recipe.steps[0].values == (-70.0,)
    face = paled(image)
    assert face.recipe.steps[0].values == (-17.5,)
    assert "skin would turn dark or grey" in face.reason


class Anything(nn.Module):
    """Likes whatever is not as it was, and the more of it the better."""

    def forward(self, image: Tensor) -> Tensor:
        return 9 - 4 * (image - luma(image)).abs().mean((1, 2, 3))

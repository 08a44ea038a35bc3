"""Strips of a photo come out exactly as the whole does."""

from collections.abc import Iterable
from typing import Any

import pytest
import torch

from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.editing import lut
from retouch_aes.editing.render import HALF_STEP, develop, render
from retouch_aes.editing.render import render as render_function
from retouch_aes.operators import AUTO, OPERATORS, EditChain, Exposure, Recipe, Step, Tones, WhiteBalance
from retouch_aes.photo import Photo, source
from retouch_aes.testing import random_params, smooth_photo


def everything(seed: int) -> Recipe:
    generator = torch.Generator().manual_seed(seed)
    params = torch.cat([random_params(op, 1, generator, reach=0.3) for op in OPERATORS.values()], dim=1)
    return Recipe.of(EditChain(list(OPERATORS.values())), params[0])


def test_strips_equal_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    image = smooth_photo(torch.Generator().manual_seed(1), 1, 200, 300)
    recipe = everything(2)
    whole = render(image, recipe, side=300)
    monkeypatch.setattr(source, "_STRIP", 300 * 17)
    torch.testing.assert_close(render(image, recipe, side=300), whole, atol=2e-5, rtol=0)
    torch.testing.assert_close(whole, recipe.apply(image), atol=2e-5, rtol=0)


def test_a_neutral_recipe_gives_the_photo_itself() -> None:
    image = smooth_photo(torch.Generator().manual_seed(1), 1, 40, 50)
    chain = EditChain(list(OPERATORS.values()))
    neutral = torch.tensor([param.neutral for param in chain.params])
    assert render(image, Recipe.of(chain, neutral)) is image


def test_the_result_lies_in_range_and_the_photo_is_untouched() -> None:
    image = smooth_photo(torch.Generator().manual_seed(1), 1, 64, 80)
    before = image.clone()
    result = render(image, everything(3), side=80)
    assert result.min() >= 0
    assert result.max() <= 1
    assert torch.equal(image, before)


def recipe_of(names: Iterable[str], seed: int, reach: float) -> Recipe:
    generator = torch.Generator().manual_seed(seed)
    operators = [OPERATORS[name] for name in OPERATORS if name in names]
    params = torch.cat([random_params(op, 1, generator, reach=reach) for op in operators], dim=1)
    return Recipe.of(EditChain(operators), params[0])


def large(seed: int) -> torch.Tensor:
    """Colours of the whole cube, in random order and soft: enough pixels for a table."""
    image = smooth_photo(torch.Generator().manual_seed(seed), 1, 900, 1400)
    image[:, :, :200] = torch.rand(1, 3, 200, 1400, generator=torch.Generator().manual_seed(seed))
    return image


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the tables that were used, 0 for an edit that was not baked."""
    import sys

    module, used = sys.modules[render_function.__module__.replace("render", "stages")], []

    def spy(*arguments: Any) -> lut.ColorLUT | None:
        table = lut.bake_lut(*arguments)
        used.append(table.values.shape[-1] if table else 0)
        return table

    monkeypatch.setattr(module, "bake_lut", spy)
    return used


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "names", [AUTO[1:], ("exposure", "tone_curve"), ("saturation", "contrast", "sharpening")]
)
def test_a_table_is_off_by_less_than_half_a_step(names: tuple[str, ...], seed: int, sizes: list[int]) -> None:
    recipe, image = recipe_of(names, seed, 0.2), large(seed)
    error = (render(image, recipe) - render(image, recipe, tolerance=0)).abs().max()
    assert len(sizes) == 1
    assert sizes[0] > 0
    assert 0 < error < HALF_STEP


@pytest.mark.parametrize("first", [name for name, operator in OPERATORS.items() if operator.pointwise])
def test_every_pointwise_operator_is_baked_or_left_exact(first: str, sizes: list[int]) -> None:
    """Also where it is as strong as can be: what no table holds is not baked."""
    second = "saturation" if first != "saturation" else "contrast"
    recipe, image = recipe_of((first, second), 5, 1.0), large(5)
    error = (render(image, recipe) - render(image, recipe, tolerance=0)).abs().max()
    assert error < HALF_STEP
    assert (error == 0) == (sizes == [0])


def test_small_photos_and_16_bit_ones_are_exact() -> None:
    recipe, image = recipe_of(AUTO[1:], 1, 0.2), large(1)
    exact = render(image, recipe, tolerance=0)
    assert torch.equal(develop(Photo(image, bit_depth=16), recipe).image, exact)
    assert not torch.equal(develop(Photo(image), recipe).image, exact)
    small = image[:, :, :90, :140]
    assert torch.equal(render(small, recipe), render(small, recipe, tolerance=0))


def test_a_table_is_right_on_the_faces_of_its_cube(sizes: list[int]) -> None:
    """Where one level of blue lies next to another in memory."""
    image = torch.rand(1, 3, 900, 1400, generator=torch.Generator().manual_seed(3)).mul(255).round() / 255
    for channel in range(3):
        image[:, channel, 200 * channel : 200 * channel + 100] = 0
        image[:, channel, 200 * channel + 100 : 200 * channel + 200] = 1
    recipe = recipe_of(("white_balance", "saturation", "contrast"), 4, 0.3)
    error = (render(image, recipe) - render(image, recipe, tolerance=0)).abs().max()
    assert sizes[0] > 0
    assert 0 < error < HALF_STEP


def test_a_proxy_at_hand_is_used() -> None:
    image = large(2)
    recipe = recipe_of(("dehaze", "saturation"), 3, 0.3)
    expected = render(image, recipe, side=200)
    assert torch.equal(render(image, recipe, small=proxy(image, 200)), expected)
    assert not torch.equal(render(image, recipe, small=proxy(image, 64)), expected)


@pytest.mark.parametrize("tolerance", [0.0, HALF_STEP])
def test_greys_come_out_with_equal_channels(tolerance: float) -> None:
    grey = luma(smooth_photo(torch.Generator().manual_seed(1), 1, 480, 700)).expand(-1, 3, -1, -1)
    recipe = Recipe(
        (Step(WhiteBalance(), (40.0, 0.0)), Step(Exposure(), (0.4,)), Step(Tones(), (10.0, 30.0, 5.0, -20.0)))
    )
    edited = render(grey, recipe, tolerance=tolerance)
    assert torch.equal(edited[:, 0], edited[:, 1])
    assert torch.equal(edited[:, 2], edited[:, 1])
    assert (edited - grey).abs().mean() > 0.02


def test_a_grey_part_of_a_photo_in_colour_is_tinted_with_the_rest() -> None:
    photo = smooth_photo(torch.Generator().manual_seed(1), 1, 2400, 700)
    photo[:, :, :1600] = luma(photo[:, :, :1600])
    warm = render(photo, Recipe((Step(WhiteBalance(), (40.0, 0.0)),)))
    assert (warm[:, 0] - warm[:, 2])[:, :1600].mean() > 0.02

"""Strips of a photo come out exactly as the whole does."""

import pytest
import torch

from retouch_aes.operators import OPERATORS, EditChain, Recipe
from retouch_aes.retouch import render
from retouch_aes.retouch import render as render_function
from retouch_aes.testing import random_params, smooth_photo


def everything(seed: int) -> Recipe:
    generator = torch.Generator().manual_seed(seed)
    params = torch.cat([random_params(op, 1, generator, reach=0.3) for op in OPERATORS.values()], dim=1)
    return Recipe.of(EditChain(list(OPERATORS.values())), params[0])


def test_strips_equal_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    module = sys.modules[render_function.__module__]
    image = smooth_photo(torch.Generator().manual_seed(1), 1, 200, 300)
    recipe = everything(2)
    whole = render(image, recipe, side=300)
    monkeypatch.setattr(module, "_STRIP", 300 * 17)
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

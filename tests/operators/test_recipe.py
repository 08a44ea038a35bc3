"""Recipes: what they keep, what they refuse."""

import json
from pathlib import Path

import pytest
import torch

from retouch_aes.color.luma import luma
from retouch_aes.errors import RecipeError, UsageError
from retouch_aes.operators import (
    OPERATORS,
    EditChain,
    Exposure,
    Recipe,
    Saturation,
    Step,
    Tones,
    Vibrance,
    WhiteBalance,
    read_recipe,
    select,
)
from retouch_aes.testing import smooth_photo

RECIPE = Recipe((Step(Exposure(), (0.5,)), Step(Tones(), (10.0, -20.0, 0.0, 5.0))))


def test_a_file_round_trip(tmp_path: Path) -> None:
    RECIPE.save(tmp_path / "edit.json")
    assert read_recipe(tmp_path / "edit.json", OPERATORS) == RECIPE


def test_a_parameter_that_is_not_named_is_neutral() -> None:
    value = {"format": "retouch_aes.recipe", "version": 1, "steps": [{"operator": "tones", "version": 1}]}
    assert Recipe.from_json(value, OPERATORS).steps[0].neutral


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "expected a recipe"),
        ({"version": 4}, "expected recipe version 1 to 3, got 4"),
        ({"steps": {}}, "expected a list"),
        ({"steps": [3]}, "expected a step"),
        ({"steps": [{"operator": "nope", "version": 1}]}, "unknown operator 'nope'; installed: "),
        ({"steps": [{"operator": ["exposure"], "version": 1}]}, "unknown operator"),
        ({"steps": [{"operator": "exposure", "version": 7}]}, "expected version 1, got 7"),
        ({"steps": [{"operator": "exposure", "version": 1, "params": {"e": 1}}]}, "parameters among ev"),
        ({"steps": [{"operator": "exposure", "version": 1, "params": {"ev": "1"}}]}, "expected a number"),
        ({"steps": [{"operator": "exposure", "version": 1, "params": {"ev": True}}]}, "expected a number"),
        ({"steps": [{"operator": "exposure", "version": 1, "params": {"ev": 99}}]}, "expected -2 to 2 EV"),
        ({"steps": [{"operator": "exposure", "version": 1, "params": {"ev": float("nan")}}]}, "got nan"),
    ],
)
def test_a_malformed_recipe_is_refused_with_its_file(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "edit.json"
    path.write_text(json.dumps(RECIPE.to_json() | change))
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe(path, OPERATORS)
    assert "edit.json" in str(caught.value)


def test_a_step_of_an_earlier_version_gives_the_picture_that_it_gave(tmp_path: Path) -> None:
    step = {"operator": "dehaze", "version": 1, "params": {"strength": 60}}
    path = tmp_path / "edit.json"
    path.write_text(json.dumps({"format": "retouch_aes.recipe", "version": 1, "steps": [step]}))
    image = 0.5 * smooth_photo(torch.Generator().manual_seed(0), 1, 40, 60) + 0.4
    old = read_recipe(path, OPERATORS)
    assert old.to_json()["steps"] == [step | {"params": {"strength": 60.0}}]
    today = Recipe((Step(OPERATORS["dehaze"], (60.0,)),))
    assert (old.apply(image) - today.apply(image)).abs().max() > 0.02


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[]"])
def test_what_is_no_json_recipe_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "edit.json"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"edit\.json"):
        read_recipe(path, OPERATORS)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(tmp_path / "none.json", OPERATORS)


def test_strength() -> None:
    assert RECIPE.scaled(1.0) == RECIPE
    assert RECIPE.scaled(0.0).effective() == Recipe()
    assert RECIPE.scaled(0.5).steps[0].values == (0.25,)
    assert RECIPE.scaled(10.0).steps[0].values == (2.0,), "a range is never left"
    with pytest.raises(RecipeError):
        RECIPE.scaled(-1.0)


def test_an_empty_recipe_is_the_photo() -> None:
    image = smooth_photo(torch.Generator().manual_seed(0), 1, 20, 30)
    assert Recipe().apply(image) is image


def test_units_and_parameters_translate_both_ways() -> None:
    chain = EditChain(select(["exposure", "sharpening", "white_balance"]))
    units = torch.tensor([[0.5, -0.25, 1.0, 0.75], [-1.0, 0.0, 0.3, 0.0]])
    params = chain.from_units(units)
    torch.testing.assert_close(chain.to_units(params), units)
    names = dict(zip(chain.names, params[0].tolist(), strict=True))
    assert names["white_balance.temperature"] == 40.0
    assert names["exposure.ev"] == 2.0


def test_units_have_one_slope_at_neutral() -> None:
    chain = EditChain([Exposure()])
    units = torch.zeros(1, 1, requires_grad=True)
    (slope,) = torch.autograd.grad(chain.from_units(units).sum(), units)
    assert slope.item() == 2.0


def test_selection_keeps_the_order_of_application() -> None:
    assert [op.name for op in select(["clarity", "exposure", "dehaze"])] == ["dehaze", "exposure", "clarity"]
    with pytest.raises(UsageError, match="unknown operator 'glow'"):
        select(["glow"])


def test_an_operator_comes_once() -> None:
    with pytest.raises(UsageError, match="each operator once"):
        EditChain([Exposure(), Exposure()])


def black_and_white(tone: float = 0.0) -> torch.Tensor:
    """A grey photo, or with `tone` a sepia one."""
    grey = luma(smooth_photo(torch.Generator().manual_seed(3), 1, 60, 90))
    colour = torch.tensor([tone, 0.0, -1.2 * tone]).reshape(1, 3, 1, 1)
    return (grey + colour * (4 * grey * (1 - grey))).clamp(0, 1)


COLOURFUL = Recipe(
    (
        Step(WhiteBalance(), (30.0, 5.0)),
        Step(Exposure(), (0.3,)),
        Step(Saturation(), (80.0,)),
        Step(Vibrance(), (40.0,)),
    )
)


@pytest.mark.parametrize("tone", [0.0, 0.08])
def test_on_a_black_and_white_photo_edits_of_colour_are_neutral(tone: float) -> None:
    photo = black_and_white(tone)
    only_light = Recipe((Step(Exposure(), (0.3,)),))
    assert COLOURFUL.on(photo).effective() == only_light
    torch.testing.assert_close(COLOURFUL.apply(photo), only_light.apply(photo), atol=1e-5, rtol=0)


def test_a_photo_in_colour_gets_the_whole_recipe_also_beside_a_grey_one() -> None:
    colour = smooth_photo(torch.Generator().manual_seed(5), 1, 60, 90)
    assert COLOURFUL.on(colour) == COLOURFUL
    both = COLOURFUL.apply(torch.cat([colour, black_and_white()]))
    assert torch.equal(both[:1], COLOURFUL.apply(colour))
    assert (both[1].amax(0) - both[1].amin(0)).max() < 1e-5

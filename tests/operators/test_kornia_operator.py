"""Functions of kornia as operators: which keep the laws, and what is said of those that do not."""

import json
import pickle
from collections.abc import Callable
from importlib.metadata import EntryPoint

import kornia
import pytest
import torch

from retouch_aes import plugins
from retouch_aes.editing import render
from retouch_aes.errors import UsageError
from retouch_aes.operators import EditChain, KorniaOperator, Param, Recipe, installed, select
from retouch_aes.operators.kornia_operator import degrees, percent, percent_more, stops
from retouch_aes.testing import check_operator, smooth_photo

BLUR = {"kernel_size": 5, "sigma": (1.0, 1.0), "border_type": "replicate"}
enhance, filters = kornia.enhance, kornia.filters


def slider(name: str, low: float, high: float, neutral: float = 0.0, unit: str = "%") -> Param:
    return Param(name, low, high, neutral, unit, "")


def gamma() -> KorniaOperator:
    return KorniaOperator(enhance.adjust_gamma, [slider("gamma", 0.5, 2.0, 1.0, "")])


MIDTONES = KorniaOperator(
    "kornia.enhance.adjust_gamma",
    {"gamma": slider("midtones", -1, 1, unit="stops")},
    name="midtones",
    convert={"gamma": stops},
    pointwise=True,
)

KEPT: dict[str, Callable[[], KorniaOperator]] = {
    "gamma": gamma,
    "midtones": lambda: MIDTONES,
    "brightness": lambda: KorniaOperator(
        enhance.adjust_brightness,
        {"factor": slider("brightness", -50, 50)},
        convert={"factor": percent},
        fixed={"clip_output": False},
        pointwise=True,
    ),
    "contrast": lambda: KorniaOperator(
        enhance.adjust_contrast,
        {"factor": slider("gain", -50, 50)},
        convert={"factor": percent_more},
        fixed={"clip_output": False},
    ),
    "sigmoid": lambda: KorniaOperator(enhance.adjust_sigmoid, fixed={"gain": 5.0}),
    "log": lambda: KorniaOperator(enhance.adjust_log),
    "unsharp mask": lambda: KorniaOperator(filters.unsharp_mask, fixed=BLUR, limits=None, halo=3 / 96),
    "bilateral": lambda: KorniaOperator(
        filters.bilateral_blur,
        fixed={"kernel_size": 5, "sigma_color": 0.1, "sigma_space": (1.0, 1.0), "border_type": "replicate"},
        limits=None,
        halo=3 / 96,
    ),
}


def of_factor(function: Callable[..., torch.Tensor], param: Param, **settings: object) -> KorniaOperator:
    return KorniaOperator(function, {"factor": param}, **settings)  # type: ignore[arg-type]


BROKEN: dict[str, tuple[Callable[[], KorniaOperator], str]] = {
    "it clips": (
        lambda: of_factor(enhance.adjust_brightness, slider("b", -50, 50), convert={"factor": percent}),
        "adjust_brightness: .* never clips",
    ),
    "the neutral value is another": (
        lambda: of_factor(enhance.adjust_contrast, slider("c", 0, 2), fixed={"clip_output": False}),
        "adjust_contrast: neutral parameters change the photo",
    ),
    "HSV has no slope at white": (
        lambda: of_factor(enhance.adjust_hue, slider("h", -30, 30), convert={"factor": degrees}),
        "adjust_hue: neutral parameters change the photo",
    ),
    "infinite slope at black": (
        lambda: KorniaOperator(enhance.adjust_gamma, [slider("gamma", 0.5, 2, 1)], limits=(0.0, 1.0)),
        "adjust_gamma: .*",
    ),
    "it looks at the whole frame": (
        lambda: KorniaOperator("kornia.color.sepia_from_rgb"),
        "sepia_from_rgb: tiles differ from the whole",
    ),
    "it looks around": (
        lambda: KorniaOperator(filters.gaussian_blur2d, fixed=BLUR, limits=None),
        "gaussian_blur2d: tiles differ from the whole .*halo",
    ),
    "it is not pointwise": (
        lambda: KorniaOperator(filters.gaussian_blur2d, fixed=BLUR, limits=None, halo=3 / 96, pointwise=True),
        "gaussian_blur2d: a pointwise operator looks at more than its pixel",
    ),
    "no slope where two neighbours are equal": (
        lambda: KorniaOperator(filters.median_blur, fixed={"kernel_size": 3}, limits=None, halo=2 / 96),
        "median_blur: the gradient to the pixels is wrong",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_these_keep_the_laws(name: str) -> None:
    check_operator(KEPT[name]())


@pytest.mark.parametrize("name", BROKEN)
def test_the_law_that_is_broken_is_named(name: str) -> None:
    make, message = BROKEN[name]
    with pytest.raises(AssertionError, match=message):
        check_operator(make())


def test_inside_it_is_kornias_and_black_and_white_stay() -> None:
    photo = smooth_photo(torch.Generator().manual_seed(0), 2, 20, 30)
    params = torch.tensor([[0.6], [1.7]])
    edited = gamma().apply(photo, params, gamma().measure(photo))
    assert torch.equal(edited, enhance.adjust_gamma(photo, params[:, 0]))
    ends = torch.tensor([0.0, 1.0]).expand(1, 3, 1, 2)
    moved = gamma().apply(ends, torch.tensor([[0.5]]), gamma().measure(ends))
    torch.testing.assert_close(moved, ends, atol=0.0051, rtol=0)  # 1.3 of 255


def test_units_are_photographers() -> None:
    image = torch.full((1, 3, 2, 2), 0.25)
    edited = MIDTONES.apply(image, torch.tensor([[-1.0]]), MIDTONES.measure(image))
    torch.testing.assert_close(edited, image.sqrt())
    assert [float(convert(torch.tensor(50.0))) for convert in (percent, percent_more)] == [0.5, 1.5]
    assert float(degrees(torch.tensor(180.0))) == pytest.approx(torch.pi)


def test_a_function_without_a_slider_is_laid_over_the_photo() -> None:
    inverted = KorniaOperator(enhance.invert)
    image = torch.tensor([0.1, 0.5, 0.9]).expand(1, 3, 1, 3)
    half = inverted.apply(image, torch.tensor([[50.0]]), inverted.measure(image))
    assert inverted.params[0].name == "strength"
    torch.testing.assert_close(half, torch.full_like(image, 0.5))


@pytest.mark.parametrize("operator", [gamma(), MIDTONES], ids=["function", "name"])
def test_it_is_pickled_and_equal(operator: KorniaOperator) -> None:
    again = pickle.loads(pickle.dumps(operator))
    assert again == operator
    assert hash(again) == hash(operator)
    photo = smooth_photo(torch.Generator().manual_seed(0), 1, 8, 9)
    params = torch.tensor([[0.7]])
    stats = operator.measure(photo)
    assert torch.equal(again.apply(photo, params, stats), operator.apply(photo, params, stats))


def test_it_is_installed_by_an_entry_point_and_kept_in_recipes_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = [
        EntryPoint("midtones", f"{__name__}:MIDTONES", "retouch_aes.operators"),
        EntryPoint("gamma", f"{__name__}:gamma", "retouch_aes.operators"),
    ]
    monkeypatch.setattr(plugins, "_entry_points", lambda *_: points)
    assert installed()["midtones"] == MIDTONES
    assert "adjust_gamma" in installed()
    recipe = Recipe.of(EditChain(select(["exposure", "midtones"])), torch.tensor([0.3, -0.5]))
    value = json.loads(json.dumps(recipe.to_json()))
    assert value["steps"][1] == {"operator": "midtones", "version": 1, "params": {"midtones": -0.5}}
    again = Recipe.from_json(value, installed())
    photo = smooth_photo(torch.Generator().manual_seed(0), 1, 40, 60)
    assert torch.equal(render(photo, again), render(photo, recipe))


def test_what_it_stands_on_is_named() -> None:
    assert MIDTONES.kornia == gamma().kornia == ("enhance.adjust_gamma",)
    assert KorniaOperator(torch.sin).kornia == ()


def test_a_wrong_argument_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="adjust_gamma has no argument 'gama'; it has gamma, gain"):
        KorniaOperator(enhance.adjust_gamma, [slider("gama", 0.5, 2, 1)])
    with pytest.raises(UsageError, match="expected a name for recipes"):
        KorniaOperator(lambda image: image)
    with pytest.raises(UsageError, match="expected conversions of gamma, got 'gain'"):
        KorniaOperator(enhance.adjust_gamma, [slider("gamma", 0.5, 2, 1)], convert={"gain": stops})
    late = KorniaOperator("kornia.enhance.adjust_gama")
    with pytest.raises(UsageError, match="full name of a function"):
        late.apply(torch.zeros(1, 3, 2, 2), torch.ones(1, 1), late.measure(torch.zeros(1, 3, 2, 2)))

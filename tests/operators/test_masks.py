"""Masks: where they are, that strips agree with the whole, that they leave no halo, how they are stored."""

import json
from pathlib import Path

import pytest
import torch

from retouch_aes.color.guided import colour_guided_coefficients
from retouch_aes.editing import render
from retouch_aes.errors import RecipeError, UsageError
from retouch_aes.operators import (
    MASKS,
    OPERATORS,
    ColourMask,
    EditChain,
    LinearMask,
    LuminanceMask,
    Mask,
    RadialMask,
    Recipe,
    Step,
    masked,
    read_recipe,
)
from retouch_aes.operators.masks.automatic import SkinMask, SkyMask, SubjectMask
from retouch_aes.operators.masks.mask_files import parse_mask, read_masks
from retouch_aes.testing import check_operator, smooth_photo

EXPOSURE = OPERATORS["exposure"]


def halves(dark: float = 0.15, bright: float = 0.85, height: int = 80, width: int = 120) -> torch.Tensor:
    """A dark left and a bright right half, with a little grain."""
    grain = 0.01 * torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(1))
    image = torch.full((1, 3, height, width), dark)
    image[..., width // 2 :] = bright
    return (image + grain).clamp(0, 1)


def weight(mask: Mask, image: torch.Tensor) -> torch.Tensor:
    return mask.at(image, mask.measure(image)).expand(len(image), 1, *image.shape[-2:])[0, 0]


@pytest.mark.parametrize(
    ("kind", "name"), [*((kind, "exposure") for kind in MASKS if kind != "linear"), ("linear", "sharpening")]
)
def test_a_masked_operator_keeps_the_laws(kind: str, name: str) -> None:
    check_operator(masked(OPERATORS[name], [MASKS[kind]()]))


def test_luminance_takes_its_tones_and_ends_at_the_edge() -> None:
    image = halves()
    dark = weight(LuminanceMask(high=30), image)
    assert dark[:, :58].min() > 0.95
    assert dark[:, 62:].max() < 0.05
    torch.testing.assert_close(weight(LuminanceMask(high=30, invert=True), image), 1 - dark)


def test_a_masked_edit_leaves_no_halo() -> None:
    """Near the edge each side looks as it does far from it."""
    image = halves(height=400, width=600)
    lifted = Recipe((Step(masked(EXPOSURE, [LuminanceMask(high=30)]), (1.5,)),)).apply(image)
    rows = lifted[0, 1].mean(dim=0)
    before = image[0, 1].mean(dim=0)
    far_dark, far_bright = rows[50:150].mean(), rows[450:550].mean()
    assert far_dark > before[50:150].mean() + 0.07, "the dark half is lifted"
    assert (rows[240:298] - far_dark).abs().max() < 0.02
    assert (rows[302:360] - far_bright).abs().max() < 0.02


def test_colour_takes_its_hue_and_leaves_greys() -> None:
    image = torch.full((1, 3, 60, 90), 0.5)
    image[0, :, :, 30:60] = torch.tensor([0.2, 0.35, 0.8])[:, None, None]
    image[0, :, :, 60:] = torch.tensor([0.8, 0.3, 0.2])[:, None, None]
    found = weight(ColourMask(hue=225), image)
    assert found[:, 33:57].min() > 0.9
    assert found[:, :27].max() < 0.1
    assert found[:, 63:].max() < 0.1
    assert weight(ColourMask(hue=5), image)[:, 63:].min() > 0.9, "hues go round at red"


def test_gradients_lie_where_they_are_said_to() -> None:
    image = torch.zeros(1, 3, 100, 200)
    down = weight(LinearMask(full_y=0.2, zero_y=0.6), image)
    assert down[:20].min() > 0.999
    assert down[60:].max() < 0.001
    assert 0.45 < float(down[40, 0]) < 0.55
    slanted = weight(LinearMask(0.0, 0.0, 1.0, 1.0), image)
    assert slanted[0, 0] > 0.99
    assert slanted[99, 199] < 0.01
    round_ = weight(RadialMask(0.25, 0.5, 0.2, 0.4, feather=0.0), image)
    assert round_[50, 50] == 1
    assert round_[50, 72] == 0
    assert round_[71, 50] == 0
    assert round_[50, 68] == 1
    assert weight(RadialMask(0.5, 0.5, 0.5, 0.1, angle=90.0), image)[90, 100] > 0, "turned, it stands"


MASKED = Recipe(
    (
        Step(OPERATORS["contrast"], (0.1,)),
        Step(masked(EXPOSURE, [LuminanceMask(high=40), RadialMask(invert=True)]), (0.8,)),
        Step(masked(EXPOSURE, [LinearMask()]), (-0.6,)),
        Step(masked(OPERATORS["denoise"], [ColourMask(hue=200.0)]), (40.0, 60.0)),
    )
)


def test_strips_equal_the_whole() -> None:
    image = smooth_photo(torch.Generator().manual_seed(4), 1, 1500, 700)
    whole = MASKED.parts()
    chain, params = whole
    small = torch.nn.functional.interpolate(image, size=(224, 105), mode="bilinear", antialias=True).clamp(
        0, 1
    )
    expected = chain.apply_measured(image, params, chain.measure(small, params)).clamp(0, 1)
    got = render(image, MASKED, small=small, tolerance=0)
    assert (got - expected).abs().max() < 1e-5
    assert (got - image).abs().max() > 0.05


def test_a_masked_recipe_survives_its_file(tmp_path: Path) -> None:
    MASKED.save(tmp_path / "edit.json")
    said = json.loads((tmp_path / "edit.json").read_text())
    assert said["version"] == 2
    assert [("mask" in step) for step in said["steps"]] == [False, True, True, True]
    assert read_recipe(tmp_path / "edit.json", OPERATORS) == MASKED
    assert MASKED.scaled(0.5).steps[1].operator == MASKED.steps[1].operator


def test_a_recipe_without_masks_is_as_before() -> None:
    assert Recipe((Step(EXPOSURE, (0.5,)),)).to_json()["version"] == 1


def test_sliders_and_pixels_get_gradients_through_a_mask() -> None:
    chain = EditChain([masked(EXPOSURE, [LuminanceMask(low=50)])])
    image = halves().requires_grad_()
    params = torch.tensor([[0.5]], requires_grad=True)
    slope, pixels = torch.autograd.grad(chain.apply(image, params).sum(), (params, image))
    assert slope.item() > 0
    assert pixels.isfinite().all()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "expected a mask"),
        ({"kind": "hat"}, "unknown mask 'hat'; there are: luminance, colour"),
        ({"kind": ["sky"]}, "unknown mask"),
        ({"kind": "luminance", "lo": 3}, "expected settings among low, high, feather, invert, got lo"),
        ({"kind": "luminance", "low": 300}, "expected 0 to 100 for low, got 300"),
        ({"kind": "luminance", "low": "3"}, "for low, got 3"),
        ({"kind": "luminance", "low": float("nan")}, "for low, got nan"),
        ({"kind": "luminance", "low": True}, "for low, got True"),
        ({"kind": "luminance", "low": 60, "high": 50}, "low <= high"),
        ({"kind": "luminance", "invert": 1}, "true or false for invert"),
        ({"kind": "linear", "zero_y": 0}, "two different points"),
        ([{"kind": "linear"}, 3], "expected a mask"),
    ],
)
def test_a_malformed_mask_is_refused(value: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        read_masks(value)


def test_masks_are_typed() -> None:
    assert parse_mask(" not  luminance:low=60, feather=0") == LuminanceMask(60.0, feather=0.0, invert=True)
    assert parse_mask("radial") == RadialMask()
    for bad in ("", "hat", "luminance:low", "luminance:low=x", "luminance:dark=3", "luminance=60"):
        with pytest.raises(UsageError):
            parse_mask(bad)


def test_binding_a_recipe() -> None:
    recipe = Recipe((Step(EXPOSURE, (0.5,)), Step(OPERATORS["contrast"], (0.1,))), 224)
    bound = recipe.within([LinearMask()], ["exposure"]).within([RadialMask()])
    assert [step.to_json().get("mask") for step in bound.steps] == [
        [LinearMask().to_json(), RadialMask().to_json()],
        RadialMask().to_json(),
    ]
    assert bound.proxy == 224
    with pytest.raises(RecipeError, match="no step 'hsl' to bind"):
        recipe.within([LinearMask()], ["hsl"])


def test_the_colour_guide_fits_what_is_linear_in_colour() -> None:
    guide = torch.rand(2, 3, 20, 30, generator=torch.Generator().manual_seed(2))
    signal = 0.2 + guide[:, :1] - 0.5 * guide[:, 2:]
    a, b = colour_guided_coefficients(guide, signal, 4, 1e-8)
    torch.testing.assert_close((a * guide).sum(1, keepdim=True) + b, signal, atol=1e-4, rtol=0)


def scene() -> torch.Tensor:
    """Blue sky above grass, with a red figure in the middle of the grass and a blue pond at its foot."""
    generator = torch.Generator().manual_seed(6)
    image = torch.tensor([0.25, 0.45, 0.2])[None, :, None, None].expand(1, 3, 120, 160).clone()
    image[:, :, 50:] *= 1 + 0.25 * torch.randn(1, 1, 70, 160, generator=generator)
    image[:, :, :50] = torch.tensor([0.45, 0.62, 0.9])[:, None, None]
    image[:, :, 58:100, 64:96] = torch.tensor([0.8, 0.15, 0.15])[:, None, None]
    image[:, :, 110:, :30] = torch.tensor([0.45, 0.62, 0.9])[:, None, None]
    return image.clamp(0, 1)


def test_the_sky_is_above() -> None:
    found = weight(SkyMask(), scene())
    assert found[:46].mean() > 0.9
    assert found[55:].mean() < 0.1
    assert found[113:, :26].mean() < 0.2, "a pond is no sky"
    assert weight(SkyMask(), torch.full((1, 3, 60, 80), 0.2)).max() < 0.05


def test_the_subject_stands_out() -> None:
    found = weight(SubjectMask(), scene())
    assert found[62:96, 68:92].mean() > 0.7
    assert found[:40].mean() < 0.1
    assert weight(SubjectMask(), torch.full((1, 3, 60, 80), 0.5)).max() < 0.05


@pytest.mark.parametrize("skin", [(0.9, 0.72, 0.62), (0.7, 0.48, 0.36), (0.4, 0.26, 0.19)])
def test_skin_from_pale_to_dark(skin: tuple[float, float, float]) -> None:
    image = torch.full((1, 3, 90, 120), 0.5)
    image[:, :, 30:60, 40:80] = torch.tensor(skin)[:, None, None]
    image[:, :, 70:, :40] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
    image[:, :, 70:, 80:] = torch.tensor([0.2, 0.6, 0.3])[:, None, None]
    found = weight(SkinMask(), image)
    assert found[34:56, 45:75].min() > 0.7
    assert found[:25].max() < 0.1
    assert found[75:].max() < 0.2

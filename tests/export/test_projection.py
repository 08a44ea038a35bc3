import pytest
import torch

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.errors import UsageError
from retouch_aes.export.projection import project
from retouch_aes.operators import OPERATORS, Recipe, Step

SLIDERS = ("white_balance", "exposure", "contrast", "saturation")


def edit(**values: tuple[float, ...]) -> Recipe:
    return Recipe(tuple(Step(OPERATORS[name], value) for name, value in values.items()))


def test_a_recipe_is_found_again(image):
    made = edit(white_balance=(20.0, 5.0), exposure=(-0.5,), contrast=(0.3,), saturation=(-30.0,))
    found = project(image, made.apply(image), operators=SLIDERS)
    for step, right in zip(found.recipe.steps, made.steps, strict=True):
        for param, value, wanted in zip(step.operator.params, step.values, right.values, strict=True):
            assert value == pytest.approx(wanted, abs=0.02 * (param.high - param.low))
    assert found.explained > 0.95
    assert found.left < 0.3 < found.difference


def test_no_edit_is_no_recipe_and_all_of_it_explained(image):
    found = project(image, image, operators=SLIDERS)
    assert not found.recipe.steps
    assert found.explained == found.explained_with_cube == 1


def test_the_table_takes_what_sliders_cannot_say(image):
    """Red and blue changed for each other: no slider, but a function of the colour."""
    after = image.flip(1)
    found = project(image, after, operators=SLIDERS)
    assert found.explained < 0.5
    assert found.explained_with_cube > 0.8
    made = found.cube(found.recipe.apply(image))
    assert float(delta_e_2000(made, after).mean()) == pytest.approx(found.left_with_cube, abs=0.5)


def test_what_is_local_stays_unexplained(image):
    """A shadow over one half of the same colours is no function of the colour."""
    both = torch.cat([image, image], dim=3)
    after = both.clone()
    after[..., : image.shape[-1]] *= 0.5
    found = project(both, after, operators=SLIDERS)
    assert found.explained_with_cube < 0.5


def test_an_edit_that_was_made_smaller_is_explained_as_well(image):
    large = torch.nn.functional.interpolate(gaussian_blur(image, 1.0, 3), scale_factor=3, mode="bilinear")
    small = torch.nn.functional.interpolate(large, scale_factor=0.5, mode="bilinear", antialias=True)
    found = project(large, edit(exposure=(0.6,)).apply(small), operators=SLIDERS)
    assert found.explained > 0.9


def test_a_crop_is_refused(image):
    with pytest.raises(UsageError, match="cropped"):
        project(image, image[..., :50], operators=SLIDERS)

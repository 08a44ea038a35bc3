"""Noise that an edit brings out is smoothed; clean photos and texture are not touched."""

import pytest
import torch

from retouch_aes import OPERATORS, Photo, Recipe, Step
from retouch_aes.color.noise import noise_deviation, white_noise
from retouch_aes.pipeline.automatic_denoise import noise_of, raised_by, smoothed
from retouch_aes.testing import smooth_photo

BRIGHTER = Recipe((Step(OPERATORS["exposure"], (1.5,)),))
DARKER = Recipe((Step(OPERATORS["exposure"], (-0.5,)),))


def gradient(height: int = 400, width: int = 600) -> torch.Tensor:
    rows = torch.linspace(0.05, 0.35, height)[None, None, :, None]
    return (rows * torch.linspace(0.6, 1, width)).expand(1, 3, -1, -1).contiguous()


def noisy(levels: float) -> Photo:
    image = gradient()
    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    return Photo((image + levels / 255 * noise).clamp(0, 1))


@pytest.mark.parametrize("levels", [2.0, 5.0, 10.0])
def test_the_noise_is_measured(levels: float) -> None:
    luma_share = (0.299**2 + 0.587**2 + 0.114**2) ** 0.5
    assert 255 * noise_of(noisy(levels)) == pytest.approx(levels * luma_share, rel=0.2)


def test_texture_is_no_noise() -> None:
    coarse = torch.rand(1, 1, 80, 120, generator=torch.Generator().manual_seed(0))
    texture = torch.nn.functional.interpolate(coarse, scale_factor=5, mode="bicubic").clamp(0, 1)
    assert noise_of(Photo(texture.expand(1, 3, -1, -1).contiguous())) == 0


def test_a_raised_noisy_photo_is_smoothed_and_says_so() -> None:
    photo = noisy(5)
    recipe, why = smoothed(BRIGHTER, photo, photo.proxy(224))
    assert recipe.steps[0].operator.name == "denoise"
    assert "noise of" in why
    before, after = (
        255 * float((r.apply(photo.image) - BRIGHTER.apply(gradient())).std()) for r in (BRIGHTER, recipe)
    )
    assert after < 0.6 * before


def test_what_does_not_bring_noise_out_is_left() -> None:
    noise, clean = noisy(5), Photo(gradient())
    assert smoothed(DARKER, noise, noise.proxy(224)) == (DARKER, "")
    assert smoothed(BRIGHTER, clean, clean.proxy(224)) == (BRIGHTER, "")
    assert smoothed(Recipe(), noise, noise.proxy(224)) == (Recipe(), "")


def test_sharpening_brings_noise_out() -> None:
    photo = noisy(5)
    sharper = Recipe((Step(OPERATORS["sharpening"], (80.0,)),))
    assert raised_by(photo.proxy(224), sharper) > 1.5
    assert smoothed(sharper, photo, photo.proxy(224))[1]


def test_one_that_was_asked_for_stays() -> None:
    photo = noisy(5)
    asked = Recipe((Step(OPERATORS["denoise"], (10.0, 0.0)), *BRIGHTER.steps))
    assert smoothed(asked, photo, photo.proxy(224))[0] is asked


def test_tiny_pictures_have_none() -> None:
    assert noise_deviation(torch.rand(1, 1, 2, 2), 8) == 0
    assert white_noise(torch.rand(1, 1, 20, 20)) is None
    assert noise_of(Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 16, 16))) == 0

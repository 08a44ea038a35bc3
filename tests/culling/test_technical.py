"""Technical quality: what is measured is what was done to the photo."""

import math
import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes import Photo, read, score
from retouch_aes.color.blur import gaussian_blur
from retouch_aes.culling import technical_quality

CASES = Path(os.environ.get("RETOUCH_AES_TEST_DATA", "none")) / "data/cases/cull"


def moved(image: Tensor, length: int, angle: float) -> Tensor:
    """`image` seen by a camera that moved `length` pixels."""
    kernel = torch.zeros(length, length)
    for place in torch.linspace(-(length - 1) / 2, (length - 1) / 2, 8 * length).tolist():
        row, column = (round((length - 1) / 2 + place * way) for way in (math.sin(angle), math.cos(angle)))
        kernel[row, column] += 1 / (8 * length)
    padded = F.pad(image.transpose(0, 1), [length // 2] * 4, mode="replicate")
    return F.conv2d(padded, kernel[None, None]).transpose(0, 1).clamp(0, 1)


def noisy(image: Tensor, deviation: float) -> Tensor:
    grain = torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    return (image + deviation / 255 * grain).clamp(0, 1)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 4.0])
def test_the_blur_is_the_one_that_was_made(leaves, sigma):
    for seed in range(3):
        blur = technical_quality(Photo(gaussian_blur(leaves(seed), sigma, 16))).blur
        assert blur == pytest.approx(sigma, abs=0.6)


@pytest.mark.parametrize("angle", [0.0, 0.6, math.pi / 2, 2.2])
def test_a_moving_camera_is_seen_in_every_direction(leaves, angle):
    for seed in range(3):
        sharp, *blurred = (
            technical_quality(Photo(image)).sharpness
            for image in (leaves(seed), moved(leaves(seed), 9, angle), moved(leaves(seed), 15, angle))
        )
        assert max(blurred) < sharp - 0.1


@pytest.mark.parametrize(("sigma", "deviation"), [(2, 5), (2, 10), (2, 20), (4, 10)])
def test_noise_does_not_hide_blur(leaves, sigma, deviation):
    for seed in range(2):
        soft = gaussian_blur(leaves(seed), sigma, 3 * sigma)
        clean, grainy = (technical_quality(Photo(one)) for one in (soft, noisy(soft, deviation)))
        sharp = technical_quality(Photo(noisy(leaves(seed), deviation)))
        assert 0.65 * clean.blur < grainy.blur < 1.35 * clean.blur
        assert grainy.technical < clean.technical + 0.5
        assert sharp.blur < 0.6 * grainy.blur


def test_what_is_sharpest_is_the_subject(leaves):
    sharp = leaves(0)
    portrait = gaussian_blur(sharp, 4, 16)
    portrait[..., 64:192, 128:256] = sharp[..., 64:192, 128:256]
    found = [technical_quality(Photo(image)).blur for image in (sharp, portrait, gaussian_blur(sharp, 4, 16))]
    assert found[1] < 2 * found[0] < 0.5 * found[2]


def test_noise_is_told_from_detail_and_does_not_pass_for_sharpness(leaves):
    soft = gaussian_blur(leaves(1), 2, 8)
    clean, grainy = technical_quality(Photo(soft)), technical_quality(Photo(noisy(soft, 10)))
    assert clean.noise < 1
    assert 7 * 0.6 < grainy.noise < 12  # luma of three independent channels has less than 10
    assert grainy.blur > 1.8 * technical_quality(Photo(leaves(1))).blur
    assert (
        grainy.technical < technical_quality(Photo(leaves(1))).technical - 3
    )  # noise hides some of the blur


def test_light_is_in_stops(leaves):
    image = 0.5 * leaves(2) + 0.2
    linear = image**2.2
    stop = technical_quality(Photo((linear / 4) ** (1 / 2.2))).light - technical_quality(Photo(image)).light
    assert stop == pytest.approx(-2, abs=0.2)
    bright = technical_quality(Photo((3 * image).clamp(0, 1)))
    assert bright.clipped > 0.3
    assert bright.technical < technical_quality(Photo(image)).technical


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("size", [(1, 1), (2, 40), (33, 33), (64, 900)])
def test_plain_frames_of_any_size_have_no_sharpness(value, size):
    found = technical_quality(Photo(torch.full((1, 3, *size), value)))
    assert found.blur is None
    assert found.technical == 1
    assert found.noise == 0


@pytest.mark.skipif(not CASES.is_dir(), reason="needs the cull cases: RETOUCH_AES_TEST_DATA")
def test_real_cases_are_in_the_right_order():
    bad = {path.stem: path for path in CASES.glob("bad_*")}
    good = sorted(CASES.glob("good_*"))
    worst = min(score(path, device="cpu").score for path in good)
    assert max(score(path, device="cpu").score for path in bad.values()) < worst
    least = min(technical_quality(read(path)).technical for path in good)
    assert max(technical_quality(read(path)).technical for path in bad.values()) < least

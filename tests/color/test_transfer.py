from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from retouch_aes.color.clamp import OUTSIDE, soft_clamp
from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import oklab_distance, srgb_to_oklab
from retouch_aes.color.resize import proxy
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear


def curve(value: float) -> float:
    """The standard's, number by number."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def test_the_curve_is_the_standards_beyond_the_range_too() -> None:
    image = torch.linspace(-0.5, 1.8, 3 * 64, dtype=torch.float64).reshape(1, 3, 8, 8)
    light = image.clone().apply_(curve)
    torch.testing.assert_close(srgb_to_linear(image), light, atol=1e-12, rtol=0)
    torch.testing.assert_close(linear_to_srgb(light), image, atol=1e-6, rtol=0)


def test_it_is_undone_beyond_the_range_too_with_a_finite_gradient() -> None:
    image = torch.linspace(-0.5, 1.8, 402).reshape(3, 1, 134).requires_grad_()
    back = linear_to_srgb(srgb_to_linear(image))
    torch.testing.assert_close(back, image, atol=1e-5, rtol=0)
    (gradient,) = torch.autograd.grad(back.sum(), image)
    torch.testing.assert_close(gradient, torch.ones_like(gradient), atol=1e-3, rtol=0)


@pytest.mark.parametrize("function", [srgb_to_linear, linear_to_srgb])
def test_the_gradient_is_finite_at_the_corners_of_the_curve(function: Callable[[Tensor], Tensor]) -> None:
    corners = torch.tensor([-9.0, -0.055, -0.05, -1e-12, 0.0, 1e-12, 0.0031308, 0.04045, 1.0, 9.0])
    image = corners.expand(1, 3, 1, -1).clone().requires_grad_()
    (gradient,) = torch.autograd.grad(function(image).sum(), image)
    assert bool(gradient.isfinite().all())
    assert bool((gradient > 0).all())


def test_luma_weighs_the_channels_and_keeps_grey() -> None:
    assert torch.allclose(luma(torch.full((1, 3, 2, 2), 0.37)), torch.tensor(0.37))
    red = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    assert torch.allclose(luma(red), torch.tensor(0.2126))


def test_oklab_of_known_colours() -> None:
    """White and red, as Ottosson gives them."""
    colours = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]).reshape(2, 3, 1, 1)
    expected = torch.tensor([[1.0, 0.0, 0.0], [0.62796, 0.22486, 0.12585]])
    torch.testing.assert_close(srgb_to_oklab(colours).flatten(1), expected, atol=1e-4, rtol=0)


def test_oklab_has_a_finite_gradient_at_black() -> None:
    black = torch.zeros(1, 3, 2, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(srgb_to_oklab(black).sum(), black)
    assert bool(gradient.isfinite().all())


def test_the_distance_is_nought_for_equal_photos_and_grows() -> None:
    image = torch.full((1, 3, 8, 8), 0.5)
    assert oklab_distance(image, image).item() < 1e-3
    assert oklab_distance(image + 0.1, image) > oklab_distance(image + 0.05, image) > 0.02


def test_the_clamp_is_hard_forward_and_lets_some_gradient_back() -> None:
    image = torch.tensor([-0.2, 0.0, 0.5, 1.0, 1.3], requires_grad=True)
    clamped = soft_clamp(image)
    assert clamped.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    (gradient,) = torch.autograd.grad(clamped.sum(), image)
    torch.testing.assert_close(gradient, torch.tensor([OUTSIDE, 1.0, 1.0, 1.0, OUTSIDE]))


def test_a_proxy_keeps_the_shape_and_never_enlarges() -> None:
    image = torch.rand(1, 3, 200, 300)
    assert proxy(image, 150).shape == (1, 3, 100, 150)
    assert proxy(image, 300) is image
    assert proxy(torch.rand(1, 3, 2, 900), 100).shape == (1, 3, 1, 100)

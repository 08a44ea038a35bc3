import pytest
import torch
import torch.nn.functional as F
from kornia.filters import guided_blur
from kornia.morphology import erosion

from retouch_aes.color.guided import box_mean, guided_coefficients
from retouch_aes.color.haze import airlight, dark_channel


@pytest.mark.parametrize("radius", [0, 1, 4, 60])
def test_the_box_mean_is_a_plain_mean_cut_at_the_border(radius: int) -> None:
    image = torch.rand(2, 1, 20, 27, generator=torch.Generator().manual_seed(0))
    side = 2 * radius + 1
    window = torch.ones(1, 1, side, side)
    expected = F.conv2d(image, window, padding=radius) / F.conv2d(
        torch.ones_like(image), window, padding=radius
    )
    torch.testing.assert_close(box_mean(image, radius), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 6])
def test_the_dark_channel_is_a_plain_minimum(radius: int) -> None:
    image = torch.rand(2, 3, 20, 27, generator=torch.Generator().manual_seed(0))
    expected = -F.max_pool2d(-image.amin(1, keepdim=True), 2 * radius + 1, 1, radius)
    assert torch.equal(dark_channel(image, radius), expected)


def test_the_guided_filter_keeps_an_edge_and_flattens_noise() -> None:
    generator = torch.Generator().manual_seed(0)
    edge = (torch.arange(40) >= 20).float().expand(1, 1, 40, 40)
    noisy = edge + 0.02 * torch.randn(edge.shape, generator=generator)
    a, b = guided_coefficients(noisy, noisy, 4, 0.01)
    base = a * noisy + b
    assert (base - edge)[..., :15].std() < 0.4 * (noisy - edge)[..., :15].std()
    assert (base[..., 21] - base[..., 18]).mean() > 0.85


def test_the_guided_filter_is_kornias_away_from_the_border() -> None:
    generator = torch.Generator().manual_seed(0)
    guide, signal = torch.rand(2, 1, 1, 40, 50, dtype=torch.float64, generator=generator)
    a, b = guided_coefficients(guide, signal, 3, 0.01)
    expected = guided_blur(guide, signal, 7, 0.01)
    inner = (..., slice(6, -6), slice(6, -6))  # kornia mirrors the frame, ours ends there
    torch.testing.assert_close((a * guide + b)[inner], expected[inner], atol=1e-9, rtol=0)


@pytest.mark.parametrize("radius", [1, 3, 8])
def test_the_dark_channel_is_kornias_erosion(radius: int) -> None:
    image = torch.rand(2, 3, 20, 27, generator=torch.Generator().manual_seed(0))
    window = torch.ones(2 * radius + 1, 2 * radius + 1)
    assert torch.equal(dark_channel(image, radius), erosion(image.amin(1, keepdim=True), window))


def test_the_airlight_is_found_under_a_known_veil() -> None:
    generator = torch.Generator().manual_seed(0)
    scene = torch.rand(1, 3, 60, 60, generator=generator) * (
        torch.rand(1, 3, 60, 60, generator=generator) > 0.5
    )
    air = torch.tensor([0.9, 0.85, 0.8]).reshape(1, 3, 1, 1)
    clear = torch.linspace(0.05, 1, 60).reshape(1, 1, 60, 1)
    hazy = scene * clear + air * (1 - clear)
    found = airlight(hazy, dark_channel(hazy, 2))
    torch.testing.assert_close(found, air[:, :, 0, 0], atol=0.06, rtol=0)

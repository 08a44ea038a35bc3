import kornia
import pytest
import torch

from retouch_aes.color.blur import gaussian_blur


@pytest.mark.parametrize("border", ["replicate", "reflect"])
@pytest.mark.parametrize(("sigma", "reach"), [(1.5, 5), (0.4, 1), (3.0, 9)])
def test_it_agrees_with_kornia(sigma: float, reach: int, border: str) -> None:
    image = torch.rand(2, 3, 30, 41, generator=torch.Generator().manual_seed(0))
    size = (2 * reach + 1, 2 * reach + 1)
    expected = kornia.filters.gaussian_blur2d(image, size, (sigma, sigma), border_type=border)
    torch.testing.assert_close(gaussian_blur(image, sigma, reach, border=border), expected, atol=1e-6, rtol=0)

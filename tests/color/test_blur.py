import pytest
import torch
import torch.nn.functional as F

from retouch_aes.color.blur import gaussian_blur


@pytest.mark.parametrize("size", [(30, 41), (300, 401)])  # kornia takes another way from 65,536 px on
@pytest.mark.parametrize("border", ["replicate", "reflect"])
@pytest.mark.parametrize(("sigma", "reach"), [(1.5, 5), (0.4, 1), (3.0, 9)])
def test_it_is_the_sum_over_a_window(sigma: float, reach: int, border: str, size: tuple[int, int]) -> None:
    image = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    window = line[:, None] * line / line.sum() ** 2
    padded = F.pad(image, (reach,) * 4, mode=border).flatten(0, 1)[:, None]
    expected = F.conv2d(padded, window[None, None]).view_as(image)
    torch.testing.assert_close(gaussian_blur(image, sigma, reach, border=border), expected, atol=2e-6, rtol=0)


def test_the_gradient_is_right() -> None:
    image = torch.rand(1, 2, 7, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda x: gaussian_blur(x, 1.0, 3), (image.requires_grad_(),))

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from retouch_aes.color.lab import srgb_to_lab


def image_of(*colours):
    return torch.tensor(colours, dtype=torch.float64).T.reshape(1, 3, 1, len(colours))


def test_agrees_with_scikit_image():
    image = torch.rand(2, 3, 9, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = rgb2lab(image.permute(0, 2, 3, 1).numpy())
    assert np.allclose(srgb_to_lab(image).permute(0, 2, 3, 1).numpy(), expected, atol=0.03)


def test_published_corners():
    # Lab of the sRGB primaries (Lindbloom, D65).
    lab = srgb_to_lab(image_of((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0)))[0, :, 0].T
    expected = [
        (53.24, 80.09, 67.20),
        (87.73, -86.18, 83.18),
        (32.30, 79.19, -107.86),
        (100, 0, 0),
        (0, 0, 0),
    ]
    assert torch.allclose(lab, torch.tensor(expected, dtype=torch.float64), atol=0.05)


def test_greys_have_no_colour():
    grey = torch.linspace(0, 1, 21, dtype=torch.float64).expand(1, 3, 1, 21)
    lab = srgb_to_lab(grey)
    assert lab[:, 1:].abs().max() < 0.005
    assert (lab[0, 0, 0].diff() > 0).all()


@pytest.mark.parametrize("colour", [(0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (0.9, 0.2, 0)])
def test_gradient_is_right_and_finite(colour):
    image = image_of(colour).requires_grad_()
    assert torch.autograd.gradcheck(srgb_to_lab, (image,))


def test_float32_stays_float32():
    assert srgb_to_lab(torch.rand(1, 3, 4, 4)).dtype == torch.float32

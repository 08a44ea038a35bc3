import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes.models.resize import fit_whole, whole_size


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((400, 500), (179, 224)),
        ((500, 400), (224, 179)),
        ((32, 32), (224, 224)),
        ((224, 224), (224, 224)),
        ((100, 700), (32, 224)),
        ((100, 1000), (32, 320)),
        ((1000, 100), (320, 32)),
        ((33, 10_000), (32, 1568)),
    ],
)
def test_whole_size(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert whole_size(*size, side=224) == expected


def test_area_and_short_side_are_bounded() -> None:
    for height in range(32, 400, 41):
        for width in range(32, 4000, 409):
            tall, wide = whole_size(height, width, 224)
            assert min(tall, wide) >= 32
            assert tall * wide <= 224 * 224


def test_a_photo_that_fits_is_returned_itself() -> None:
    image = torch.rand(1, 3, 100, 224)
    assert fit_whole(image, 224) is image


def test_twice_is_once() -> None:
    once = fit_whole(torch.rand(1, 3, 77, 310), 224)
    assert fit_whole(once, 224) is once


def test_agrees_with_pillow() -> None:
    image = torch.rand(1, 3, 90, 160)
    ours = fit_whole(image, 64)[0]
    theirs = Image.fromarray(image[0, 0].numpy()).resize((64, 36), Image.Resampling.BILINEAR)
    assert torch.allclose(ours[0], torch.from_numpy(np.array(theirs)), atol=1e-5)


def test_gradient_reaches_every_pixel() -> None:
    image = torch.rand(1, 1, 40, 50, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: fit_whole(x, 32), (image,), fast_mode=True)
    (gradient,) = torch.autograd.grad(fit_whole(image, 32).sum(), image)
    assert (gradient > 0).all()

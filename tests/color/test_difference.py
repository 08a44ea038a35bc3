import numpy as np
import pytest
import torch
from skimage.color import deltaE_cie76, deltaE_ciede2000, rgb2lab

from retouch_aes.color.difference import _ciede2000, delta_e_76, delta_e_2000
from retouch_aes.errors import UsageError

# Sharma, Wu and Dalal (2005), table 1: L1 a1 b1 L2 a2 b2, Delta E 2000.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""


def random_images(*shape, seed):
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_the_34_published_pairs():
    rows = [[float(word) for word in line.split()] for line in SHARMA.strip().splitlines()]
    table = torch.tensor(rows, dtype=torch.float64)
    assert len(table) == 34
    first, second = (table[:, cut].reshape(-1, 3, 1, 1) for cut in (slice(0, 3), slice(3, 6)))
    for found in (_ciede2000(first, second), _ciede2000(second, first)):
        assert (found.flatten() - table[:, 6]).abs().max() < 1e-4


@pytest.mark.parametrize(
    ("ours", "theirs"), [(delta_e_76, deltaE_cie76), (delta_e_2000, deltaE_ciede2000)], ids=["76", "2000"]
)
def test_agrees_with_scikit_image(ours, theirs):
    image, reference = random_images(2, 3, 16, 11, seed=1), random_images(2, 3, 16, 11, seed=2)
    lab1, lab2 = (rgb2lab(x.permute(0, 2, 3, 1).numpy()) for x in (image, reference))
    found = ours(image, reference)
    assert found.shape == (2, 16, 11)
    assert np.allclose(found.numpy(), theirs(lab1, lab2), atol=0.05)


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000])
def test_zero_for_equal_images_with_zero_gradient(difference):
    image = random_images(1, 3, 4, 4, seed=3).requires_grad_()
    value = difference(image, image.detach())
    value.sum().backward()
    assert value.abs().max() == 0
    assert image.grad is not None
    assert image.grad.abs().max() == 0


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000])
def test_symmetric_up_to_rounding(difference):
    image, reference = random_images(1, 3, 8, 8, seed=4), random_images(1, 3, 8, 8, seed=5)
    assert torch.allclose(difference(image, reference), difference(reference, image))


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000])
def test_gradcheck_between_colours(difference):
    image, reference = random_images(1, 3, 3, 3, seed=6).requires_grad_(), random_images(1, 3, 3, 3, seed=7)
    assert torch.autograd.gradcheck(difference, (image, reference))


@pytest.mark.parametrize("difference", [delta_e_76, delta_e_2000])
@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradient_is_finite_at_greys(difference, level, dtype):
    image = torch.full((1, 3, 2, 2), level, dtype=dtype, requires_grad=True)
    reference = torch.tensor([0.0, 0.5, 1.0, 0.3], dtype=dtype).expand(1, 3, 4).reshape(1, 3, 2, 2)
    difference(image, reference).sum().backward()
    assert image.grad is not None
    assert image.grad.isfinite().all()


def test_two_shapes_are_refused():
    with pytest.raises(UsageError, match=r"\(1, 3, 4, 4\) and \(1, 3, 4, 5\)"):
        delta_e_2000(torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 5))

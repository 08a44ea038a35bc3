import pytest
import torch

from retouch_aes.bench.common.baselines import BASELINES, autocontrast_tone, equalize, grey_world, identity
from retouch_aes.bench.common.degradations import Degradation, quantise
from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import srgb_to_linear


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_gives_a_photo_back(photo, name):
    before = photo.clone()
    repaired = BASELINES[name](photo)
    assert repaired.shape == photo.shape
    assert repaired.dtype == photo.dtype
    assert 0 <= repaired.min() <= repaired.max() <= 1
    assert torch.equal(photo, before)


def test_identity_is_the_photo(photo):
    assert torch.equal(identity(photo), photo)


def test_grey_world_makes_the_mean_grey_and_keeps_the_luminance(photo):
    cast = Degradation("cast", warm=0.2, green=0.1).apply(photo * 0.6 + 0.1)
    before, after = (
        srgb_to_linear(image).mean(dim=(2, 3), keepdim=True) for image in (cast, grey_world(cast))
    )
    assert (after.amax() - after.amin()) < 1e-3
    assert torch.allclose(luma(after), luma(before), atol=1e-3)


def test_autocontrast_stretches_a_flat_photo(photo):
    flat = quantise(photo * 0.4 + 0.3)
    stretched = autocontrast_tone(flat)
    assert stretched.min() == 0
    assert stretched.max() > 0.99
    assert equalize(flat).std() > flat.std()

import json

import pytest
import torch

from retouch_aes.bench.common.degradations import KINDS, Degradation, draw, quantise
from retouch_aes.color.transfer import srgb_to_linear
from retouch_aes.errors import UsageError


def test_no_amount_changes_nothing(photo):
    assert torch.equal(Degradation("none").apply(photo), photo)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_the_photo_and_stays_on_the_8_bit_grid(photo, kind):
    for degradation in draw("one.png", per_kind=4):
        if degradation.kind == kind:
            degraded = degradation.apply(photo)
            assert degraded.shape == photo.shape
            assert torch.equal(quantise(degraded), degraded)
            assert (degraded - photo).abs().mean() > 0.005


def test_batch_equals_singles(photo):
    batch = torch.cat([photo, photo.flip(2)])
    for degradation in draw("one.png"):
        singles = torch.cat([degradation.apply(batch[:1]), degradation.apply(batch[1:])])
        assert torch.allclose(degradation.apply(batch), singles, atol=1 / 255 + 1e-6)


def test_a_seed_and_a_name_give_the_same_list_and_others_do_not():
    assert draw("a.jpg", seed=3) == draw("a.jpg", seed=3)
    assert draw("a.jpg", seed=3) != draw("a.jpg", seed=4)
    assert draw("a.jpg", seed=3) != draw("b.jpg", seed=3)


def test_more_of_a_kind_keep_the_first_ones():
    assert draw("a.jpg", per_kind=4)[:2] == draw("a.jpg", per_kind=2)[:2]
    with pytest.raises(UsageError, match="got 0"):
        draw("a.jpg", per_kind=0)


def test_both_directions_of_every_kind():
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        by_kind = {kind: [d for d in draw(name) if d.kind == kind] for kind in KINDS}
        assert all(len(found) == 2 for found in by_kind.values())
        for amount, neutral in (("exposure", 0), ("contrast", 1), ("saturation", 1)):
            low, high = sorted(getattr(degradation, amount) for degradation in by_kind[amount])
            assert low < neutral < high


def test_amounts_are_moderate():
    found = [degradation for index in range(50) for degradation in draw(f"{index}.jpg")]
    for one in (d for d in found if d.kind == "exposure"):
        assert 0.5 <= abs(one.exposure) <= 1.5
    for one in (d for d in found if d.kind == "cast"):
        assert 0.12 <= max(abs(one.warm), abs(one.green)) <= 0.30
    for one in (d for d in found if d.kind in ("haze", "compound")):
        assert 0.4 <= one.transmission <= 0.95
        assert all(0.7 <= value <= 1 for value in one.airlight)


def test_exposure_is_a_gain_in_linear_light(photo):
    dark = Degradation("exposure", exposure=-1).apply(photo)
    assert torch.allclose(srgb_to_linear(dark), srgb_to_linear(photo) / 2, atol=0.006)


def test_warm_and_green_move_their_channels():
    grey = torch.full((1, 3, 2, 2), 0.5)
    warm = Degradation("cast", warm=0.2).apply(grey)[0, :, 0, 0]
    assert warm[0] > warm[1] > warm[2]
    magenta = Degradation("cast", green=-0.2).apply(grey)[0, :, 0, 0]
    assert magenta[0] == magenta[2] > magenta[1]


def test_haze_is_thicker_at_the_top_and_nears_the_airlight():
    black = torch.zeros(1, 3, 50, 2)
    haze = Degradation("haze", transmission=0.5, nearness=0.2, airlight=(0.8, 0.9, 1.0)).apply(black)
    column = haze[0, :, :, 0]
    assert (column.diff(dim=1) <= 0).all()
    assert torch.allclose(column[:, 0], 0.5 * torch.tensor([0.8, 0.9, 1.0]), atol=0.01)
    assert torch.allclose(column[1, -1], torch.tensor(0.9 * (1 - 0.5**0.2)), atol=0.01)


def test_saturation_zero_is_grey_and_contrast_zero_is_flat(photo):
    assert Degradation("saturation", saturation=0).apply(photo).std(dim=1).max() < 1e-6
    assert Degradation("contrast", contrast=0).apply(photo).unique().numel() == 1


def test_json_lists_every_amount():
    degradation = draw("a.jpg")[-1]
    values = json.loads(json.dumps(degradation.to_json()))
    assert Degradation(**{**values, "airlight": tuple(values["airlight"])}) == degradation
    assert str(Degradation("exposure", exposure=-1.2)) == "exposure: exposure -1.20"

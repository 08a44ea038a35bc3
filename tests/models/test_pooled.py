"""`PooledScorer`: the laws of a model, its backbone's statistics, its features, a head in closed form."""

import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.models import AestheticModel, FeatureModel, PooledScorer
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.featured import check_generic, features_and_score
from retouch_aes.models.preprocessing import IMAGENET_DEVIATION, IMAGENET_MEAN
from retouch_aes.models.ridge_head import ridge_head
from retouch_aes.papers.kong.model import Kong
from retouch_aes.testing import check_model, smooth_photo


def small() -> CompactBackbone:
    torch.manual_seed(0)
    return CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1))


@pytest.mark.parametrize("settings", [{}, {"maps": 3, "deviations": True}, {"hidden": 5}])
def test_the_laws_of_a_model(settings) -> None:
    check_model(PooledScorer(small(), side=64, **settings))


def test_features_are_means_and_deviations_of_the_deepest_maps() -> None:
    model = PooledScorer(small(), side=64, maps=2, deviations=True).eval()
    image = smooth_photo(torch.Generator().manual_seed(1), 2, 64, 48)
    maps = model.maps(image)[-2:]
    expected = []
    for one in maps:
        flat = one.flatten(2)
        expected += [flat.mean(2), (flat.var(2, correction=0) + 1e-6).sqrt()]
    assert torch.allclose(model.features(image), torch.cat(expected, 1), atol=1e-6)
    assert model.feature_size == 2 * (16 + 24)


def test_the_backbones_own_statistics_and_side_are_used() -> None:
    pytest.importorskip("timm")
    model = PooledScorer("timm:tf_efficientnet_lite2")
    assert model.prepare.side == 260
    image = torch.full((1, 3, 256, 192), 0.75)
    assert torch.allclose(model.prepare(image), torch.full_like(image, 0.5))  # mean and deviation .5
    assert "mean (0.5, 0.5, 0.5)" in model.preprocessing
    fixed = PooledScorer("timm:test_vit")
    assert fixed.prepare(torch.rand(1, 3, 100, 300)).shape[-2:] == (fixed.backbone.side,) * 2
    with pytest.raises(UsageError, match="only, got a side of 64"):
        PooledScorer("timm:test_vit", side=64)
    plain = PooledScorer(small())
    assert (plain.backbone.mean, plain.backbone.deviation) == (IMAGENET_MEAN, IMAGENET_DEVIATION)


def test_a_head_in_closed_form_finds_a_linear_taste() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(400, 6, generator=generator) * torch.tensor([1, 10, 0.1, 1, 1, 1]) + 3
    truth = 5.5 + (features - 3) @ torch.tensor([0.4, -0.05, 3.0, 0, 0, 0.2])
    head = ridge_head(features[:300], truth[:300].clamp(1, 10), penalty=1e-3)
    steps = torch.arange(1, 11.0)
    found = (head(features[300:]).softmax(1) * steps).sum(1)
    assert torch.corrcoef(torch.stack([found, truth[300:]]))[0, 1] > 0.99
    near = (truth[300:] - 5.5).abs() < 1
    assert (found - truth[300:])[near].abs().max() < 0.15
    held = ridge_head(features[:300], truth[:300].clamp(1, 10), penalty=1e6)
    flat = (held(features).softmax(1) * steps).sum(1)
    assert flat.std() < 1e-3


def test_fit_makes_a_scorer_of_it() -> None:
    model = PooledScorer(small(), side=64)
    photos = smooth_photo(torch.Generator().manual_seed(2), 12, 64, 64)
    with torch.no_grad():
        features = model.eval().features(photos)
    wanted = torch.linspace(3, 8, 12)
    scores = model.fit(features, wanted, penalty=1e-4)(photos)
    assert (scores.argsort() == wanted.argsort()).all()
    for bad in ((features[:, :3], wanted), (features, wanted[:3]), (features, wanted * 2)):
        with pytest.raises(UsageError):
            model.fit(*bad)


def test_what_has_features_is_a_feature_model() -> None:
    class Plain(AestheticModel):
        preprocessing = "none"

        def distribution(self, image):
            return image.new_full((len(image), 10), 0.1)

    model = PooledScorer(small(), side=64).eval()
    assert isinstance(model, FeatureModel)
    assert isinstance(Kong(model), FeatureModel)
    image = smooth_photo(torch.Generator().manual_seed(3), 2, 64, 64)
    features, score = features_and_score(model, image)
    assert torch.equal(features, model.features(image))
    assert torch.allclose(score, model(image))
    with pytest.raises(UsageError, match="a model with features"):
        check_generic(Plain())
    with pytest.raises(UsageError, match="expected a body"):
        Kong(torch.nn.Identity())


def test_a_pooled_body_of_kongs_network_survives_its_config() -> None:
    pytest.importorskip("timm")
    model = Kong(PooledScorer("timm:test_resnet", side=64))
    again = Kong.from_config(model.config)
    again.load_state_dict(model.state_dict())
    image = smooth_photo(torch.Generator().manual_seed(4), 1, 64, 64)
    assert torch.equal(again.eval()(image), model.eval()(image))

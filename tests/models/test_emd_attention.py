import copy

import pytest
import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss
from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.emd_attention import SpatialAttention
from retouch_aes.models.preprocessing import AspectResize
from retouch_aes.testing import check_model


def model(seed: int = 0, **settings: object) -> EMDAttention:
    torch.manual_seed(seed)
    return EMDAttention(**settings).eval()  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def scorer() -> EMDAttention:
    return model(side=96)


def photos(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("attention", [True, False])
def test_laws(attention: bool) -> None:
    check_model(model(side=96, attention=attention))


@pytest.mark.parametrize("size", [(33, 500), (500, 33), (32, 32), (50, 2000)])
def test_any_size_and_shape(scorer: EMDAttention, size: tuple[int, int]) -> None:
    image = photos(2, 3, *size).requires_grad_()
    scores = scorer(image)
    (gradient,) = torch.autograd.grad(scores.sum(), image)
    assert scores.shape == (2,)
    assert gradient.isfinite().all()
    assert gradient.abs().amax((1, 2, 3)).min() > 0


def test_a_fresh_model_is_undecided(scorer: EMDAttention) -> None:
    distribution = scorer.distribution(photos(4, 3, 64, 96))
    scores = torch.arange(1, 11)
    mean = (distribution * scores).sum(-1)
    spread = (distribution * (scores - mean[:, None]) ** 2).sum(-1).sqrt()
    assert mean.sub(5.5).abs().max() < 0.3
    assert ((spread > 1) & (spread < 2)).all()


def test_attention_as_printed() -> None:
    torch.manual_seed(0)
    attention = SpatialAttention(4, 5)
    maps, guide = torch.randn(1, 4, 3, 2), torch.randn(1, 5, 1, 1)
    where = torch.einsum("cd,d->c", attention.project.weight[:, :, 0, 0], guide[0, :, 0, 0])
    vector = attention.score.weight[0, :, 0, 0]
    positions = [(i, j) for i in range(3) for j in range(2)]
    powers = [((maps[0, :, i, j] + where) @ vector).exp() for i, j in positions]
    attended = sum(p / sum(powers) * maps[0, :, i, j] for p, (i, j) in zip(powers, positions, strict=True))
    assert torch.allclose(attention(maps, guide)[0], attended, atol=1e-6)


def test_attention_weights_sum_to_one(scorer: EMDAttention) -> None:
    for weights in scorer.attention_weights(photos(2, 3, 64, 96)):
        assert weights.sum((1, 2, 3)).tolist() == pytest.approx([1, 1], abs=1e-5)
    with pytest.raises(UsageError, match="attention=False"):
        model(side=32, attention=False).attention_weights(photos(1, 3, 32, 32))


def test_features_feed_the_head(scorer: EMDAttention) -> None:
    image = photos(2, 3, 48, 64)
    features = scorer.features(image)
    assert features.shape == (2, scorer.feature_size)
    assert torch.allclose(scorer.head(features).softmax(-1), scorer.distribution(image))


def test_the_means_of_all_maps_stand_beside_what_attention_finds() -> None:
    with_means, without = model(side=96, means=True, hidden=8), model(side=96, hidden=8)
    image = photos(2, 3, 96, 96)
    features, maps = with_means.features(image), with_means.backbone(with_means.prepare(image))
    assert features.shape == (2, with_means.feature_size)
    width = without.feature_size
    torch.testing.assert_close(features[:, :width], without.features(image))
    torch.testing.assert_close(features[:, width:], torch.cat([m.mean((-2, -1)) for m in maps], dim=1))
    check_model(with_means)


def test_a_photo_is_seen_in_steps_of_eight_pixels() -> None:
    assert AspectResize(192)(photos(1, 3, 400, 500)).shape[-2:] == (152, 192)
    assert AspectResize(96)(photos(1, 3, 33, 500)).shape[-2:] == (32, 288)


def test_fingerprint_names_weights_and_preparation(scorer: EMDAttention) -> None:
    twin = copy.deepcopy(scorer)
    assert twin.fingerprint == scorer.fingerprint
    assert model(side=128).fingerprint != scorer.fingerprint
    with torch.no_grad():
        twin.head.bias[0] += 1e-3
    assert twin.fingerprint != scorer.fingerprint


def test_autocast_keeps_the_score(scorer: EMDAttention) -> None:
    image = photos(2, 3, 96, 64)
    with torch.autocast("cpu", torch.bfloat16):
        scores = scorer(image)
    assert scores.dtype == torch.float32
    assert torch.allclose(scores, scorer(image), atol=0.02)


def test_other_precisions_of_the_photo(scorer: EMDAttention) -> None:
    image = photos(1, 3, 64, 64)
    assert torch.allclose(scorer(image.half()), scorer(image), atol=1e-2)
    assert torch.allclose(scorer(image.double()), scorer(image), atol=1e-5)


def test_as_a_loss_it_improves_the_photo_by_its_own_measure(scorer: EMDAttention) -> None:
    loss = AestheticLoss(scorer)
    image = photos(1, 3, 64, 64).requires_grad_()
    before = loss(image)
    (gradient,) = torch.autograd.grad(before, image)
    after = loss(image.detach() - 0.01 * gradient.sign())
    assert after < before


def test_config_builds_it_again() -> None:
    backbone = CompactBackbone((4, 8, 12, 16), (1, 1, 1, 1))
    small = EMDAttention(backbone, side=64, attention=False)
    again = EMDAttention.from_config(small.config)
    again.load_state_dict(small.state_dict())
    assert again.fingerprint == small.fingerprint
    assert again.config == small.config


def test_refuses_what_it_cannot_score(scorer: EMDAttention) -> None:
    for image in (
        torch.rand(3, 64, 64),
        torch.rand(1, 1, 64, 64),
        torch.rand(1, 3, 31, 64),
        torch.ones(1, 3, 64, 64, dtype=torch.uint8),
    ):
        with pytest.raises(UsageError, match="expected"):
            scorer(image)
    with pytest.raises(UsageError, match="'resnet'"):
        EMDAttention("resnet")
    with pytest.raises(UsageError, match="at least 32"):
        EMDAttention(side=16)

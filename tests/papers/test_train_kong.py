from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Generator

from retouch_aes.datasets import Ratings
from retouch_aes.datasets.rated_dataset import CROWD
from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss
from retouch_aes.models import EMDAttention, ModelCard, load_model, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.optim.training_loop import Schedule, StepDecay, train
from retouch_aes.papers.kong.accuracy import best_threshold
from retouch_aes.papers.kong.data import KongData
from retouch_aes.papers.kong.head import KongHead
from retouch_aes.papers.kong.losses import kong_ranking, kong_regression
from retouch_aes.papers.kong.model import Kong
from retouch_aes.papers.kong.on_dataset import suited
from retouch_aes.papers.kong.pairs import PairSampler
from retouch_aes.papers.kong.training import AADB, AVA, PAPER_SCHEDULE, KongSettings, fine_tune, fit_head
from retouch_aes.papers.kong.whole import KongTraining
from retouch_aes.training.photo_pool import PhotoPool


def test_the_losses_are_the_papers_on_hand_made_numbers():
    y, p = torch.tensor([0.2, 0.9]), torch.tensor([0.4, 0.5])
    assert kong_regression(p, y).item() == pytest.approx((0.2**2 + 0.4**2) / 4)
    assert kong_regression(torch.ones(2, 3), torch.zeros(2, 3)).item() == pytest.approx(1.5)
    first, second = torch.tensor([0.5, 0.5, 0.5]), torch.tensor([0.4, 0.4, 0.5])
    truth = torch.tensor([0.9, 0.1, 0.3]), torch.tensor([0.1, 0.9, 0.3])
    # right by .1 with margin .02: nothing; wrong by .1: .12; equal truth counts as first >= second: .02
    assert kong_ranking((first, second), truth).item() == pytest.approx((0 + 0.12 + 0.02) / 6)
    assert kong_ranking((first, second), truth, margin=0.15).item() == pytest.approx((0.05 + 0.25 + 0.15) / 6)
    with pytest.raises(UsageError, match="one shape"):
        kong_regression(p, y[:1])
    with pytest.raises(UsageError, match="four tensors"):
        kong_ranking((first, second), (y, y))


def test_the_papers_weights_are_presets():
    assert (AADB.ranking, AADB.attributes, AADB.margin, AADB.sampling) == (1.0, 0.1, 0.02, "both")
    assert (AVA.ranking, AVA.attributes, AVA.margin, AVA.sampling) == (0.1, 0.1, 0.15, "cross")
    assert PAPER_SCHEDULE.rate_at(0) == 1e-4
    assert PAPER_SCHEDULE.rate_at(PAPER_SCHEDULE.every) == pytest.approx(1e-5)
    assert (PAPER_SCHEDULE.momentum, PAPER_SCHEDULE.decay) == (0.9, 1e-5)


def planted(photos=80, users=12, width=20, seed=0):
    """Features, and people who rate 30 photos each after a linear beauty, from a level of their own."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(photos, width))
    beauty = features[:, :3].sum(1)
    user, photo, rating = [], [], []
    for one in range(users):
        for place in random.permutation(photos)[:40]:
            user.append(one)
            photo.append(place)
            value = 4 + random.normal(scale=0.3) + beauty[place] + 1.5 * np.sin(one)
            rating.append(float(np.clip(round(value), 1, 7)))
    names = tuple(Path(f"theme{place:03}_1.jpg") for place in range(photos))
    ratings = Ratings(
        tuple(f"u{one:02}" for one in range(users)),
        names,
        np.array(user),
        np.array(photo),
        np.array(rating),
        (1, 7),
    )
    return torch.from_numpy(features).float(), ratings, beauty


def given(ratings, user, photo):
    found = ratings.original[(ratings.user_index == user) & (ratings.photo_index == photo)]
    return (found - 1) / 6


def test_pairs_within_raters_are_of_one_rater_only():
    _, ratings, _ = planted()
    pairs = PairSampler(ratings, "within").draw(500, Generator().manual_seed(0))
    columns = (pairs.rater, pairs.first, pairs.second, pairs.first_rating, pairs.second_rating)
    for rater, first, second, one, other in zip(*(c.tolist() for c in columns), strict=True):
        assert rater >= 0
        assert one != other
        assert given(ratings, rater, first) == pytest.approx(one)
        assert given(ratings, rater, second) == pytest.approx(other)
    assert len(pairs.rater.unique()) == 12


def test_pairs_across_raters_follow_the_means_and_both_is_half_of_each():
    _, ratings, _ = planted()
    means = (ratings.mean_scores() - 1) / 9
    pairs = PairSampler(ratings, "cross", apart=0.2).draw(300, Generator().manual_seed(0))
    assert torch.allclose(pairs.first_rating.double(), torch.from_numpy(means)[pairs.first])
    assert (pairs.first_rating - pairs.second_rating).abs().min() >= 0.2
    assert (pairs.rater == -1).all()
    both = PairSampler(ratings).draw(41, Generator().manual_seed(0))
    assert ((both.rater >= 0).sum(), (both.rater < 0).sum()) == (21, 20)
    again = PairSampler(ratings).draw(41, Generator().manual_seed(0))
    assert torch.equal(both.first, again.first)


def test_pairs_that_do_not_exist_are_refused():
    _, ratings, _ = planted()
    level = Ratings(
        ratings.users,
        ratings.photos,
        ratings.user_index,
        ratings.photo_index,
        np.full(len(ratings), 3.0),
        (1, 7),
    )
    with pytest.raises(UsageError, match="one rater who gave two photos different"):
        PairSampler(level, "within").draw(5, Generator())
    with pytest.raises(UsageError, match="expected a sampling"):
        PairSampler(ratings, "none")


@pytest.mark.parametrize("sampling", [None, "within", "cross", "both"])
@pytest.mark.parametrize(("attributes", "contents"), [(False, 0), (True, 0), (False, 4), (True, 4)])
def test_every_combination_learns(sampling, attributes, contents):
    features, ratings, beauty = planted()
    table = np.tanh(features[:, :2].numpy().astype(float))
    settings = KongSettings(sampling=sampling, schedule=Schedule("kong", 80, 1e-2, warmup=5, decay=0.1))
    head = fit_head(
        features, ratings, settings, attributes=table if attributes else None, contents=contents, hidden=32
    )
    with torch.no_grad():
        found = head(features)
    assert np.corrcoef(found.score.numpy(), beauty)[0, 1] > 0.8
    assert found.attributes.shape == (80, 2 if attributes else 0)
    assert found.content.shape == (80, contents or 1)
    assert torch.allclose(found.content.sum(1), torch.ones(80))
    if attributes:
        assert np.corrcoef(head.attributes(features)[:, 0].detach(), table[:, 0])[0, 1] > 0.7


def test_content_follows_the_clusters():
    head = KongHead(2, contents=2)
    head.measure(torch.tensor([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0], [0.1, 3.0]]))
    shares = head.content(torch.tensor([[5.0, 0.0], [0.0, 5.0]]))
    assert shares.max(1).values.min() > 0.99
    assert shares[0].argmax() != shares[1].argmax()
    with pytest.raises(UsageError, match="P >= 2"):
        head.measure(torch.zeros(1, 2))


@pytest.fixture
def model():
    torch.manual_seed(0)
    body = EMDAttention(CompactBackbone((8, 16, 24, 32), (1, 1, 1, 1)), side=64)
    return Kong(body, attributes=2, contents=3, hidden=8).eval()


def test_it_is_an_aesthetic_model_and_a_loss(model, tmp_path):
    image = torch.rand(2, 3, 48, 64, requires_grad=True)
    score, distribution = model(image), model.distribution(image)
    assert torch.allclose(score, 1 + 9 * model.outputs(image).score)
    assert torch.allclose(distribution.sum(1), torch.ones(2))
    assert distribution.min() >= 0
    assert model.attributes(image).shape == (2, 2)
    AestheticLoss(model)(image).backward()
    assert image.grad.abs().sum() > 0
    save_model(tmp_path / "kong.safetensors", model, ModelCard("none", "a test"))
    loaded = load_model(tmp_path / "kong.safetensors")
    assert torch.equal(loaded(image), score)


def test_the_whole_network_is_trained(model):
    random = Generator().manual_seed(0)
    images = tuple((torch.rand(3, 48, 64, generator=random) * 255).byte() for _ in range(6))
    _, ratings, _ = planted(photos=6, users=3)
    model.upper.measure(torch.rand(6, model.feature_size))
    before = [parameter.clone() for parameter in model.body.backbone.parameters()]
    settings = KongSettings(batch=4, pairs=4, schedule=Schedule("kong", 2, 1e-3, warmup=0))
    table = np.zeros((6, 2))
    fine_tune(model, PhotoPool(ratings.photos, images), ratings, settings, attributes=table, size=(48, 64))
    after = list(model.body.backbone.parameters())
    assert any(not torch.equal(b, a) for b, a in zip(before, after, strict=True))
    with pytest.raises(UsageError, match="expected 2 attributes, got 1"):
        fine_tune(model, PhotoPool(ratings.photos, images), ratings, attributes=table[:, :1])
    with pytest.raises(UsageError, match="of 6 photos, got 5"):
        fit_head(torch.zeros(5, 3), ratings)


def test_gradient_descent_with_falling_steps_resumes(tmp_path):
    def run(steps, checkpoint):
        torch.manual_seed(0)
        network = torch.nn.Linear(2, 1)
        x = torch.tensor([[1.0, 2.0]])
        schedule = StepDecay("sgd", steps, 0.1, momentum=0.0, factor=0.5, every=2, checkpoint_every=2)
        train(network, lambda _, __: {"loss": network(x).square().sum()}, schedule, checkpoint=checkpoint)
        return network.weight.detach()

    whole = run(4, None)
    run(2, tmp_path / "c.safetensors")
    assert torch.allclose(run(4, tmp_path / "c.safetensors"), whole)


def test_the_cut_that_tells_most_photos_right():
    good = np.array([False, True, False, True, True])
    scores = np.array([1.0, 3.0, 4.0, 6.0, 8.0])
    cut = best_threshold(scores, good)
    assert cut in (2.0, 5.0)
    assert ((scores > cut) == good).sum() == 4
    assert best_threshold(scores, np.ones(5, bool)) < 1
    assert best_threshold(scores, np.zeros(5, bool)) > 8


def test_settings_that_suit_the_data():
    many = Ratings(("a", "b"), (Path("1.jpg"),), np.array([0]), np.array([0]), np.array([5.0]), (1.0, 10.0))
    crowd = replace(many, users=(CROWD,))
    plan = KongTraining().steps(10, 20)
    of_aadb = suited(plan, KongData(many, paper="aadb"))
    assert (of_aadb.settings.margin, of_aadb.settings.sampling) == (0.02, "both")
    assert of_aadb.settings.schedule == plan.settings.schedule
    of_ava = suited(plan, KongData(crowd, paper="ava"))
    assert (of_ava.settings.margin, of_ava.settings.ranking) == (0.15, 0.1)
    assert suited(plan, KongData(crowd), "aadb").settings.sampling == "cross"
    with pytest.raises(UsageError, match="preset out of aadb, ava"):
        suited(plan, KongData(many), "flickr")

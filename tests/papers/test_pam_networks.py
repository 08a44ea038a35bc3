"""PAM's networks on made photos: generic score, attributes and content; stopped and resumed."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from retouch_aes.datasets import RatedDataset
from retouch_aes.datasets.rated_dataset import PhotoAttributes
from retouch_aes.errors import UsageError
from retouch_aes.models import PooledScorer, TraitsScorer, load_model, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.weights import ModelCard
from retouch_aes.papers.common.rank_interval import rank_interval
from retouch_aes.papers.pam.networks import NetworkRun, split, train_generic_on, train_traits_on
from retouch_aes.papers.pam.training import AADB_TEN, LAPTOP, PAPER, TraitsSchedule, attribute_table
from retouch_aes.testing import check_model

PHOTOS = 60
FEW = TraitsSchedule(steps=150, batch=16, shared=16, clusters=3, rate=1e-2)


@pytest.fixture(scope="module")
def rated(tmp_path_factory) -> RatedDataset:
    """Photos as bright as they are good, whose first attribute is how red they are."""
    from PIL import Image

    folder, random = tmp_path_factory.mktemp("rated"), np.random.default_rng(0)
    light, red = random.uniform(0.2, 0.9, PHOTOS), random.uniform(0, 1, PHOTOS)
    photos = []
    for index in range(PHOTOS):
        pixels = np.full((40, 48, 3), 255 * light[index]) * [1, 1 - 0.8 * red[index], 1 - 0.8 * red[index]]
        photos.append(folder / f"{index:02}.png")
        Image.fromarray(pixels.astype(np.uint8)).save(photos[-1])
    values = np.repeat((2 * red - 1)[:, None], 10, 1)
    values[:5, 3] = np.nan
    return RatedDataset("made", tuple(photos), 1 + 9 * light, attributes=PhotoAttributes(AADB_TEN, values))


def small() -> PooledScorer:
    torch.manual_seed(0)
    return PooledScorer(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=48, deviations=True).eval()


def run(folder, **settings) -> NetworkRun:
    made = NetworkRun(folder, torch.device("cpu"), settings=settings)
    made.begin()
    return made


def test_the_printed_schedule():
    assert (PAPER.whole, PAPER.rate, PAPER.factor, PAPER.decay, PAPER.momentum) == (
        True,
        1e-3,
        0.96,
        2e-4,
        0.9,
    )
    assert len(AADB_TEN) == 10
    assert "MotionBlur" not in AADB_TEN


def test_score_attributes_and_content_are_learned_on_photos_seen_once(rated, tmp_path):
    generic, here = small(), run(tmp_path)
    assert train_generic_on(generic, rated, replace(LAPTOP, penalty=0.01), here) > 0.6
    model, rho = train_traits_on(generic, rated, rated, FEW, here)
    assert set(rho) == set(AADB_TEN)
    assert np.mean(list(rho.values())) > 0.5
    check_model(model)
    save_model(tmp_path / "pam.safetensors", model, ModelCard("none", "made by a test"))
    again = load_model(tmp_path / "pam.safetensors")
    assert isinstance(again, TraitsScorer)
    image = torch.rand(2, 3, 40, 48, requires_grad=True)
    features = again.features(image)
    content = again.content(features)
    assert content.shape == (2, 3)
    assert torch.allclose(content.sum(1), torch.ones(2))
    again.attributes_of(image).sum().backward()
    assert float(image.grad.abs().sum()) > 0
    assert torch.equal(again(image.detach()), generic(image.detach()))


def test_the_whole_network_learns_and_a_stopped_run_ends_the_same(rated, tmp_path):
    class Stop(Exception):
        pass

    def stopping(stage, done, of, losses):
        if stage == "generic" and done == 5:
            raise Stop

    few = replace(PAPER, epochs=2, batch=16, rate=1e-2)
    whole, halved = small(), small()
    train_generic_on(whole, rated, few, run(tmp_path / "one"))
    assert not torch.equal(next(whole.backbone.parameters()), next(small().backbone.parameters()))
    with pytest.raises(Stop):
        train_generic_on(halved, rated, few, replace(run(tmp_path / "two"), progress=stopping))
    fresh = small()
    train_generic_on(fresh, rated, few, run(tmp_path / "two"))
    for name, weight in whole.state_dict().items():
        assert torch.allclose(weight, fresh.state_dict()[name], atol=1e-6), name


def test_features_are_kept_and_a_folder_of_another_run_is_refused(rated, tmp_path, monkeypatch):
    first = run(tmp_path, seed=0).see(small(), rated.photos[:4])
    monkeypatch.setattr("retouch_aes.training.feature_table.read", None)
    again = run(tmp_path, seed=0).see(small(), rated.photos[:4])
    assert np.array_equal(first, again)
    with pytest.raises(UsageError, match="another seed"):
        run(tmp_path, seed=1)
    assert json.loads((tmp_path / "run.json").read_text()) == {"seed": 0}


def test_parts_of_the_authors_are_kept_apart_and_missing_attributes_are_named(rated):
    kept, held = split(rated, 0)
    assert not set(kept.photos) & set(held.photos)
    assert len(kept) + len(held) == PHOTOS
    with pytest.raises(UsageError, match="has none"):
        attribute_table(replace(rated, attributes=None))


def test_the_interval_of_a_rank_correlation():
    low, high = rank_interval(0.5, 1000)
    assert (low, high) == pytest.approx(
        (0.449, 0.548), abs=1e-3
    )  # .549 -+ 1.96 sqrt(1.125 / 997) back by tanh
    assert rank_interval(1.0, 50)[1] <= 1
    assert all(map(math.isnan, rank_interval(0.5, 3)))

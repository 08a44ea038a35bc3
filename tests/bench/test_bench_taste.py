import json

import numpy as np
import pytest
import torch

from retouch_aes.bench.common.simulated_people import SimulatedPerson, qualities
from retouch_aes.bench.scoring.taste import METHODS, taste
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis
from retouch_aes.taste.gp.covariance_files import FittedCovariance
from retouch_aes.taste.gp.people import RaterPopulation
from retouch_aes.taste.gp.tuning import RatedPerson, tune_covariance


@pytest.fixture(scope="module")
def crowd() -> RaterPopulation:
    """People who like the generic score plus a direction of their own in the features."""
    random = np.random.default_rng(0)
    features = random.normal(size=(120, 8))
    score = 5.5 + 0.3 * features[:, 0]
    persons = []
    for _ in range(14):
        own = random.normal(size=8)
        scores = score + features @ own + random.normal(size=120)
        persons.append(RatedPerson(np.arange(120), np.clip(scores, 1, 10)))
    tensor = torch.from_numpy
    return RaterPopulation((), tensor(features), tensor(score), torch.zeros(120, 6), tuple(persons))


@pytest.fixture
def held() -> np.ndarray:
    return np.arange(120) % 4 == 0


def test_people_with_a_taste_are_predicted_and_more_answers_help(crowd, held, in_terminal):
    kernel = FittedCovariance(FeatureBasis.of(crowd.features), CovarianceSettings(), "none", "a test")
    report = taste(crowd, crowd.persons, held, kernel, sizes=(10, 60))
    for apart in (False, True):
        few, many = (report.cells[apart, size]["ratings"].value for size in (10, 60))
        assert many > few
        assert many > 0.3
        assert report.cells[apart, 60]["choices"].value > 0.2
    value = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert set(METHODS) <= value["rows"][0].keys()
    assert "themes apart, 60 known" in report.to_markdown()
    assert "random, 10 known" in in_terminal(report.table())


def test_tuning_never_gets_worse_than_where_it_starts(crowd, held):
    start = CovarianceSettings(content=0.05)
    basis, settings, gain = tune_covariance(
        crowd.features, crowd.score, crowd.styles, crowd.persons[:10], [held], start=start
    )
    assert settings.content > start.content
    assert gain > 0
    assert basis(crowd.features).norm(dim=1) == pytest.approx(1, abs=1e-4)


def test_simulated_people_like_their_own_look_best():
    person = SimulatedPerson(np.array([1.0, 0, 0, 0, 0]), np.ones(5), noise=0.0)
    scene = np.array([52.0, 55.0, 0.05, 0.32, 1.9])
    best = scene + np.array([8.0, 0, 0, 0, 0])
    assert person.utility(best, scene) == pytest.approx(0)
    assert (
        person.utility(best, scene) > person.utility(scene, scene) > person.utility(2 * scene - best, scene)
    )
    random = np.random.default_rng(0)
    assert person.prefers(0.1, random)
    assert not person.prefers(-0.1, random)


def test_qualities_see_what_their_names_say(photo):
    plain = qualities(photo)
    warm = photo * torch.tensor([1.1, 1.0, 0.85]).view(1, 3, 1, 1)
    grey = photo.mean(1, keepdim=True).expand_as(photo)
    assert qualities(photo**0.8)[0] > plain[0] + 2
    assert qualities(0.5 + 0.5 * (photo - 0.5))[1] < plain[1] - 5
    assert qualities(warm)[2] > plain[2] + 0.01
    assert qualities(grey)[3] == pytest.approx(0, abs=1e-6)

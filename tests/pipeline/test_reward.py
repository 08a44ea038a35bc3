"""Our score where others want a reward, or a metric of torchmetrics."""

import copy
import pickle

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes import as_model, as_reward
from retouch_aes.errors import UsageError


def brightness(image):
    return image.mean((1, 2, 3))


@pytest.fixture
def light():
    return as_model(brightness, low=0, high=1, name="light")


def test_a_reward_takes_pictures_of_any_kind(light):
    reward = as_reward(light, device="cpu")
    grey = torch.full((3, 48, 64), 0.6)
    whole = (grey * 255).to(torch.uint8)
    array = whole.permute(1, 2, 0).numpy()
    found = reward([grey, whole, array, Image.fromarray(array), torch.full((3, 60, 400), 0.6)])
    assert found.tolist() == pytest.approx([0.6] * 5, abs=0.01)
    assert reward(torch.stack([grey, grey / 2])).tolist() == pytest.approx([0.6, 0.3], abs=0.01)
    assert reward([]).shape == (0,)
    for wrong in (torch.rand(1, 48, 64), np.zeros((48, 64, 3)), "photo.jpg"):
        with pytest.raises(UsageError, match="expected"):
            reward([wrong])


@pytest.fixture
def mean_score():
    pytest.importorskip("torchmetrics", reason="torchmetrics is not installed")
    from retouch_aes.pipeline.torchmetric import MeanScore

    return MeanScore


def test_the_metric_adds_up_over_batches_and_processes(light, mean_score):
    images = torch.rand(5, 3, 40, 48)
    whole, parts = mean_score(light), [mean_score(light), mean_score(light)]
    whole.update(images)
    parts[0].update(images[:2])
    parts[1].update(list(images[2:]))
    expected = float(light(images).mean())
    assert float(whole.compute()) == pytest.approx(expected, abs=1e-5)
    parts[0].merge_state(parts[1])
    assert float(parts[0].compute()) == pytest.approx(expected, abs=1e-5)
    whole.reset()
    whole.update((images * 255).to(torch.uint8))
    assert float(whole.compute()) == pytest.approx(expected, abs=0.05)


def test_the_metric_is_one_of_torchmetrics(light, mean_score):
    from torchmetrics import MetricCollection

    metric = mean_score(light)
    images = torch.rand(2, 3, 40, 48).requires_grad_()
    both = MetricCollection({"score": copy.deepcopy(metric), "again": mean_score(light)})
    value = metric(images)
    value.backward()
    assert images.grad.abs().sum() > 0
    assert metric.higher_is_better
    assert metric.state_dict() == {}
    assert [*metric.parameters()] == []
    both.update(images.detach())
    assert set(both.compute()) == {"score", "again"}
    again = pickle.loads(pickle.dumps(both))
    assert again.compute()["score"].item() == pytest.approx(float(value.detach()))
    with pytest.raises(UsageError, match="expected images"):
        metric.update(torch.rand(3, 40, 48))


def test_the_bundled_score_and_torchmetrics_agree(mean_score):
    from retouch_aes import load_model

    images = torch.rand(2, 3, 64, 64)
    metric = mean_score("aesthetic-compact")
    metric.update(images)
    with torch.no_grad():
        expected = float(load_model("aesthetic-compact")(images).mean())
    assert float(metric.compute()) == pytest.approx(expected, abs=1e-4)

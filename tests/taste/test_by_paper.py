"""`learn` by the methods of the papers: a taste that is saved, read back, and drives a retouch."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes import AestheticLoss, Choice, Rating, Rendition, learn, load_taste
from retouch_aes.errors import UsageError
from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.papers import METHODS
from retouch_aes.papers.cfan.network import CFAN
from retouch_aes.papers.cfan.score import SquaredMaps
from retouch_aes.papers.cfan.trained import TrainedCFAN
from retouch_aes.papers.personal.learn import strengths
from retouch_aes.photo import read

POPULATION = ("fpmf", "nima", "mlsp", "mpada", "zhang", "task")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for number in range(14):
        y, x = np.mgrid[:48, :64] / 48
        light = 60 + 12 * number + 50 * np.sin((1 + number % 4) * x + number * y)
        tint = np.array([1.0, 1 - 0.04 * number, 0.9]) * light[..., None] + random.normal(0, 8, (48, 64, 3))
        Image.fromarray(np.clip(tint, 0, 255).astype(np.uint8)).save(made / f"kind{number}_{number}.png")
    return made


@pytest.fixture(scope="module")
def generic():
    torch.manual_seed(0)
    model = EMDAttention(CompactBackbone((8, 16, 24, 32), (1, 1, 1, 1)), side=64)
    with torch.no_grad():
        last = [part for part in model.head.modules() if isinstance(part, torch.nn.Linear)][-1]
        last.weight.mul_(10)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    from made_folders import make_eva

    from retouch_aes.datasets import load_dataset

    folder = tmp_path_factory.mktemp("eva")
    make_eva(folder)
    return load_dataset("eva", folder)


@pytest.fixture
def ratings(folder):
    names = sorted((path.name for path in folder.iterdir()), key=lambda name: int(name[4:].split("_")[0]))
    return [Rating(Rendition(name), 1 + 9 * place / 13) for place, name in enumerate(names)]


@pytest.fixture(scope="module")
def image(folder):
    """A photo that is like those learned from: far from all of them a kernel is flat."""
    return read(folder / "kind5_5.png").proxy(64) * 0.97


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


DIFFERENTIABLE = [name for name in METHODS if not name.startswith("zhang-")]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_every_method_is_a_taste_that_comes_back(
    folder, generic, ratings, population, image, name, tmp_path, cache
):
    more = {"population": population} if name.split("-")[0] in POPULATION else {}
    taste = learn(ratings, folder, generic, method=name, name="aesthetic", cache=cache, **more)
    taste.save(tmp_path / "me.taste")
    back = load_taste(tmp_path / "me.taste")
    assert type(back) is type(taste)
    model, again = taste.editing_model(generic), back.editing_model(generic)
    asked = image.clone().requires_grad_(True)
    assert torch.allclose(model(image), again(image), atol=1e-3)
    AestheticLoss(again)(asked).backward()
    assert asked.grad.abs().sum() > 0
    assert 1 <= float(again(image)) <= 10
    assert back.info.notes
    assert {"agreement", "generic_agreement"} <= set(taste.info.metrics)


def test_the_person_is_learned(folder, generic, ratings):
    """Stated: of pairs with photos left out nine in ten are ordered as this plain person does."""
    taste = learn(ratings, folder, generic, method="pam-features")
    assert taste.info.metrics["agreement"] >= 0.85
    assert taste.info.ratings == 14


def test_choices_alone_teach_too(folder, generic, ratings):
    names = [rating.photo.photo for rating in ratings]
    choices = [Choice(Rendition(b), Rendition(a)) for a, b in pairwise(names)]
    choices += [Choice(Rendition(b), Rendition(a)) for a, b in zip(names, names[3:], strict=False)]
    taste = learn(choices, folder, generic, method="pam")
    model = taste.ranking_model(generic)
    with torch.no_grad():
        scores = [float(model(read(folder / name).proxy(64))) for name in (names[0], names[-1])]
    assert scores[1] > scores[0]
    assert taste.info.choices == len(choices)


def test_strengths_explain_choices_and_stay_near_the_generic_score():
    generic = np.array([5.0, 5.0, 5.0, 8.0])
    found = strengths(np.array([[1, 0], [2, 1], [2, 0]]), generic)
    assert found[2] > found[1] > found[0]
    assert found[3] == pytest.approx(8)
    assert strengths(np.array([[0, 3]]), generic)[0] > 5


def test_a_newcomer_of_a_trained_cfan(folder, generic, ratings, image, tmp_path):
    from retouch_aes.models import ModelCard, save_model

    torch.manual_seed(0)
    sight = SquaredMaps(generic, 64)
    channels = sight.maps(image).shape[1]
    network = TrainedCFAN(sight, CFAN(5, 1, channels, vocabulary=6), ("sky", "light", "dull", "fine"))
    assert network.read(["The light is fine"]).tolist()[0][:4] == [1, 3, 1, 5]
    save_model(tmp_path / "cfan.safetensors", network.eval(), ModelCard("none", "a test"))
    taste = learn(ratings, folder, generic, method="cfan", trained=tmp_path / "cfan.safetensors")
    taste.save(tmp_path / "me.taste")
    back = load_taste(tmp_path / "me.taste").editing_model(generic)
    assert torch.allclose(back(image), taste.editing_model(generic)(image), atol=1e-4)
    asked = image.clone().requires_grad_(True)
    AestheticLoss(back)(asked).backward()
    assert asked.grad.abs().sum() > 0


def test_what_cannot_be_learned_is_refused(folder, generic, ratings, tmp_path):
    with pytest.raises(UsageError, match="gp, head, paper, cfan"):
        learn(ratings, folder, generic, method="telepathy")
    with pytest.raises(UsageError, match="population"):
        learn(ratings, folder, generic, method="zhang")
    with pytest.raises(UsageError, match="3 photos at least"):
        learn(ratings[:2], folder, generic, method="pam")
    with pytest.raises(UsageError, match="for cfan and only for it"):
        learn(ratings, folder, generic, method="cfan")
    gone = [*ratings, Rating(Rendition("gone.png"), 3)]
    with pytest.raises(Exception, match=r"photo not found: .*gone.png"):
        learn(gone, folder, generic, method="pam")

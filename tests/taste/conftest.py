from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.operators import EditChain, Recipe, select
from retouch_aes.photo import read
from retouch_aes.preferences.acquisition import PairAcquisition
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.testing import smooth_photo


@pytest.fixture(scope="session")
def brighter() -> Callable[[float], Recipe]:
    """A recipe of so many stops of exposure."""
    chain = EditChain(select(["exposure"]))
    return lambda ev: Recipe.of(chain, torch.tensor([ev]))


@pytest.fixture(scope="session")
def abc() -> tuple[Rendition, ...]:
    return tuple(Rendition(f"{letter}.jpg") for letter in "abcdef")


@pytest.fixture(scope="session")
def generic() -> EMDAttention:
    """A small model with random weights."""
    torch.manual_seed(0)
    model = EMDAttention(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=64)
    with torch.no_grad():
        model.head.weight.mul_(20)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Forty soft pictures, from dark to bright, of random colours."""
    folder = tmp_path_factory.mktemp("photos")
    generator = torch.Generator().manual_seed(0)
    for number in range(40):
        image = smooth_photo(generator, 1, 48, 64)[0] ** (2.2 - 0.04 * number)
        levels = (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(levels).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture(scope="session")
def bright_answers(folder) -> list[Choice]:
    """The choices of somebody who likes what is brighter, 60 between photos and 40 between renditions."""
    random = np.random.default_rng(0)
    acquisition = PairAcquisition([f"{n:02}.png" for n in range(40)], kind="both", renditions=0.4, seed=1)
    answers: list[Choice] = []
    while len(answers) < 100:
        [q] = acquisition.propose(answers)
        first, second = (_brightness(folder, side) for side in (q.first, q.second))
        better, worse = (q.first, q.second) if first > second else (q.second, q.first)
        answers.append(Choice(better, worse) if random.random() < 0.95 else Choice(worse, better))
    return answers


def _brightness(folder: Path, side: Rendition) -> float:
    image = read(folder / side.photo).image
    return float((image if side.recipe is None else side.recipe.apply(image)).mean())

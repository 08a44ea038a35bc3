from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerator import NAME, install, pretend_device
from click.testing import CliRunner, Result
from PIL import Image

from retouch_aes.cli import main
from retouch_aes.models import EMDAttention, ModelCard, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.operators import AUTO
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.choice_log import ChoiceLog

install()  # while tests are collected

SMALL = ((8, 16, 24, 32), (1, 1, 1, 1))


@pytest.fixture
def device() -> Iterator[torch.device]:
    with pretend_device() as made:
        yield made


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> tuple[Path, Path]:
    """A small untrained model and an untrained prior, as files."""
    folder = tmp_path_factory.mktemp("weights")
    card = ModelCard("Apache-2.0", "untrained, for tests", ("none",))
    torch.manual_seed(0)
    save_model(folder / "model.safetensors", EMDAttention(CompactBackbone(*SMALL), side=64), card)
    prior = LearnedPrior(AUTO, side=32, backbone=CompactBackbone(*SMALL), hidden=16)
    save_model(folder / "prior.safetensors", prior, card)
    return folder / "model.safetensors", folder / "prior.safetensors"


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Twelve photos of 72 x 48, no two alike."""
    made = tmp_path_factory.mktemp("photos")
    y, x = np.meshgrid(np.linspace(0, 1, 48), np.linspace(0, 1, 72), indexing="ij")
    for number in range(12):
        waves = [0.5 + 0.4 * np.sin(4 * x + 0.7 * band + 2 * y * number) for band in range(3)]
        pixels = (np.stack(waves, axis=2) * (100 + 12 * number)).astype(np.uint8)
        Image.fromarray(pixels).save(made / f"kind{'abcdefghijkl'[number]}_{number}.png")
    return made


@pytest.fixture(scope="session")
def ratings(tmp_path_factory, folder) -> Path:
    """Twelve people rate the photos, each in their own way."""
    path = tmp_path_factory.mktemp("ratings") / "ratings.csv"
    names = sorted(one.name for one in folder.iterdir())
    rows = [
        f"u{user},{name},{1 + (user * place + 3 * place) % 7}"
        for user in range(12)
        for place, name in enumerate(names)
    ]
    path.write_text("\n".join(["user,photo,rating", *rows, ""]))
    return path


@pytest.fixture(scope="session")
def choices(tmp_path_factory, folder) -> Path:
    path = tmp_path_factory.mktemp("choices") / "choices.jsonl"
    names = sorted(one.name for one in folder.iterdir())
    with ChoiceLog(path) as log:
        for one, other in pairwise(names[:7]):
            log.append(Choice(one, other))
    return path


@pytest.fixture
def run(device, monkeypatch, tmp_path) -> Callable[..., Result]:
    """A command on the pretend device, which has to end well."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("RETOUCH_AES_DEBUG", "1")

    def invoke(*arguments: object) -> Result:
        words = [*" ".join(map(str, arguments[:1])).split(), *map(str, arguments[1:]), "--device", NAME]
        result = CliRunner().invoke(main, words)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return invoke

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

from retouch_aes.cli import main
from retouch_aes.models import AestheticModel, EMDAttention, ModelCard, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.operators import AUTO


class Brightness(AestheticModel):
    """A plain taste: the brighter the better, by enough to make an edit that can be seen."""

    preprocessing = "none"

    def distribution(self, image: torch.Tensor) -> torch.Tensor:
        bright = torch.sigmoid(40 * (image.mean(dim=(1, 2, 3))[:, None] - 0.5))
        return torch.cat([1 - bright, torch.zeros(len(image), 8), bright], dim=1)


@pytest.fixture
def bright(monkeypatch) -> None:
    """Every model that the command line loads likes bright photos, so that an edit is found."""
    monkeypatch.setattr("retouch_aes.cli.loading.model", lambda _, device: Brightness().to(device))


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> tuple[Path, Path]:
    """A small untrained model and an untrained prior, as files."""
    folder = tmp_path_factory.mktemp("weights")
    card = ModelCard("Apache-2.0", "untrained, for tests", ("none",), {"rho": 0.25})
    torch.manual_seed(0)
    small = ((8, 16, 24, 32), (1, 1, 1, 1))
    model = EMDAttention(CompactBackbone(*small), side=64)
    with torch.no_grad():
        last = [module for module in model.head.modules() if isinstance(module, torch.nn.Linear)][-1]
        last.weight.mul_(30)
    prior = LearnedPrior(AUTO, side=32, backbone=CompactBackbone(*small), hidden=16)
    save_model(folder / "model.safetensors", model, card)
    save_model(folder / "prior.safetensors", prior, card)
    return folder / "model.safetensors", folder / "prior.safetensors"


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    """A soft gradient with several hues, darks and lights, 72 x 48."""
    y, x = np.meshgrid(np.linspace(0, 1, 48), np.linspace(0, 1, 72), indexing="ij")
    waves = [0.5 + 0.4 * np.sin(4 * x + phase + 2 * y) for phase in (0.0, 0.7, 1.6)]
    return Image.fromarray((np.stack(waves, axis=2) * 255).astype(np.uint8))


@pytest.fixture
def tree(tmp_path, picture) -> Path:
    """A folder as people have them: spaces, other scripts, levels, markup, three broken files."""
    folder = tmp_path / "my photos"
    (folder / "Größe 写真").mkdir(parents=True)
    (folder / "empty").mkdir()
    picture.save(folder / "one two.jpg")
    picture.rotate(180).save(folder / "Größe 写真" / "[red]é.png")
    (folder / "cut.jpg").write_bytes((folder / "one two.jpg").read_bytes()[:300])
    (folder / "text.jpg").write_text("no photo at all\n")
    (folder / "zero.jpg").write_bytes(b"")
    (folder / "notes.txt").write_text("not looked at\n")
    return folder


@pytest.fixture
def photo(tmp_path, picture) -> Path:
    path = tmp_path / "photo.jpg"
    picture.save(path)
    return path


@pytest.fixture
def run() -> Callable[..., Result]:
    """The command line, in this process; no argument may end in a traceback."""

    def invoke(*args: object) -> Result:
        result = CliRunner().invoke(main, [str(arg) for arg in args])
        assert "Traceback" not in result.stderr
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture
def scored(run, weights) -> Callable[..., Result]:
    """A command that takes --model, with the small model."""
    return lambda name, *args: run(*name.split(), *args, "--model", weights[0])


@pytest.fixture
def retouched(run, weights) -> Callable[..., Result]:
    """A command that takes --model and --prior, with the small ones, and a short search."""
    return lambda name, *args: run(
        *name.split(), "--model", weights[0], "--prior", weights[1], "--steps", 6, *args
    )

"""The one-pass retoucher learns the solver's answers, and is used by name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from retouch_aes import load_model, load_prior
from retouch_aes.bench.editing.one_pass import one_pass
from retouch_aes.cli import main
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.models import ModelCard, save_model
from retouch_aes.models.edit_prior import with_operators
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.pipeline import Retoucher
from retouch_aes.testing import smooth_photo
from retouch_aes.training.one_pass.train import OnePassTraining, solve, train_one_pass
from retouch_aes.training.photo_pool import PhotoPool

SMALL = OnePassTraining(crops=16, side=64, batch=8, solver=BFGS(steps=6))
SMALL = replace(SMALL, distil=replace(SMALL.distil, steps=30), amortise=replace(SMALL.amortise, steps=4))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for number in range(6):
        image = smooth_photo(torch.Generator().manual_seed(number), 1, 96, 120)[0]
        path = folder / f"{number}.png"
        Image.fromarray((image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)).save(path)
        paths.append(path)
    return paths


def test_it_begins_as_the_prior_it_comes_from() -> None:
    prior = load_prior("edit-prior")
    network = with_operators(prior, [*AUTO, "clarity"]).eval()
    prior.doubt = 0.0  # a network that learns the answers themselves has none
    image = smooth_photo(torch.Generator().manual_seed(0), 2, 80, 96)
    chain = EditChain(select(AUTO))
    torch.testing.assert_close(network.guess(image, chain)[0], prior.guess(image, chain)[0])
    assert not any(p.requires_grad for p in network.backbone.parameters())


def test_what_is_kept_of_the_crops_stands_for_them(photos: list[Path]) -> None:
    prior = load_prior("edit-prior")
    pool = PhotoPool.load(photos, 128)
    model = load_model("aesthetic-compact")
    [first, _] = solve(prior, pool, lambda _: (model, prior), SMALL, torch.device("cpu"))
    with torch.no_grad():
        for seen, crops in zip(first.seen, (first.crops, first.crops.flip(-1)), strict=True):
            torch.testing.assert_close(prior.head(seen, crops), prior(crops), atol=1e-4, rtol=1e-4)


def test_it_learns_and_a_command_uses_it(tmp_path: Path, photos: list[Path]) -> None:
    model, prior = load_model("aesthetic-compact"), load_prior("edit-prior")
    told: list[str] = []
    network = train_one_pass(
        prior, AUTO, photos, lambda _: (model, prior), SMALL, progress=lambda stage, *_: told.append(stage)
    )
    assert list(dict.fromkeys(told)) == ["solve", "distil", "amortise"]
    retoucher = Retoucher(model, prior=prior, settings=RetouchSettings(proxy=64))
    report = one_pass(photos[:2], retoucher, network)
    assert [way.name for way in report.ways] == ["one pass", "one pass, 4 steps", "solver"]
    assert report.ways[-1].of_score.value == pytest.approx(1)
    file = tmp_path / "mine.safetensors"
    save_model(file, network, ModelCard("CC0-1.0", "a test"))
    for command in (
        ["retouch", str(photos[0]), "-o", str(tmp_path / "one.png"), "--fast", str(file)],
        ["batch", str(photos[0].parent), str(tmp_path / "many"), "--fast", str(file), "--workers", "1"],
    ):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "many").glob("*.png"))) == 6


def test_a_file_that_is_none_is_refused(photos: list[Path], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["retouch", str(photos[0]), "--fast", str(tmp_path / "none.safetensors")])
    assert done.exit_code in (1, 2)
    assert "none.safetensors" in done.output

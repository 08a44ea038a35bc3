"""A head on a backbone from rated photos: folds of themes, honest agreement, the command."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes.datasets import RatingsCSV
from retouch_aes.errors import UsageError
from retouch_aes.models import PooledScorer, load_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.training.score.pooled_head import fit_pooled, theme_folds


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve themes of three photos; the brighter, the better rated."""
    folder: Path = tmp_path_factory.mktemp("rated")
    generator = np.random.default_rng(0)
    with (folder / "ratings.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["user", "photo", "rating"])
        for number in range(36):
            level = generator.uniform(0.1, 0.9)
            pixels = np.clip(level + generator.normal(0, 0.05, (48, 64, 3)), 0, 1) * 255
            name = f"{'abcdefghijkl'[number // 3]}_{number % 3}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name)
            table.writerow(["me", name, round(1 + 6 * level)])
    return folder


def test_folds_keep_themes_together_and_are_even() -> None:
    themes = [f"t{number // 3}" for number in range(36)]
    folds = theme_folds(themes, 4, seed=1)
    assert all(len({folds[k] for k in range(36) if themes[k] == name}) == 1 for name in set(themes))
    assert np.bincount(folds).tolist() == [9, 9, 9, 9]
    assert (folds == theme_folds(themes, 4, seed=1)).all()


def test_a_plain_taste_is_found_and_measured_on_unseen_themes(rated: Path) -> None:
    torch.manual_seed(0)
    model = PooledScorer(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=64)
    backbone = {name: tensor.clone() for name, tensor in model.backbone.state_dict().items()}
    seen: list[int] = []
    found = fit_pooled(
        model, RatingsCSV(rated / "ratings.csv", rated).read(), progress=lambda done, _: seen.append(done)
    )
    assert found.rho > 0.8
    assert (found.photos, found.themes, seen[-1]) == (36, 12, 36)
    assert all(torch.equal(model.backbone.state_dict()[name], tensor) for name, tensor in backbone.items())
    dark, light = (model(torch.full((1, 3, 64, 64), level)).item() for level in (0.2, 0.8))
    assert light > dark + 1


def test_ratings_that_say_nothing_are_not_praised(rated: Path) -> None:
    from dataclasses import replace

    ratings = RatingsCSV(rated / "ratings.csv", rated).read()
    shuffled = replace(ratings, original=np.random.default_rng(3).permutation(ratings.original))
    torch.manual_seed(0)
    model = PooledScorer(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=64)
    assert abs(fit_pooled(model, shuffled).rho) < 0.5


def test_too_few_themes(rated: Path) -> None:
    ratings = RatingsCSV(rated / "ratings.csv", rated).read()
    few = ratings.subset(ratings.photos[:9])
    with pytest.raises(UsageError, match="10 themes or more"):
        fit_pooled(PooledScorer("compact", side=64), few)


def test_the_command_makes_a_score_that_score_takes(rated: Path, tmp_path: Path, monkeypatch) -> None:
    timm = pytest.importorskip("timm")
    from click.testing import CliRunner
    from safetensors.torch import save_file

    from retouch_aes.cli import main

    monkeypatch.setenv("RETOUCH_AES_CACHE", str(tmp_path / "cache"))
    torch.manual_seed(0)
    save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "w.safetensors")

    def run(*args: object):
        return CliRunner().invoke(main, [str(arg) for arg in args])

    out = tmp_path / "mine.safetensors"
    table = ("--ratings", rated / "ratings.csv", "--photos", rated)
    kind = ("--backbone", "timm:test_resnet", "--licence", "CC0-1.0", "--side", 64)
    order = ("train", "head", *kind, *table, "-o", out)
    assert "weights fetch timm:test_resnet" in run(*order).stderr
    assert run("weights", "fetch", "timm:test_resnet", "--from", tmp_path / "w.safetensors").exit_code == 0
    made = run(*order)
    assert made.exit_code == 0, made.stderr
    assert "rho 0." in made.stdout
    assert load_model(out).config["backbone"]["name"] == "timm:test_resnet.r160_in1k"
    assert run("score", rated / "a_0.png", "--model", out).exit_code == 0
    assert run(*order).exit_code != 0  # nothing is overwritten

"""`bench loss-in-training`: its network, its attacks, what it compares, its command."""

import json

import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from torch import Tensor, nn

from retouch_aes.bench.scoring.attacks import BOUND, bounded_gain, free_pixel_gain
from retouch_aes.bench.scoring.loss_in_training import LossInTrainingSettings, loss_in_training
from retouch_aes.bench.scoring.loss_in_training_report import DEGRADED, ORIGINAL, WITHOUT
from retouch_aes.bench.scoring.small_unet import SmallUNet
from retouch_aes.cli import main
from retouch_aes.errors import UsageError
from retouch_aes.testing import smooth_photo


class Light(nn.Module):
    """Scores by mean brightness."""

    def forward(self, image: Tensor) -> Tensor:
        return 1 + 9 * image.mean((1, 2, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for index, image in enumerate(smooth_photo(torch.Generator().manual_seed(0), 9, 48, 60)):
        pixels = (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(pixels).save(folder / f"{index}.png")
    return folder


SMALL = LossInTrainingSettings(steps=4, batch=2, side=32, tests=3, attacked=2, seeds=2, rate=0.01)


@pytest.mark.parametrize("size", [(32, 32), (33, 46), (8, 11)])
def test_the_network_begins_as_the_identity_at_any_size(size) -> None:
    image = torch.rand(2, 3, *size)
    assert torch.equal(SmallUNet()(image), image)


def test_the_network_learns() -> None:
    torch.manual_seed(0)
    network = SmallUNet()
    image = smooth_photo(torch.Generator().manual_seed(0), 2, 32, 32)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    errors = []
    for _ in range(30):
        error = (network(0.7 * image) - image).abs().mean()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        errors.append(error.item())
    assert errors[-1] < 0.5 * errors[0]


def test_attacks_on_a_score_that_is_known() -> None:
    image = torch.full((2, 3, 32, 32), 0.5)
    image[1] = 1.0
    gains, made = bounded_gain(Light(), image)
    assert gains.tolist() == pytest.approx([9 * BOUND, 0], abs=1e-4)
    assert (made - image).abs().max() <= BOUND + 1e-6
    gains, made = free_pixel_gain(Light(), image)
    assert gains.tolist() == pytest.approx([4.5, 0], abs=1e-3)
    assert made.max() <= 1


def test_what_it_compares(folder, tmp_path) -> None:
    scorers = {"light": Light(), "dark": nn.Sequential(Light())}
    settings = LossInTrainingSettings(**{**vars(SMALL), "balances": (0.0, 0.3), "weights": (3.0,)})
    seen = []
    report = loss_in_training(
        sorted(folder.iterdir()),
        Light(),
        scorers,
        settings=settings,
        progress=lambda _, *done: seen.append(done),
        sheet=tmp_path / "sheet.png",
    )
    assert report.ways == (WITHOUT, "balance 0", "balance 0.3", "weight 3")
    assert seen[-1] == (10, 10)
    assert len(report.rows) == 3 * (2 + 4 * 2)
    assert report.error(ORIGINAL) == 0 < report.error(DEGRADED)
    assert report.error_ratio("balance 0").value == pytest.approx(1, abs=1e-3)  # same start, same draws
    assert report.gain("weight 3", "light").value > report.gain("balance 0", "light").value
    assert report.attack("free pixels", "light")[0] > report.attack("2/255", "light")[0] > 0
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.format == "PNG"
    assert "| balance 0.3 |" in report.to_markdown()
    json.dumps(report.to_json(), allow_nan=False)


def test_mse_counts_squares(folder) -> None:
    settings = LossInTrainingSettings(**{**vars(SMALL), "own": "mse", "seeds": 1, "attacked": 0})
    report = loss_in_training(sorted(folder.iterdir()), Light(), {"light": Light()}, settings=settings)
    rows = report.of(DEGRADED)
    assert report.error(DEGRADED) == pytest.approx(sum(row.squared for row in rows) / len(rows))
    assert "| 2/255 | - (-) |" in report.to_markdown()
    assert report.to_json()["attack"]["light"]["2/255"] == {"mean": None, "most": None}


def test_too_little_is_refused(folder) -> None:
    photos = sorted(folder.iterdir())
    with pytest.raises(UsageError, match="5 photos at least"):
        loss_in_training(photos[:4], Light(), {"light": Light()}, settings=SMALL)
    with pytest.raises(UsageError, match="got neither"):
        loss_in_training(photos, Light(), {}, settings=LossInTrainingSettings(balances=()))
    with pytest.raises(UsageError, match="l1 or mse"):
        loss_in_training(photos, Light(), {}, settings=LossInTrainingSettings(own="l3"))


def test_the_command(folder, tmp_path, monkeypatch) -> None:
    sheet = tmp_path / "sheet.png"
    small = ["--tests", 2, "--attacked", 1, "--train-steps", 1, "--batch", 2, "--side", 32, "--seeds", 1]
    arguments = ["bench", "loss-in-training", "--photos", folder, *small, "--sheet", sheet, "--json", "-"]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert value["summary"].keys() == {WITHOUT, "balance 0.3"}
    assert sheet.is_file()
    again = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert again.exit_code != 0
    assert "exists already" in again.stderr

"""`bench plus`: what it compares, what it refuses, its command; and the overhead of the loss."""

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from torch import Tensor, nn

from retouch_aes import load_model
from retouch_aes.bench.editing.plus import PlusNetwork, PlusTraining, plus
from retouch_aes.bench.editing.plus_report import ANYONE, PEOPLE, PlusComparison, PlusReport
from retouch_aes.bench.system.loss_overhead import loss_overhead
from retouch_aes.cli import main
from retouch_aes.enhancers import Enhancer
from retouch_aes.errors import UsageError
from retouch_aes.testing import smooth_photo
from retouch_aes.training.enhancer.degradations import DEGRADATIONS
from retouch_aes.training.enhancer.train import EnhancerTraining


class Gain(Enhancer):
    short_name = "gain"

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        return image * self.gain


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    found = []
    for name, count, seed in (("train", 12, 0), ("tests", 2, 1)):
        folder = tmp_path_factory.mktemp(name)
        for index, image in enumerate(smooth_photo(torch.Generator().manual_seed(seed), count, 80, 96)):
            pixels = (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
            Image.fromarray(pixels).save(folder / f"{index}.png")
        found.append(folder)
    return found


def test_a_taste_that_was_trained_to_rises_on_unseen_photos(folders, tmp_path):
    training, tests = (sorted(folder.iterdir()) for folder in folders)
    settings = PlusTraining(12, 0.03, 2, 64)
    subject = PlusNetwork("gain", Gain, DEGRADATIONS["exposure"], EnhancerTraining(taste=2.0, fidelity=0.0))
    light = {"light": lambda image: image.mean((1, 2, 3))}
    arguments = ([subject], training, tests, load_model("aesthetic-compact"), light)
    report = plus(*arguments, people=1, answers=12, settings=settings, seed=1, gallery_dir=tmp_path)
    assert report.networks == ("gain",)
    assert [(row.who, row.photo) for row in report.rows] == [
        (ANYONE, "0.png"), ("person 1", "0.png"), (ANYONE, "1.png"), ("person 1", "1.png")
    ]  # fmt: skip
    assert report.gain("gain", PEOPLE, "taste").value > 0
    assert report.gain("gain", ANYONE, "taste").value > 0
    assert report.rows[1].gains.keys() == {
        "taste", "other taste", "utility", "utility over anyone's", "light"
    }  # fmt: skip
    assert report.moved("gain", PEOPLE) > 0.1
    assert [path.name for path in tmp_path.iterdir()] == ["gain.jpg"]
    value = json.dumps(report.to_json(), allow_nan=False)
    assert json.loads(value)["summary"]["gain"]["people"]["preferred"]["utility"]["value"] in (0, 0.5, 1)


def test_without_a_weight_nothing_differs(folders):
    training, tests = (sorted(folder.iterdir()) for folder in folders)
    settings = PlusTraining(3, 0.03, 2, 64)
    subject = PlusNetwork("gain", Gain, DEGRADATIONS["exposure"], EnhancerTraining(taste=0.0, fidelity=0.5))
    report = plus(
        [subject], training, tests, load_model("aesthetic-compact"), {}, people=0, settings=settings
    )
    assert [row.gains["taste"] for row in report.rows] == [0, 0]
    assert "simulated" not in report.to_markdown()


def test_the_interval_is_over_people_and_photos():
    gains = np.array([[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]])
    measures = ("taste", "other taste", "utility", "utility over anyone's")
    rows = [
        PlusComparison("net", f"person {p}", f"{f}.png", dict.fromkeys(measures, float(gains[p, f])), 1.0)
        for p in range(2)
        for f in range(3)
    ]
    report = PlusReport(0, 64, 1, 1, 2, 3, (), tuple(rows))
    found = report.gain("net", PEOPLE, "utility")
    assert (found.value, found.low, found.high) == (1, 0, 2)
    assert report.preferred("net", "utility").value == 0.5


def test_a_test_photo_that_was_trained_on_is_refused(folders):
    photos = sorted(folders[0].iterdir())
    with pytest.raises(UsageError, match="keep them apart"):
        plus(
            [PlusNetwork("gain", Gain, DEGRADATIONS["none"])],
            photos,
            photos[:1],
            load_model("aesthetic-compact"),
            {},
        )
    with pytest.raises(UsageError, match="eight training photos"):
        plus([], photos, photos, load_model("aesthetic-compact"), {})


def test_the_commands(folders, tmp_path):
    train, tests = folders
    small = ["--people", 0, "--train-steps", 1, "--batch", 2, "--side", 64, "--json", "-"]
    base = ["bench", "plus", "--photos", train, "--tests", tests, *small]
    result = CliRunner().invoke(main, [str(a) for a in [*base, "--network", "aod-net+"]])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["summary"].keys() == {"aod-net"}
    twice = CliRunner().invoke(
        main, [str(a) for a in [*base, "--network", "aod-net", "--network", "aod-net"]]
    )
    assert twice.exit_code == 2
    unknown = CliRunner().invoke(main, [str(a) for a in [*base, "--network", "nobody"]])
    assert unknown.exit_code == 2
    assert "nobody" in unknown.stderr
    report = tmp_path / "overhead.json"
    sizes = ["--batch", "1", "--side", "64", "--turns", "2"]
    asked = ["bench", "loss-overhead", *sizes, "--beside", "aesthetic-compact", "--json", str(report)]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.stderr
    measured = json.loads(report.read_text())
    assert measured["model"] > 0 < measured["beside"]["aesthetic-compact"]


def test_what_the_loss_adds_is_seen():
    class Slow(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return image.mean((1, 2, 3))

    found = loss_overhead(Slow(), torch.device("cpu"), batch=1, side=32, turns=5)
    assert found.low <= found.overhead <= found.high
    assert found.loss > 0 < found.model
    assert not found.beside
    among = loss_overhead(Slow(), torch.device("cpu"), batch=1, side=32, turns=2, beside={"slow": Slow()})
    assert among.beside["slow"] > 0
    assert among.tables()[0].rows[1][0] == "slow"
    with pytest.raises(UsageError, match="turns"):
        loss_overhead(Slow(), torch.device("cpu"), turns=0)

"""Enhancers learn from pairs, from degraded photos and from a taste; presets, checkpoints, command line."""

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from torch import Tensor, nn

from retouch_aes.cli import main
from retouch_aes.datasets import read_pairs
from retouch_aes.enhancers import Enhancer, Hosted, enhance, load_enhancer
from retouch_aes.enhancers.csrnet import CSRNet
from retouch_aes.enhancers.distort_recover import DistortRecover
from retouch_aes.errors import DatasetError, UsageError
from retouch_aes.models.weights import read_card
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.photo import read
from retouch_aes.testing import smooth_photo
from retouch_aes.training.enhancer.degradations import DEGRADATIONS
from retouch_aes.training.enhancer.presets import preset
from retouch_aes.training.enhancer.train import (
    EnhancerTraining,
    degraded_pairs,
    enhancer_losses,
    paired_crops,
    train_enhancer,
)


class Gain(Enhancer):
    short_name = "gain"

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        return image * self.gain


class Warm(nn.Module):
    """A taste for red over blue, in [1, 10]."""

    def forward(self, image: Tensor) -> Tensor:
        return 5.5 + 4 * (image[:, 0] - image[:, 2]).mean((1, 2))


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for index, image in enumerate(smooth_photo(torch.Generator().manual_seed(0), 6, 96, 120)):
        pixels = (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(pixels).save(folder / f"p{index}.png")
    return sorted(folder.iterdir())


@pytest.fixture
def pairs(photos, tmp_path):
    """Targets are twice as bright as inputs."""
    for name in ("input", "target"):
        (tmp_path / "pairs" / name).mkdir(parents=True)
    for path in photos:
        pixels = np.asarray(Image.open(path)) // 2
        Image.fromarray(pixels).save(tmp_path / "pairs" / "input" / path.name)
        Image.fromarray(pixels * 2).save(tmp_path / "pairs" / "target" / path.name)
    return tmp_path / "pairs"


def schedule(steps: int, rate: float = 0.05) -> Schedule:
    return Schedule("test", steps, rate, warmup=5, checkpoint_every=10)


def test_pairs_teach_what_was_done(pairs):
    network = Gain()
    train_enhancer(network, paired_crops(read_pairs(pairs), batch=4, side=64), schedule(40))
    assert torch.allclose(network.gain.detach(), torch.full((3, 1, 1), 2.0), atol=0.1)


def test_both_photos_of_a_pair_are_cut_alike(pairs):
    image, target = paired_crops(read_pairs(pairs), batch=6, side=64)(torch.Generator().manual_seed(1))
    assert torch.allclose(2 * image, target, atol=1.5 / 255)


def test_a_taste_moves_the_network_and_fidelity_holds_it(photos):
    gains = []
    for fidelity in (0.0, 50.0):
        network = Gain()
        source = degraded_pairs(photos, DEGRADATIONS["none"], batch=4, side=64)
        settings = EnhancerTraining(taste=1.0, fidelity=fidelity)
        train_enhancer(network, source, schedule(30, 0.02), settings=settings, taste=Warm(), anchor=Gain())
        gains.append(network.gain.detach().flatten())
    assert gains[0][0] > 1.1
    assert gains[0][2] < 0.9
    assert gains[1][0] - gains[1][2] < 0.5 * (gains[0][0] - gains[0][2])


def test_the_own_losses_and_the_taste_stand_beside_each_other(photos):
    source = degraded_pairs(photos, DEGRADATIONS["none"], batch=2, side=64)
    losses = enhancer_losses(Gain(), source, EnhancerTraining(0.1, 0.5), taste=Warm(), anchor=Gain())
    found = losses(0, torch.Generator().manual_seed(0))
    image, _ = source(torch.Generator().manual_seed(0))
    assert found.keys() == {"pairs", "taste", "fidelity"}
    assert float(found["pairs"].detach()) == pytest.approx(0, abs=1e-6)
    assert float(found["fidelity"].detach()) == pytest.approx(0, abs=1e-5)
    assert float(found["taste"].detach()) == pytest.approx(0.1 * (10 - float(Warm()(image).mean())), rel=1e-5)


def test_the_agent_takes_the_taste_into_its_rewards(photos):
    torch.manual_seed(0)
    agent = DistortRecover()
    image = read(photos[0]).image
    units = torch.zeros(1, len(agent.chain))
    wins = agent._judged(image, units, lambda x: 10 - Warm()(x))[0]
    warmer = agent.chain.names.index("white_balance.temperature")
    count = len(agent.chain)
    assert int(wins.argmax()) in (warmer, agent.chain.names.index("saturation.saturation"), warmer + count)
    assert wins[warmer] > 0 > wins[warmer + count]
    source = degraded_pairs(photos, DEGRADATIONS["all"], batch=2, side=64)
    losses = enhancer_losses(agent, source, EnhancerTraining(), taste=Warm())
    found = losses(0, torch.Generator().manual_seed(0))
    found["values"].backward()
    assert any(bool((p.grad != 0).any()) for p in agent.parameters() if p.grad is not None)


def test_a_stopped_run_takes_the_steps_it_would_have_taken(photos, tmp_path):
    source = degraded_pairs(photos, DEGRADATIONS["all"], batch=2, side=64)
    whole, parts = Gain(), Gain()
    train_enhancer(whole, source, schedule(20))
    half = Schedule("test", 20, 0.05, warmup=5, checkpoint_every=10)

    class Stop(Exception):
        pass

    def stop(name, step, steps, losses):
        if step == 12:
            raise Stop

    with pytest.raises(Stop):
        train_enhancer(parts, source, half, checkpoint=tmp_path / "c", progress=stop)
    again = Gain()
    train_enhancer(again, source, half, checkpoint=tmp_path / "c")
    assert torch.equal(again.gain, whole.gain)


def test_a_program_cannot_be_trained(photos):
    frozen = Hosted(nn.Conv2d(3, 3, 1).requires_grad_(False))
    with pytest.raises(UsageError, match="give its class"):
        train_enhancer(frozen, degraded_pairs(photos, DEGRADATIONS["none"], batch=2, side=64), schedule(1))


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_degraded_photos_are_photos(name):
    good = smooth_photo(torch.Generator().manual_seed(0), 3, 40, 50)
    bad = DEGRADATIONS[name](good, torch.Generator().manual_seed(1))
    assert bad.shape == good.shape
    assert bool(((bad >= 0) & (bad <= 1)).all())
    assert torch.equal(bad, DEGRADATIONS[name](good, torch.Generator().manual_seed(1)))
    assert torch.equal(bad, good) == (name == "none")


def test_haze_pales_and_lightens():
    dark = smooth_photo(torch.Generator().manual_seed(0), 4, 40, 50) * 0.5
    hazy = DEGRADATIONS["haze"](dark, torch.Generator().manual_seed(1))
    assert (hazy.mean((1, 2, 3)) > dark.mean((1, 2, 3))).all()
    assert (hazy.std((2, 3)).mean(1) < dark.std((2, 3)).mean(1)).float().mean() >= 0.5


@pytest.mark.parametrize(
    ("text", "name", "degradation", "taste"),
    [
        ("zero-dce", "zero-dce", "exposure", False),
        ("zero-dce++", "zero-dce++", "exposure", False),
        ("zero-dce+++", "zero-dce++", "exposure", True),
        ("DeepUPE+", "deep-upe", "exposure", True),
        ("DAR+", "distort-recover", "all", True),
        ("DMMF+", "dmmf", "haze", True),
        ("lut3d+", "lut3d", "all", True),
        ("my.Nets:Net+", "my.Nets:Net", "all", True),
    ],
)
def test_presets_and_the_papers_names(text, name, degradation, taste):
    found = preset(text)
    assert (found.name, found.degradation, found.to_a_taste) == (name, degradation, taste)
    assert found.fidelity == (4.0 if degradation == "haze" else 1.5)


def test_pairs_in_two_layouts_and_their_problems(photos, tmp_path, pairs):
    assert len(read_pairs(pairs)) == 6
    flat = tmp_path / "flat"
    flat.mkdir()
    for name in ("a_input", "a_expertC", "b_1_input", "b_1_E"):
        (flat / f"{name}.png").write_bytes(photos[0].read_bytes())
    assert [(a.stem, b.stem) for a, b in read_pairs(flat)] == [
        ("a_input", "a_expertC"),
        ("b_1_input", "b_1_E"),
    ]
    (flat / "c_input.png").write_bytes(photos[0].read_bytes())
    with pytest.raises(DatasetError, match=r"c_input\.png: expected"):
        read_pairs(flat)
    (pairs / "target" / "p0.png").unlink()
    with pytest.raises(DatasetError, match="p0 is in only one"):
        read_pairs(pairs)


@pytest.fixture
def run():
    def invoke(*args):
        result = CliRunner().invoke(main, [str(arg) for arg in args])
        assert "Traceback" not in result.stderr
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


def test_the_command_writes_a_network_that_enhance_takes(run, pairs, photos, tmp_path):
    out = tmp_path / "mine.safetensors"
    small = ("--steps", 3, "--batch", 2, "--side", 64)
    result = run("train", "enhancer", "csrnet", "--pairs", pairs, "-o", out, *small)
    assert result.exit_code == 0, result.stderr
    assert [path.name for path in tmp_path.glob("mine*")] == ["mine.safetensors"]
    assert "train enhancer csrnet" in read_card(out).provenance
    trained = load_enhancer(out)
    assert isinstance(trained, CSRNet)
    image = read(photos[0]).image
    assert not torch.equal(enhance(trained, image), image)
    plus = run("train", "enhancer", "csrnet+", "--photos", photos[0].parent, "--taste", "aesthetic",
               "--init", out, "-o", tmp_path / "plus.safetensors", *small)  # fmt: skip
    assert plus.exit_code == 0, plus.stderr
    assert "to the taste aesthetic" in read_card(tmp_path / "plus.safetensors").provenance
    done = run("enhance", photos[0], "--enhancer", tmp_path / "plus.safetensors", "-o", tmp_path / "o.png")
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["csrnet"], "either --photos or --pairs"),
        (["csrnet+", "--photos", "."], "--taste"),
        (["csrnet", "--photos", ".", "-o", "x.pth"], ".safetensors"),
        (["nobody", "--photos", "."], "nobody"),
        (["no.module:Net", "--photos", "."], "importing no.module failed"),
    ],
)
def test_mistakes_are_told_before_work(run, more, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("train", "enhancer", "-o", "y.safetensors", *more)
    assert result.exit_code == 2
    assert message in result.stderr

"""Looks by name: laid over every edit, in every surface alike, and written as presets."""

import json

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from retouch_aes import Photo, Retoucher, learn, read
from retouch_aes.cli import main
from retouch_aes.errors import UsageError
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.pipeline import RetoucherSpec
from retouch_aes.pipeline.look import combined, find_look
from retouch_aes.pipeline.typical_edit import typical_edit
from retouch_aes.preferences import Choice, Rendition
from retouch_aes.testing import smooth_photo

WARM = Recipe((Step(OPERATORS["white_balance"], (20.0, 0.0)), Step(OPERATORS["saturation"], (-15.0,))))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RETOUCH_AES_LOOKS", str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for seed in range(2):
        image = smooth_photo(torch.Generator().manual_seed(seed), 1, 64, 96)[0]
        levels = (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(levels).save(tmp_path / "photos" / f"{seed}.png")
    WARM.save(tmp_path / "warm.json")
    return tmp_path


def told(*words, code=0):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_look_moves_each_slider_on_within_its_range():
    base = Recipe((Step(OPERATORS["exposure"], (0.5,)), Step(OPERATORS["saturation"], (-95.0,))), 160)
    both = combined(base, WARM)
    assert [step.operator.name for step in both.steps] == ["white_balance", "exposure", "saturation"]
    assert [step.values for step in both.steps] == [(20.0, 0.0), (0.5,), (-100.0,)]
    assert both.proxy == 160
    assert combined(base, Recipe()) == base
    with pytest.raises(UsageError, match="each operator once"):
        combined(Recipe(WARM.steps * 2), base)


def test_python_retouch_and_batch_lay_the_same_look_over(folder):
    told("looks", "add", "warm.json", "--name", "wedding")
    assert "wedding" in told("looks", "list")
    photo = folder / "photos" / "0.png"
    plain = Retoucher.load(fast=True, device="cpu")(read(photo))
    mine = Retoucher.load(fast=True, look="wedding", device="cpu")(read(photo))
    assert mine.recipe == combined(plain.recipe, WARM)
    assert "with a look" in mine.solution.reason
    told(
        "retouch",
        photo,
        "-o",
        "one.png",
        "--fast",
        "--look",
        "wedding",
        "--json",
        "r.json",
        "--device",
        "cpu",
    )
    [record] = json.loads((folder / "r.json").read_text())
    assert record["recipe"] == mine.recipe.effective().to_json()
    told("batch", "photos", "out", "--fast", "--look", "wedding", "--workers", "1", "--device", "cpu")
    lines = [json.loads(line) for line in (folder / "out/retouch_aes_batch.jsonl").read_text().splitlines()]
    recipes = {line["result"]: line["recipe"] for line in lines if line["state"] == "done"}
    assert recipes["0.png"] == mine.recipe.effective().to_json()
    assert read(folder / "one.png").image.equal(read(folder / "out/0.png").image)


def test_a_grey_photo_keeps_its_greys_under_a_warm_look():
    grey = torch.linspace(0.1, 0.9, 96)[None, None, None].expand(1, 3, 64, 96).contiguous()
    retoucher = Retoucher(Retoucher.load(device="cpu").model, look=WARM)
    after = retoucher(Photo(grey)).photo.image
    assert float((after - after[:, :1]).abs().max()) == 0


def test_names_that_are_not_there_and_files_that_are_no_looks(folder):
    assert "unknown look 'nothing'; there are: none" in told(
        "retouch", "photos/0.png", "--look", "nothing", code=2
    )
    (folder / "bad.json").write_text("{}")
    told("looks", "add", "bad.json", code=1)
    assert "expected a recipe (.json) or a taste (.taste)" in told("looks", "add", "photos/0.png", code=2)
    assert "plain name" in told("looks", "add", "warm.json", "--name", "../up", code=2)
    assert "a device on Windows" in told("looks", "add", "warm.json", "--name", "con", code=2)
    told("looks", "add", "warm.json")
    assert "exists already" in told("looks", "add", "warm.json", code=1)
    (folder / "looks").mkdir()
    Recipe().save(folder / "looks" / "warm.json")
    assert find_look("warm").parent.name == "looks"  # where one stands goes first


def test_presets_of_a_recipe_and_of_a_taste(folder):
    out = told("looks", "export", "warm.json", "-o", "presets")
    assert {path.name for path in (folder / "presets").iterdir()} == {"warm.xmp", "warm.pp3", "warm.cube"}
    assert 'crs:IncrementalTemperature="+20"' in (folder / "presets/warm.xmp").read_text()
    assert "not measured" in out
    answers = [
        Choice(
            Rendition(f"{n}.png", Recipe((Step(OPERATORS["exposure"], (-ev,)),), 224)), Rendition(f"{n}.png")
        )
        for n in range(2)
        for ev in (0.4, 0.6, 0.8, 1.0, 1.2, 1.4)
    ]
    taste = learn(answers, folder / "photos", "aesthetic-compact")
    taste.save(folder / "dark.taste")
    exposure = {step.operator.name: step.values for step in typical_edit(taste, folder / "photos").steps}
    assert exposure["exposure"][0] < -0.05
    assert "give --photos" in told("looks", "export", "dark.taste", "-o", "x", code=2)
    told("looks", "export", "dark.taste", "--photos", "photos", "-o", "x", "--for", "lightroom")
    assert [path.name for path in (folder / "x").iterdir()] == ["dark.xmp"]
    both = ("--look", "dark.taste", "--taste", "dark.taste")
    assert "give one" in told("retouch", "photos/0.png", *both, code=2)


def test_a_batch_with_a_changed_look_is_another_batch(tmp_path):
    look, found = tmp_path / "look.json", set()
    for share in (0.3, 0.6):
        WARM.scaled(share).save(look)
        found.add(RetoucherSpec(look=str(look)).signature)
    assert len({*found, RetoucherSpec().signature}) == 3

"""One way for a photo: Python, `retouch`, `batch` and the page find the same edit."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from retouch_aes import (
    Outcome,
    Photo,
    Retoucher,
    RetouchSettings,
    learn,
    load_model,
    load_taste,
    score,
    write,
)
from retouch_aes.cli import main
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.editing import BFGS
from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.operators import OPERATORS, Recipe
from retouch_aes.pipeline import RetoucherSpec, Scorer
from retouch_aes.preferences import Choice, PairAcquisition
from retouch_aes.testing import smooth_photo


def opened(path) -> Photo:
    return Photo(torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)[None] / 255)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Seven soft, dim photos."""
    folder = tmp_path_factory.mktemp("photos")
    generator = torch.Generator().manual_seed(3)
    for number in range(7):
        image = 0.6 * smooth_photo(generator, 1, 96, 144)[0]
        levels = (image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(levels).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def answers(folder) -> list[Choice]:
    """The choices of somebody who likes what is brighter, between renditions."""

    def brightness(side) -> float:
        image = opened(folder / side.photo).image
        return float((image if side.recipe is None else side.recipe.apply(image)).mean())

    questions = PairAcquisition([f"{n}.png" for n in range(7)], kind="renditions", seed=1).propose(
        [], count=14
    )
    pairs = [sorted((q.first, q.second), key=brightness) for q in questions]
    return [Choice(better, worse, time="") for worse, better in pairs]


@pytest.fixture(scope="module")
def taste(folder, answers, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("taste") / "me.taste"
    learn(answers, folder).save(path)
    return path


def test_the_page_the_command_and_the_batch_find_the_same_edit(folder, answers, taste, tmp_path, monkeypatch):
    from retouch_aes.web.album import Album
    from retouch_aes.web.album_learner import AlbumLearner
    from retouch_aes.web.pictures import Pictures

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = CliRunner().invoke
    person, recipes = ["--taste", str(taste)], ["--recipe", str(tmp_path / "recipes")]
    one = run(main, ["retouch", str(folder), "-o", str(tmp_path / "one"), *person, *recipes])
    assert one.exit_code == 0, one.output
    beside = ["--recipes", "beside", "--workers", "1"]
    many = run(main, ["batch", str(folder), str(tmp_path / "many"), *person, *beside])
    assert many.exit_code == 0, many.output
    album = Album(folder)
    learner = AlbumLearner(album, Pictures(album, tmp_path / "pictures"), tmp_path / "page.taste")
    learned = learner.learn(answers, lambda *_: None)
    assert load_taste(tmp_path / "page.taste").info.answers_hash == load_taste(taste).info.answers_hash
    assert len(learned.examples) == 6
    retoucher, close = Retoucher.load(taste=taste), []
    for example in learned.examples:
        there = album.find(example.keys["personal"]).recipe
        page = Recipe() if there is None else there.effective()
        name = f"{Path(example.name).stem}.json"
        command = Recipe.from_json(json.loads((tmp_path / "recipes" / name).read_text()), OPERATORS)
        batch = Recipe.from_json(json.loads((tmp_path / "many" / name).read_text()), OPERATORS)
        python = retoucher(folder / example.name).recipe.effective()
        for other in (page, python, batch):
            names = [[step.operator.name for step in one.steps] for one in (other, command)]
            assert names[0] == names[1]
            image = opened(folder / example.name).image
            theirs = command.apply(image)
            apart = float(delta_e_2000(other.apply(image), theirs).mean())
            assert apart <= 0.2 * float(delta_e_2000(theirs, image).mean())
            close.append(apart < 1e-3)
    assert sum(close) > len(close) / 2  # in the others rounding leads the search along a flat valley


def test_a_recipe_knows_the_proxy_it_was_sought_on(folder, tmp_path):
    settings = RetouchSettings(proxy=64)
    done = Retoucher.load(settings=settings, operators=["dehaze", "exposure"])(folder / "0.png")
    assert done.recipe.proxy == 64
    write(done.photo, tmp_path / "here.png")
    done.recipe.save(tmp_path / "edit.json")
    again = CliRunner().invoke(
        main, ["apply", str(tmp_path / "edit.json"), str(folder / "0.png"), "-o", str(tmp_path / "again.png")]
    )
    assert again.exit_code == 0, again.output
    one, other = (np.array(Image.open(tmp_path / name)).astype(int) for name in ("here.png", "again.png"))
    assert np.abs(one - other).max() <= 1


def test_several_photos_give_several_results(folder):
    retoucher = Retoucher.load(fast=True)
    done = retoucher([folder / "0.png", folder / "1.png"])
    assert [one.solution.outcome in Outcome for one in done] == [True, True]
    assert done[0].photo.image.shape == (1, 3, 96, 144)


def test_fast_takes_no_step_and_a_spec_is_the_same_retoucher(folder):
    spec = RetoucherSpec(fast="edit-prior", settings=RetouchSettings(solver=BFGS(steps=0)))
    one, other = Retoucher.of(spec), Retoucher.load(fast=True)
    assert one(folder / "2.png").recipe == other(folder / "2.png").recipe
    assert other(folder / "2.png").solution.history == ()
    assert spec.signature != RetoucherSpec().signature


def test_a_taste_of_another_model_is_refused_before_any_work(taste):
    known = load_taste(taste)
    stranger = replace(known, card=replace(known.card, fingerprint="0" * 12))
    with pytest.raises(WeightsError, match="fingerprint"):
        Retoucher(OTHER, taste=stranger)


def test_a_taste_brings_the_bundled_score_that_it_was_learned_on(taste):
    assert Retoucher(OTHER, taste=load_taste(taste)).score_of(torch.zeros(1, 3, 64, 64)) is not None


def test_score_takes_paths_photos_and_images(folder):
    image = opened(folder / "0.png")
    one, other, third = score([folder / "0.png", image, image.image])
    assert one.score == pytest.approx(other.score, abs=1e-4) == pytest.approx(third.score, abs=1e-4)
    assert score(folder / "0.png").score == one.score
    assert 0 < one.spread < 4.5
    with pytest.raises(UsageError):
        score(torch.zeros(3, 64, 64))


def test_a_taste_ranks_photos(folder, taste):
    scorer = Scorer.load(taste=taste)
    assert scorer.fingerprint != Scorer.load().fingerprint
    assert 1 <= scorer(folder / "0.png").score <= 10


OTHER = load_model("aesthetic").requires_grad_(False)
with torch.no_grad():
    next(iter(OTHER.parameters())).add_(0.01)

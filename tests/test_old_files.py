"""Files of the first edition (version 0.1, commit 2fdeaf8) are read, and say what they said then.

`fixtures/first_edition` was written by that commit: a small score and prior with random weights, a taste and
a covariance on that score, a recipe, answers, the manifest of a batch; and in `facts.json` what it made of
them.
"""

import json
import shutil
from pathlib import Path

import pytest
import torch

from retouch_aes import (
    OPERATORS,
    Rating,
    Retoucher,
    load_model,
    load_prior,
    load_taste,
    read_answers,
    read_recipe,
)
from retouch_aes.batch.manifest import NAME, Manifest
from retouch_aes.editing.outcome import SHARES
from retouch_aes.models import read_header
from retouch_aes.models.files import read_file
from retouch_aes.preferences import Choice, ChoiceLog, Rendition, Skip, Tie
from retouch_aes.taste import GPTaste
from retouch_aes.taste.gp.covariance_files import read_covariance

OLD = Path(__file__).parent / "fixtures" / "first_edition"
FACTS = json.loads((OLD / "facts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def image() -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(0, 1, 48), torch.linspace(0, 1, 64), indexing="ij")
    return torch.stack([x, y, 0.5 + 0.4 * torch.sin(7 * x * y)])[None]


def same(one: Path, other: Path) -> bool:
    (here, about_here), (there, about_there) = read_file(one), read_file(other)
    equal = all(torch.equal(here[name], there[name]) for name in here.keys() | there.keys())
    return equal and about_here == about_there


def test_a_score_has_its_fingerprint_and_gives_the_same_scores(image):
    model = load_model(OLD / "score.safetensors")
    assert model.fingerprint == FACTS["fingerprint"]
    with torch.no_grad():
        assert float(model(image)) == pytest.approx(FACTS["score"], abs=1e-5)
        assert model.distribution(image)[0].tolist() == pytest.approx(FACTS["distribution"], abs=1e-5)
    assert read_header(OLD / "score.safetensors").card.licence == "CC0-1.0"


def test_a_prior_guesses_the_same_edit(image):
    chain, _ = read_recipe(OLD / "edit.json", OPERATORS).parts()
    for guess, before in zip(
        load_prior(OLD / "prior.safetensors").guess(image, chain), FACTS["guess"], strict=True
    ):
        assert guess[0].tolist() == pytest.approx(before, abs=1e-5)


def test_a_taste_ranks_and_edits_as_it_did(image):
    taste, model = load_taste(OLD / "gp.taste"), load_model(OLD / "score.safetensors")
    recipe = read_recipe(OLD / "edit.json", OPERATORS)
    assert isinstance(taste, GPTaste)
    assert (taste.info.choices, taste.info.metrics["agreement"], taste.info.curve) == (2, 0.75, ((10, 0.6),))
    with torch.no_grad():
        assert float(taste.ranking_model(model)(image)) == pytest.approx(FACTS["ranking"], abs=1e-5)
        edited = taste.editing_model(model, image)(recipe.apply(image))
        assert float(edited) == pytest.approx(FACTS["editing"], abs=1e-4)
        chain, _ = recipe.parts()
        prior = taste.prior(load_prior(OLD / "prior.safetensors"))
        for guess, before in zip(prior.guess(image, chain), FACTS["personal_guess"], strict=True):
            assert guess[0].tolist() == pytest.approx(before, abs=1e-3)


def test_the_fingerprints_of_a_taste_are_those_that_manifests_hold():
    taste, model = load_taste(OLD / "gp.taste"), load_model(OLD / "score.safetensors")
    assert taste.ranking_model(model).fingerprint == FACTS["ranking_fingerprint"]
    assert taste.editing_model(model).fingerprint == FACTS["editing_fingerprint"]


def test_a_taste_is_written_as_it_was_read(tmp_path):
    taste = load_taste(OLD / "gp.taste")
    taste.save(tmp_path / "again.taste")
    assert same(tmp_path / "again.taste", OLD / "gp.taste")


def test_a_covariance_is_read_and_written_as_it_was(tmp_path):
    found = read_covariance(OLD / "covariance.safetensors")
    assert (found.fingerprint, found.provenance) == (FACTS["fingerprint"], "made for a test")
    assert (found.settings.style_quadratic, found.settings.ranking_share) == (3.0, 0.2)
    found.save(tmp_path / "again.safetensors")
    assert same(tmp_path / "again.safetensors", OLD / "covariance.safetensors")


def test_a_photo_is_retouched_to_the_taste_as_it_was(image):
    retoucher = Retoucher.load(
        model=OLD / "score.safetensors",
        taste=OLD / "gp.taste",
        prior=OLD / "prior.safetensors",
        operators=["exposure", "saturation"],
        device="cpu",
    )
    found = retoucher.solve(image)
    before = [value for step in FACTS["retouch"]["steps"] for value in step["params"].values()]
    now = [value for step in found.recipe.steps for value in step.values]
    shares = {round(one / other, 2) for one, other in zip(now, before, strict=True)}
    assert len(shares) == 1, "the same direction: since 0.2 an edit whose score falls is weakened"
    assert shares <= set(SHARES)
    assert found.score_after >= found.score_before


def test_a_recipe_gives_the_same_pixels(image):
    recipe = read_recipe(OLD / "edit.json", OPERATORS)
    assert [step.operator.name for step in recipe.steps] == ["exposure", "white_balance", "saturation"]
    edited = recipe.apply(image)[0, :, ::16, ::21]
    assert torch.allclose(edited, torch.tensor(FACTS["edited"]), atol=2e-3)


def test_answers_stand_as_they_stood(tmp_path):
    choice, inferred, tie, skip, rating = read_answers(OLD / "choices.jsonl")
    assert isinstance(choice, Choice)
    assert (str(choice.winner), str(choice.loser), choice.stated) == ("b.jpg", "a.jpg", True)
    assert isinstance(inferred, Choice)
    assert not inferred.stated
    assert inferred.winner == Rendition("a.jpg", read_recipe(OLD / "edit.json", OPERATORS))
    assert isinstance(tie, Tie)
    assert isinstance(skip, Skip)
    assert isinstance(rating, Rating)
    assert rating.score == 7.75
    copy = shutil.copy(OLD / "choices.jsonl", tmp_path / "choices.jsonl")
    with ChoiceLog(copy) as log:
        log.undo()
        assert log.answers == (choice, inferred, tie, skip)


def test_a_batch_goes_on_from_its_manifest(tmp_path):
    copy = shutil.copy(OLD / NAME, tmp_path / NAME)
    with Manifest(copy, "3f0c") as manifest:
        line = manifest.done("a.jpg")
        assert line is not None
        assert line["content"] == "9b2e"
        assert manifest.done("b.jpg") is None
        assert manifest.ours("b.jpg")

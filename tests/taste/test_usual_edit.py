"""The usual edit of a taste: where every edit starts, and what several people's come to together."""

from dataclasses import replace

import pytest
import torch

from retouch_aes.editing.solve import RetouchSettings, retouch
from retouch_aes.models import load_model
from retouch_aes.models.edit_prior import LEAST_SPREAD
from retouch_aes.operators import OPERATORS, EditChain, Recipe, Step, select
from retouch_aes.pipeline.typical_edit import typical_edit
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste import load_taste
from retouch_aes.taste.gp.learn import learn_gp
from retouch_aes.taste.gp.taste import merge_tastes
from retouch_aes.taste.gp.usual_edit import BESIDE_ANSWERS, UsualEdit, UsualEditPrior, blended_usual
from retouch_aes.testing import smooth_photo


def usual(ev: float, **others: float) -> UsualEdit:
    steps = [Step(OPERATORS["exposure"], (ev,))]
    return UsualEdit(Recipe((*steps, *(Step(OPERATORS[name], (v,)) for name, v in others.items()))), 10)


def test_it_is_guessed_for_every_photo_and_other_sliders_stay():
    chain = EditChain(select(["exposure", "contrast"]))
    units, spread = UsualEditPrior(usual(0.8)).guess(torch.rand(3, 3, 16, 24), chain)
    assert units.shape == spread.shape == (3, len(chain))
    recipe = Recipe.of(chain, chain.from_units(units)[2])
    assert {step.operator.name: step.values for step in recipe.steps} == {
        "exposure": (pytest.approx(0.8),),
        "contrast": (0.0,),
    }
    assert float(spread.max()) == pytest.approx(0.02)


def test_a_search_stays_at_it_unless_other_answers_lead_away(folder, tmp_path):
    generic = load_model("aesthetic-compact").requires_grad_(False)
    darker = usual(-0.7).recipe
    answers = [Choice(Rendition(f"{n:02}.png", darker), Rendition(f"{n:02}.png")) for n in range(16, 24)]
    taste = replace(learn_gp(answers, folder, generic), usual=usual(-0.3))
    taste.save(tmp_path / "me.taste")
    taste = load_taste(tmp_path / "me.taste")
    assert taste.usual == usual(-0.3)
    photo = smooth_photo(torch.Generator().manual_seed(3), 1, 96, 128)

    def light(spread: float) -> float:
        held = replace(taste, usual=replace(usual(-0.3), spread=spread))
        [found] = retouch(
            photo,
            held.editing_model(generic, photo),
            prior=held.prior(None),
            operators=held.operators,
            settings=RetouchSettings(proxy=96, levels=False),
        )
        return float(found.recipe.apply(photo).mean())

    asked = float(usual(-0.3).recipe.apply(photo).mean())
    tight, loose = light(LEAST_SPREAD), light(BESIDE_ANSWERS)
    assert tight == pytest.approx(asked, abs=0.1 * float(photo.mean() - asked))
    assert loose < tight - 0.1 * float(photo.mean() - asked)


def test_operators_beyond_the_general_ones_may_be_used(folder, generic):
    answers = [
        Choice(Rendition("04.png"), Rendition("05.png")),
        Choice(Rendition("06.png"), Rendition("07.png")),
    ]
    taste = learn_gp(answers, folder, generic)
    sharper = Recipe((Step(OPERATORS["sharpening"], tuple(p.high for p in OPERATORS["sharpening"].params)),))
    assert "sharpening" not in taste.operators
    knowing = replace(taste, usual=UsualEdit(sharper, 10))
    assert "sharpening" in knowing.operators
    assert typical_edit(knowing, folder) == sharper


def test_a_blend_lies_between_and_needs_all(folder, generic):
    half = blended_usual([usual(1.0, contrast=0.4), usual(0.0)], [0.5, 0.5])
    assert half is not None
    values = {step.operator.name: step.values[0] for step in half.recipe.steps}
    assert values == {"exposure": pytest.approx(0.5), "contrast": pytest.approx(0.2)}
    assert half.edits == 20
    assert blended_usual([usual(1.0), None], [0.5, 0.5]) is None
    taste = learn_gp([Choice(Rendition("04.png"), Rendition("05.png"))] * 2, folder, generic)
    both = merge_tastes([replace(taste, usual=usual(1.0)), taste], [60, 40])
    assert both.usual is None
    assert any("without a usual edit" in note for note in both.info.notes)
    assert merge_tastes([taste, taste], [60, 40]).info.notes == ("a blend of 2 tastes: 60 %, 40 %",)

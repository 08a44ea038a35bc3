"""A person's look is counted from the repaired photo, and a usual edit from the photo as it is."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

from retouch_aes import Retoucher, load_prior
from retouch_aes.editing.repaired import repaired
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.preferences import Choice, Rendition
from retouch_aes.taste import learn
from retouch_aes.taste.gp.usual_edit import UsualEdit
from retouch_aes.taste.style_features import style_features
from retouch_aes.testing import smooth_photo


@pytest.fixture(scope="module")
def taste(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    photos = smooth_photo(torch.Generator().manual_seed(0), 3, 48, 64)
    for number, photo in enumerate(photos):
        levels = (photo.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(levels).save(folder / f"{number}.png")
    darker = Recipe((Step(OPERATORS["exposure"], (-0.6,)),))
    answers = [Choice(Rendition(f"{n}.png", darker), Rendition(f"{n}.png")) for n in range(3)]
    return learn(answers, folder, "aesthetic-compact")


def test_the_look_is_counted_from_the_repair(taste) -> None:
    prior = load_prior("edit-prior")
    dark = 0.25 * smooth_photo(torch.Generator().manual_seed(2), 1, 96, 128)
    retoucher = Retoucher.load(taste=taste, prior=prior, device="cpu")
    sound = repaired(dark, prior, (*retoucher.names, "fill_light"))
    assert float(sound.mean()) > 1.1 * float(dark.mean())
    torch.testing.assert_close(retoucher.score_of(dark).reference, style_features(sound))
    none = Retoucher.load(taste=taste, prior=None, device="cpu")
    torch.testing.assert_close(none.score_of(dark).reference, style_features(dark))


def test_a_usual_edit_is_a_repair_itself(taste) -> None:
    usual = UsualEdit(Recipe((Step(OPERATORS["exposure"], (0.5,)),)), 10)
    dark = 0.25 * smooth_photo(torch.Generator().manual_seed(2), 1, 96, 128)
    retoucher = Retoucher.load(taste=replace(taste, usual=usual), device="cpu")
    torch.testing.assert_close(retoucher.score_of(dark).reference, style_features(dark))


def test_only_operators_that_may_be_used_repair() -> None:
    dark = 0.25 * smooth_photo(torch.Generator().manual_seed(2), 1, 96, 128)
    assert repaired(dark, load_prior("edit-prior"), ()) is dark
    assert repaired(dark, None, ("exposure",)) is dark

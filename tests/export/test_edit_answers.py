"""Edits made by known sliders: they are found again, and become choices."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes.datasets.pairs import pair_up
from retouch_aes.errors import DatasetError
from retouch_aes.export.edit_answers import FittedEdit, edit_answers, fit_edits, median_edit
from retouch_aes.export.picture import to_picture
from retouch_aes.export.projection import SLIDERS
from retouch_aes.export.usual_edit_fit import usual_edit
from retouch_aes.operators import OPERATORS, EditChain, Recipe, Step, select


def brighter(ev: float) -> Recipe:
    return Recipe((Step(OPERATORS["exposure"], (ev,)),))


@pytest.fixture
def folders(tmp_path: Path, image: torch.Tensor) -> tuple[Path, Path]:
    """Four photos; three edits by exposure alone, a crop, one that was left as it is."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        (folder / "day").mkdir(parents=True)
    photo = 0.1 + 0.5 * image
    for name, ev in (("a", 0.3), ("b", 0.5), ("day/c", 0.9), ("d", 0.0)):
        to_picture(photo).save(before / f"{name}.png")
        to_picture(brighter(ev).apply(photo)).save(after / f"{name}.tif")
    to_picture(photo).save(before / "e.png")
    to_picture(photo[..., :40]).save(after / "e.png")
    to_picture(photo).save(after / "alone.png")
    to_picture(photo).save(before / "never edited.png")
    return before, after


def luminance(recipe: Recipe, image: torch.Tensor) -> float:
    return float(recipe.apply(image).mean())


def test_edits_are_fitted_and_odd_pairs_are_named(folders, image):
    pairs, lonely = pair_up(*folders)
    assert [word.split(":")[0] for word in lonely] == [str(folders[1] / "alone.png")]
    edits, problems = fit_edits(pairs)
    assert {edit.photo.name for edit in edits} == {"a.png", "b.png", "c.png"}
    assert sorted(problem.split(":")[0] for problem in problems) == ["d.tif", "e.png"]
    assert any("cropped" in problem for problem in problems)
    for edit in edits:
        assert edit.left < 0.15 * edit.difference
    photo = 0.1 + 0.5 * image
    middle = luminance(median_edit(edits), photo)
    assert middle == pytest.approx(luminance(brighter(0.5), photo), abs=0.02)
    for edit in edits:
        assert edit.curvature.shape[0] == edit.curvature.shape[1]
        assert torch.allclose(edit.curvature, edit.curvature.T)
        assert float(torch.linalg.eigvalsh(edit.curvature).min()) > -1e-5
    found = usual_edit(edits)
    assert found.edits == 3
    assert luminance(found.recipe, photo) == pytest.approx(luminance(brighter(0.5), photo), abs=0.03)
    sizes = [
        sum(v * v for step in median_edit(edits, k).steps for v in step.values) for k in (0.0, 0.1, 10.0)
    ]
    assert sizes[0] > sizes[2]
    assert luminance(median_edit(edits, 10.0), photo) < luminance(median_edit(edits, 0.01), photo)


def test_an_edit_is_liked_better_than_the_photo(folders):
    edits, _ = fit_edits(pair_up(*folders)[0][:1])
    [edit] = edits
    [answer] = edit_answers(edits)
    assert answer.winner.recipe == edit.recipe
    assert answer.loser.recipe is None
    assert Path(answer.winner.photo) == Path(answer.loser.photo) == edit.photo.resolve()


def test_habits_that_disagree_are_followed_less(image):
    """Half of the photos are made brighter, half darker, each by sliders that show: no preset is of use."""
    chain = EditChain(select(SLIDERS))
    units = torch.zeros(2, len(chain))
    units[:, chain.names.index("exposure.ev")] = torch.tensor([0.3, -0.3])
    recipes = [Recipe.of(chain, params).effective() for params in chain.from_units(units)]
    edits = [FittedEdit(Path(), Path(), recipe, 5.0, 0.1, torch.eye(len(chain))) for recipe in recipes]
    assert luminance(median_edit(edits), image) == pytest.approx(float(image.mean()), abs=1e-4)


def test_folders_without_a_pair_are_refused(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / name / f"{name}.png")
    with pytest.raises(DatasetError, match="no pairs"):
        pair_up(tmp_path / "one", tmp_path / "two")

"""`retouch` and `apply`: what is written, where, and what is never written."""

import json

import numpy as np
import pytest
from PIL import Image

from retouch_aes.operators import OPERATORS, read_recipe
from retouch_aes.photo import read


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_result_lies_beside_the_photo_which_stays_as_it_was(bright, retouched, photo):
    before = photo.read_bytes()
    result = retouched("retouch", photo)
    assert result.exit_code == 0
    assert photo.read_bytes() == before
    assert read(photo.with_name("photo_retouched.jpg")).width == 72
    assert "score" in result.stdout
    assert "edited" in result.stdout


def test_a_tree_is_kept_and_broken_photos_do_not_end_the_run(retouched, tree, tmp_path):
    report, out = tmp_path / "report.json", tmp_path / "out"
    result = retouched(
        "retouch", tree, "-o", out, "--json", report, "--recipe", tmp_path / "r", "--compare", tmp_path / "c"
    )
    assert result.exit_code == 1
    assert files_in(out) == ["Größe 写真/[red]é.png", "one two.jpg"]
    assert files_in(tmp_path / "r") == ["Größe 写真/[red]é.json", "one two.json"]
    assert files_in(tmp_path / "c") == ["Größe 写真/[red]é_compare.jpg", "one two_compare.jpg"]
    records = json.loads(report.read_text(encoding="utf-8"))
    assert len(records) == 5
    assert sum("error" in record for record in records) == 3
    for record in records:
        assert ("error" in record) == ("outcome" not in record)
    assert result.stderr.count("failed: ") == 3


def test_the_recipe_saved_is_the_edit_made(bright, retouched, run, photo, tmp_path):
    recipe, again = tmp_path / "edit.json", tmp_path / "again.png"
    assert retouched("retouch", photo, "-o", tmp_path / "out.png", "--recipe", recipe).exit_code == 0
    assert any(not step.neutral for step in read_recipe(recipe, OPERATORS).steps)
    assert run("apply", recipe, photo, "-o", again).exit_code == 0
    first, second = (np.asarray(Image.open(path)) for path in (tmp_path / "out.png", again))
    assert (first == second).all()


def test_strength_zero_gives_the_photo_back(bright, retouched, run, photo, tmp_path):
    recipe, out = tmp_path / "edit.json", tmp_path / "out.png"
    retouched("retouch", photo, "-o", tmp_path / "x.png", "--recipe", recipe)
    assert run("apply", recipe, photo, "-o", out, "--strength", 0).exit_code == 0
    assert (np.asarray(Image.open(out)) == np.asarray(Image.open(photo))).all()


def test_only_the_operators_named_are_used(bright, retouched, photo, tmp_path):
    result = retouched("retouch", photo, "--operators", "exposure, contrast", "--json", "-")
    [record] = json.loads(result.stdout)
    assert {step["operator"] for step in record["recipe"]["steps"]} <= {"exposure", "contrast"}
    assert record["score_after"] > record["score_before"]
    assert len(record["fingerprint"]) == 12


def test_the_same_seed_gives_the_same_file(bright, retouched, photo, tmp_path):
    for name in ("a.png", "b.png"):
        retouched("retouch", photo, "-o", tmp_path / name, "--seed", 3)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_nothing_is_overwritten_unasked(retouched, photo):
    made = photo.with_name("photo_retouched.jpg")
    made.write_text("mine")
    result = retouched("retouch", photo)
    assert result.exit_code == 1
    assert "--overwrite" in result.stderr
    assert made.read_text() == "mine"
    assert retouched("retouch", photo, "--overwrite").exit_code == 0
    assert read(made).height == 48


def test_a_second_run_over_a_folder_leaves_its_own_results_aside(retouched, photo):
    folder = photo.parent
    assert retouched("retouch", folder, "--compare").exit_code == 0
    made = ["photo.jpg", "photo_compare.jpg", "photo_retouched.jpg"]
    assert files_in(folder) == made
    assert retouched("retouch", folder, "--overwrite").exit_code == 0
    assert files_in(folder) == made


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
def test_an_original_is_never_an_output(retouched, photo, flags):
    before = photo.read_bytes()
    for target in (photo, photo.parent):
        result = retouched("retouch", photo, "-o", target, *flags)
        assert result.exit_code == 2
        assert "original" in result.stderr
    assert retouched("retouch", photo, "--json", photo, *flags).exit_code == 2
    assert photo.read_bytes() == before


def test_two_photos_with_one_output_are_refused_before_any_work(retouched, photo, picture, tmp_path):
    (photo.parent / "other").mkdir()
    picture.save(photo.parent / "other" / "photo.jpg")
    result = retouched("retouch", photo, photo.parent / "other" / "photo.jpg", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "both" in result.stderr
    assert not photo.with_name("photo_retouched.jpg").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--operators", "exposure,glow"], 2, "unknown operator 'glow'"),
        (["--operators", ","], 2, "names"),
        (["--strength", "-1"], 2, "strength"),
        (["--strength", "nan"], 2, "finite"),
        (["--quality", "0"], 2, "quality"),
        (["--steps", "many"], 2, "steps"),
        (["-o", "result.gif"], 2, ".gif cannot be written"),
        (["--model", "nobody"], 1, "nobody is neither"),
        (["--prior", "nobody"], 1, "nobody is neither"),
        (["--device", "abacus"], 2, "abacus"),
    ],
)
def test_mistakes_are_one_line_and_an_exit_code(retouched, photo, arguments, code, message):
    result = retouched("retouch", photo, *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""
    assert files_in(photo.parent) == ["photo.jpg"]


def test_a_folder_without_photos_and_a_path_to_nothing(retouched, tree):
    empty = retouched("retouch", tree / "empty")
    assert (empty.exit_code, "no photos" in empty.stderr) == (1, True)
    assert retouched("retouch", tree / "nothing.jpg").exit_code == 2
    assert retouched("retouch").exit_code == 2


def test_several_photos_need_a_folder(retouched, tree, tmp_path):
    result = retouched("retouch", tree, "-o", tmp_path / "one.jpg")
    assert result.exit_code == 2
    assert "name a folder" in result.stderr


def test_a_place_that_cannot_be_written_to_is_found_before_any_work(retouched, photo, tmp_path):
    (tmp_path / "file").write_text("")
    result = retouched("retouch", photo, "-o", tmp_path / "file" / "out.jpg")
    assert result.exit_code == 1
    assert "cannot write there" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "retouch_aes.recipe", "version": 9}', "\xff"])
def test_a_malformed_recipe_is_named(run, photo, tmp_path, text):
    recipe = tmp_path / "edit.json"
    recipe.write_text(text, encoding="latin-1")
    result = run("apply", recipe, photo)
    assert result.exit_code == 1
    assert str(recipe) in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_recipe_that_is_not_there(run, photo, tmp_path):
    assert run("apply", tmp_path / "edit.json", photo).exit_code == 2

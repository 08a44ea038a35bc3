"""`--format`, `--name` and `--dry-run`: what results are called, decided before any work."""

import pytest
from PIL import Image


@pytest.fixture
def folder(tmp_path, picture):
    """Two photos that differ in their ending alone, and one more."""
    place = tmp_path / "in"
    place.mkdir()
    for name in ("a.jpg", "a.png", "b.jpg"):
        picture.save(place / name)
    (tmp_path / "edit.json").write_text('{"format": "retouch_aes.recipe", "version": 1, "steps": []}')
    return place


@pytest.fixture
def apply(run, folder):
    """`apply` of an edit that changes nothing, into the folder `out`."""
    out = folder.parent / "out"
    return lambda *args: run("apply", folder.parent / "edit.json", folder, "-o", out, *args)


def results(folder):
    return sorted(path.name for path in (folder.parent / "out").glob("*"))


def test_a_format_is_written_and_names_stay_apart(apply, folder):
    assert apply("--format", "webp").exit_code == 0
    assert results(folder) == ["a.webp", "a_png.webp", "b.webp"]
    for path in (folder.parent / "out").iterdir():
        with Image.open(path) as image:
            assert image.format == "WEBP"


def test_a_template_names_results(apply, folder):
    assert apply("--name", "{n}_{stem}_{taste}{ext}").exit_code == 0
    assert results(folder) == ["1_a_generic.jpg", "2_a_generic.png", "3_b_generic.jpg"]


def test_names_that_collide_are_an_error_before_any_work(apply, folder):
    result = apply("--name", "{stem}.jpg", "--format", "jpg")
    assert result.exit_code == 2
    assert "would both be written" in result.stderr
    assert not results(folder)


@pytest.mark.parametrize("wrong", [("--name", "same{ext}"), ("--name", "{stem}{eye}"), ("--format", "gif")])
def test_what_is_no_name_is_refused(apply, folder, wrong):
    assert apply(*wrong).exit_code == 2
    assert not results(folder)


def test_a_file_says_its_format_itself(run, folder):
    edit, photo = folder.parent / "edit.json", folder / "b.jpg"
    out = folder.parent / "c.png"
    assert run("apply", edit, photo, "-o", out, "--format", "webp").exit_code == 2
    assert run("apply", edit, photo, "-o", out, "--name", "{stem}").exit_code == 2
    assert run("apply", edit, photo, "--name", "{stem}_x").exit_code == 2
    assert run("apply", edit, photo, "-o", out, "--format", "png").exit_code == 0


@pytest.mark.parametrize("command", ["batch", "retouch", "apply"])
def test_a_dry_run_writes_nothing(run, folder, command):
    out = folder.parent / "out"
    words = {
        "batch": ["batch", folder, out],
        "retouch": ["retouch", folder, "-o", out],
        "apply": ["apply", folder.parent / "edit.json", folder, "-o", out],
    }[command]
    result = run(*words, "--dry-run", "--format", "png", "--name", "{stem}_{n}")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    names = [str(out / name) for name in ("a_1.png", "a_2.png", "b_3.png")]
    assert [line.split(" -> ")[1] for line in lines] == names
    assert not out.exists()

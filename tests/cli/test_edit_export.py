import json
import os

import pytest

from retouch_aes.export.cube import read_cube
from retouch_aes.export.xmp_packet import XMP, new_packet
from retouch_aes.operators import OPERATORS, Recipe, Step, installed, read_recipe
from retouch_aes.photo import read


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "edit.json"
    Recipe((Step(OPERATORS["exposure"], (0.5,)), Step(OPERATORS["clarity"], (20.0,)))).save(path)
    return path


def test_apply_writes_the_edit_for_other_programs(run, recipe, photo, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    files = ("--sidecar", "xmp", "--sidecar", "pp3", "--lut", tmp_path / "look.cube")
    result = run("apply", recipe, photo, "-o", out, *files, "--json", tmp_path / "r.json")
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in out.iterdir()} == {"photo.jpg", "photo.xmp", "photo.jpg.pp3"}
    assert 'Exposure2012="+0.50"' in (out / "photo.xmp").read_text()
    assert "Compensation=0.5" in (out / "photo.jpg.pp3").read_text()
    assert "clarity is not in it" in result.stderr
    assert read_cube(tmp_path / "look.cube").size >= 17
    [record] = json.loads((tmp_path / "r.json").read_text())
    assert len(record["edit_files"]) == 3
    again = run("apply", recipe, photo, "-o", tmp_path / "other.jpg", "--lut", tmp_path / "look.cube")
    assert again.exit_code == 1
    assert not (tmp_path / "other.jpg").exists()


def test_retouch_writes_them_too_and_tells_each_loss_once(retouched, photo, tmp_path, picture):
    picture.rotate(180).save(photo.with_name("second.jpg"))
    result = retouched(
        "retouch", photo, photo.with_name("second.jpg"), "-o", tmp_path / "out", "--sidecar", "pp3"
    )
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (tmp_path / "out").glob("*.pp3")} == {"photo.jpg.pp3", "second.jpg.pp3"}
    notes = [line for line in result.stderr.splitlines() if line.startswith("pp3: saturation")]
    assert len(notes) <= 1


def test_batch_writes_sidecars_and_a_report(retouched, photo, tmp_path):
    source, target = tmp_path / "in", tmp_path / "done"
    source.mkdir()
    photo.rename(source / "a.jpg")
    report = ("--report", tmp_path / "report.html", "--sidecar", "xmp", "--workers", 1)
    result = retouched("batch", source, target, *report)
    assert result.exit_code == 0, result.stderr
    assert (target / "a.xmp").exists()
    assert '"name": "a.jpg"' in (tmp_path / "report.html").read_text()
    again = retouched("batch", source, target, *report, "--overwrite")
    assert again.exit_code == 0, again.stderr


def test_report_reads_what_json_wrote(run, photo, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps([{"path": str(photo), "error": "damaged"}]))
    assert run("report", tmp_path / "r.json", "-o", tmp_path / "r.html").exit_code == 0
    assert run("report", tmp_path / "r.json", "-o", tmp_path / "r.html").exit_code == 1
    (tmp_path / "bad.json").write_text('{"a": 1}')
    assert run("report", tmp_path / "bad.json", "-o", tmp_path / "b.html").exit_code == 2


@pytest.mark.parametrize(
    ("name", "inside"),
    [("a.xmp", 'crs:PresetType="Normal"'), ("a.pp3", "[Exposure]"), ("a.cube", "LUT_3D_SIZE"), ("a.png", "")],
)
def test_export_by_the_ending(run, recipe, tmp_path, name, inside):
    result = run("export", recipe, "-o", tmp_path / name)
    assert result.exit_code == 0, result.stderr
    assert inside in (tmp_path / name).read_bytes().decode("latin-1")
    assert run("export", recipe, "-o", tmp_path / name).exit_code == 1
    assert run("export", recipe, "-o", tmp_path / "a.doc").exit_code == 2


def test_explain_finds_the_edit_again(run, photo, tmp_path):
    made = tmp_path / "made.json"
    Recipe((Step(OPERATORS["exposure"], (-0.4,)),)).save(made)
    run("apply", made, photo, "-o", tmp_path / "edited.jpg", "--quality", 100)
    files = (
        "--recipe",
        tmp_path / "found.json",
        "--lut",
        tmp_path / "rest.cube",
        "--json",
        tmp_path / "e.json",
    )
    result = run("explain", photo, tmp_path / "edited.jpg", "--operators", "exposure", *files)
    assert result.exit_code == 0, result.stderr
    [step] = read_recipe(tmp_path / "found.json", installed()).steps
    assert step.values[0] == pytest.approx(-0.4, abs=0.05)
    assert json.loads((tmp_path / "e.json").read_text())["explained"] > 0.8
    assert read_cube(tmp_path / "rest.cube").size == 17


@pytest.mark.parametrize("command", ["retouch", "apply", "batch"])
def test_results_are_finished_alike(command, retouched, run, recipe, photo, tmp_path):
    """Size, time and sidecars, whichever command writes the photo."""
    source = tmp_path / "in"
    source.mkdir()
    original = photo.rename(source / "a.jpg")
    os.utime(original, (1_000_000_000, 1_000_000_000))
    (source / "a.jpg.xmp").write_bytes(new_packet(f'xmlns:xmp="{XMP}" xmp:Rating="4"'))
    finishing = ("--resize", 40, "--keep-time", "--copy-sidecars")
    target = tmp_path / "out"
    if command == "apply":
        result = run("apply", recipe, source, "-o", target, *finishing)
    elif command == "retouch":
        result = retouched("retouch", source, "-o", target, *finishing)
    else:
        result = retouched("batch", source, target, "--workers", 1, *finishing)
    assert result.exit_code == 0, result.stderr
    assert max(read(target / "a.jpg").image.shape) == 40
    assert (target / "a.jpg").stat().st_mtime == 1_000_000_000
    assert (target / "a.jpg.xmp").read_bytes() == (source / "a.jpg.xmp").read_bytes()

"""Nothing is lost without a word: what is damaged, left out, cut or not written is told in the terminal."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from retouch_aes.atomic_io import TEMPORARY
from retouch_aes.operators import Recipe


def started(*arguments, **options):
    command = [sys.executable, "-m", "retouch_aes.cli", *map(str, arguments)]
    return subprocess.Popen(command, text=True, **options)


@pytest.fixture
def folder(tmp_path, picture):
    """Five photos that take a moment each."""
    place = tmp_path / "in"
    place.mkdir()
    for number in range(5):
        picture.resize((360, 240)).rotate(number, resample=Image.Resampling.BICUBIC).save(
            place / f"{number}.jpg"
        )
    return place


@pytest.mark.parametrize("command", ["retouch", "apply", "score", "batch"])
def test_a_damaged_photo_is_read_and_told(command, retouched, scored, run, photo, tmp_path):
    whole = photo.read_bytes()
    photo.write_bytes(whole[:-2])
    report = tmp_path / "report.json"
    if command == "score":
        result = scored("score", photo, "--json", report)
    elif command == "batch":
        source = tmp_path / "in"
        source.mkdir()
        photo.rename(source / "photo.jpg")
        result = retouched("batch", source, tmp_path / "out", "--json", report, "--workers", 1)
    elif command == "apply":
        Recipe().save(tmp_path / "r.json")
        result = run("apply", tmp_path / "r.json", photo, "-o", tmp_path / "out.jpg", "--json", report)
    else:
        result = retouched("retouch", photo, "-o", tmp_path / "out.jpg", "--json", report)
    assert result.exit_code == 0, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert len(lines) == 1
    assert "photo.jpg: its end marker is missing" in lines[0]
    [record] = json.loads(report.read_text())
    assert record["warnings"] == ["its end marker is missing; all pixels are there"]


def test_what_a_folder_holds_beside_photos_is_told(scored, photo):
    (photo.parent / "old.gif").write_bytes(b"GIF89a" + bytes(20))
    result = scored("score", photo.parent)
    assert result.exit_code == 0
    assert f"{photo.parent}: 1 file left out: 1 .gif (a GIF)" in result.stderr


def test_pairs_of_a_camera(retouched, photo, tmp_path):
    (tmp_path / "in").mkdir()
    photo = photo.rename(tmp_path / "in" / "photo.jpg")
    photo.with_suffix(".dng").write_bytes(photo.read_bytes())
    both = retouched("retouch", photo.parent, "-o", tmp_path / "both")
    assert both.exit_code == 0, both.stderr
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == ["photo.jpg", "photo_dng.jpg"]
    one = retouched("batch", photo.parent, tmp_path / "out" / "one", "--pairs", "jpeg", "--recipes", "beside")
    assert "halves of pairs (--pairs jpeg)" in one.stderr
    names = sorted(path.name for path in (tmp_path / "out" / "one").iterdir())
    assert names == ["photo.jpg", "photo.json", "retouch_aes_batch.jsonl"]


def test_results_of_pairs_and_long_names_do_not_become_photos(retouched, photo):
    photo.with_suffix(".dng").write_bytes(photo.read_bytes())
    long = photo.with_name("x" * 251 + ".jpg")
    long.write_bytes(photo.read_bytes())
    first = retouched("retouch", photo.parent, "--compare", "-")
    assert first.exit_code == 0, first.stderr
    count = len(list(photo.parent.iterdir()))
    assert count == 9
    again = retouched("retouch", photo.parent, "--compare", "-", "--overwrite")
    assert again.exit_code == 0, again.stderr
    assert len(list(photo.parent.iterdir())) == count


def test_a_photo_too_long_says_its_size(scored, tmp_path, picture):
    picture.resize((3000, 100)).save(tmp_path / "pano.jpg")
    result = scored("score", tmp_path / "pano.jpg")
    assert result.exit_code == 1
    assert "3000 x 100 pixels are 30:1" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes as Unix has them")
@pytest.mark.parametrize("way", ["closed pipe", "full"])
def test_photos_are_written_whoever_reads_stdout(way, folder, weights, tmp_path):
    if way == "full" and not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("no /dev/full here")
    arguments = ["retouch", folder, "-o", tmp_path / "out", "--fast", weights[1], "--model", weights[0]]
    if way == "full":
        with open("/dev/full", "w") as stdout:  # noqa: PTH123
            process = started(*arguments, stdout=stdout, stderr=subprocess.PIPE)
            errors = process.communicate(timeout=120)[1]
    else:
        process = started(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        process.wait(timeout=120)
    assert len(list((tmp_path / "out").iterdir())) == 5, errors
    assert "failed" not in errors
    assert "Traceback" not in errors
    assert process.returncode == (1 if way == "full" else 0)


@pytest.mark.parametrize("harm", ["cut", "zeros", "gone"])
def test_a_result_that_was_damaged_is_made_again(harm, retouched, photo, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    photo.rename(source / "a.jpg")
    assert retouched("batch", source, out).exit_code == 0
    result = out / "a.jpg"
    made = result.read_bytes()
    if harm == "cut":
        os.truncate(result, len(made) // 2)
    elif harm == "zeros":
        result.write_bytes(made[: len(made) // 2] + bytes(len(made) - len(made) // 2))
    else:
        result.unlink()
    again = retouched("batch", source, out)
    assert again.exit_code == 0, again.stderr
    assert result.read_bytes() == made
    assert "done before" not in again.stdout
    line = json.loads((out / "retouch_aes_batch.jsonl").read_text().splitlines()[-1])
    assert line["size"] == len(made)


def test_a_result_that_somebody_changed_is_left_as_it_is(retouched, photo, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    photo.rename(source / "a.jpg")
    retouched("batch", source, out)
    made = (out / "a.jpg").read_bytes()
    mine = made[:2] + b"\xff\xfe\x00\x06mine" + made[2:]
    (out / "a.jpg").write_bytes(mine)
    again = retouched("batch", source, out)
    assert again.exit_code == 0
    assert "1 done before" in again.stdout
    assert "changed by another program" in again.stderr
    assert (out / "a.jpg").read_bytes() == mine


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_run_killed_at_any_moment_leaves_whole_files_and_the_next_one_tidies_up(folder, weights, tmp_path):
    out = tmp_path / "out"
    arguments = ["retouch", folder, "-o", out, "--fast", weights[1], "--model", weights[0], "--overwrite"]
    process = started(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (out / f"{TEMPORARY}{'0' * 8}-dead.jpg").write_bytes(b"half")
    os.utime(out / f"{TEMPORARY}{'0' * 8}-dead.jpg", (0, 0))
    for path in out.glob("[!.]*"):
        with Image.open(path) as image:
            image.load()
    process = started(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = process.communicate(timeout=120)[0]
    assert process.returncode == 0, text
    assert sorted(path.name for path in out.iterdir()) == [f"{number}.jpg" for number in range(5)]


def test_names_that_break_lines_or_turn_them_round_are_shown_as_text(retouched, photo, tmp_path):
    odd = photo.with_name("a\nfake \u202egpj.jpg")
    photo.rename(odd)
    result = retouched("retouch", odd, "-o", tmp_path / "out.jpg")
    assert result.exit_code == 0, result.output
    assert "a\\nfake \\u202egpj.jpg: " in result.stdout


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_a_name_that_is_no_text_is_in_the_records(retouched, photo, tmp_path):
    odd = photo.with_name(os.fsdecode(b"a\xff.jpg"))
    photo.rename(odd)
    result = retouched("retouch", odd, "-o", tmp_path / "out", "--json", tmp_path / "told.json")
    assert result.exit_code == 0, result.output
    [record] = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    assert record["output"].endswith(".jpg")


def test_control_characters_of_file_names_are_shown_as_text(scored, photo):
    odd = photo.with_name("a\x1b[31mb.jpg")
    photo.rename(odd)
    result = scored("score", odd)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "a\\x1b[31mb.jpg" in result.stdout

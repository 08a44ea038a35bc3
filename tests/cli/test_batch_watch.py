"""`batch --watch` and `batch --compare`."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.cli import watching as watching_module
from retouch_aes.executors import InProcess
from retouch_aes.photo import read

CTRL_C = signal.SIGTERM if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else signal.SIGINT
"""Programs in the background of a shell do not hear Ctrl-C; the other one is heard as the same."""


@pytest.fixture
def watching(weights, tmp_path):
    """A process that watches tmp_path/in; it is ended in any case."""

    @contextmanager
    def started(*more):
        own = ["--fast", "--workers", "1", "--model", weights[0], "--prior", weights[1]]
        line = [sys.executable, "-m", "retouch_aes.cli", "batch", tmp_path / "in", tmp_path / "out", *own]
        process = subprocess.Popen(
            [*line, "--watch", *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    (tmp_path / "in").mkdir()
    return started


def until(happened, seconds=240):  # a busy machine takes a minute to start PyTorch twice
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def done(out):
    manifest = out / "retouch_aes_batch.jsonl"
    lines = manifest.read_text().splitlines() if manifest.exists() else []
    return {line["result"] for line in map(json.loads, lines) if line["state"] == "done"}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_photos_are_done_as_they_come_and_ctrl_c_ends_it(watching, picture, tmp_path):
    folder, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "r.json"
    picture.resize((320, 200)).save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    with watching("--json", report, "--compare", tmp_path / "sheets") as process:
        until((out / "retouch_aes_batch.jsonl").exists)
        picture.save(folder / "first.jpg")
        until(lambda: done(out) == {"first.jpg"})  # its worker has started: what follows is quick
        with (folder / "slow.png").open("wb") as file:  # a copy that stops half way
            file.write(data[: len(data) // 2])
            file.flush()
            picture.save(folder / "second.jpg")
            until(lambda: done(out) == {"first.jpg", "second.jpg"})  # so the older one had time to settle
            assert not (out / "slow.png").exists()
            file.write(data[len(data) // 2 :])
        until(lambda: done(out) == {"first.jpg", "second.jpg", "slow.png"})
        process.send_signal(CTRL_C)
        told, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert "[3] " in told
    assert "minutes" in told.splitlines()[-1]
    assert "Traceback" not in errors
    assert read(out / "slow.png").width == 320
    assert [Path(record["path"]).name for record in json.loads(report.read_text())] == [
        "first.jpg",
        "second.jpg",
        "slow.png",
    ]
    assert {path.name for path in (tmp_path / "sheets").iterdir()} == {
        "first_compare.jpg",
        "second_compare.jpg",
        "slow_compare.jpg",
    }


def test_killed_it_goes_on(watching, picture, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("a.jpg", "b.jpg"):
        picture.save(folder / name)
        os.utime(folder / name, (1e9, 1e9))
    with watching() as process:
        until(lambda: done(out) == {"a.jpg", "b.jpg"})
        process.kill()
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("*.jpg")}
    picture.rotate(180).save(folder / "c.jpg")
    with watching() as process:
        until(lambda: "c.jpg" in done(out))
        process.send_signal(CTRL_C)
        told, _ = process.communicate(timeout=120)
    assert "2 done before" in told
    assert {name: (out / name).stat().st_mtime_ns for name in times} == times
    assert {path.name for path in out.iterdir()} == {"a.jpg", "b.jpg", "c.jpg", "retouch_aes_batch.jsonl"}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_what_the_manifest_calls_done_is_told_before_the_end():
    ending, told = watching_module._Ending(), []
    with suppress(KeyboardInterrupt), ending.heard():
        for result in ending.over(InProcess()).map(abs, [1, -2, 3]):
            if result.job == -2:  # as when the line of the manifest has just been written
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.01)
            told.append(result.value)
    assert told == [1, 2]
    with pytest.raises(KeyboardInterrupt), watching_module._Ending().heard():  # between two photos
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--group"], "--group"),
        (["--engine", "ray"], "--engine ray"),
        (["--lut", "a.cube"], "a.cube"),
        (["--name", "{n}{ext}"], "{n}"),
    ],
)
def test_what_needs_all_photos_beforehand_is_refused(run, photo, tmp_path, arguments, message):
    result = run("batch", photo.parent, tmp_path / "out", "--watch", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture
def batch(run, weights, picture, tmp_path):
    own = ["--model", weights[0], "--prior", weights[1], "--workers", 1, "--fast"]
    (tmp_path / "in").mkdir()
    picture.save(tmp_path / "in" / "a.jpg")
    picture.save(tmp_path / "in" / "a.tif")
    return lambda *args: run("batch", tmp_path / "in", tmp_path / "out", *own, *args)


def test_comparisons_do_not_collide_and_are_made_for_what_was_done_before(batch, picture, tmp_path):
    out, sheets = tmp_path / "out", tmp_path / "in" / "sheets"
    assert batch("--compare", "beside").exit_code == 0
    made = {"a.jpg", "a.tif", "a_compare.jpg", "a_tif_compare.jpg", "retouch_aes_batch.jsonl"}
    assert {path.name for path in out.iterdir()} == made
    with Image.open(out / "a_compare.jpg") as sheet:
        assert sheet.width > 2 * picture.width
    report = tmp_path / "r.json"
    later = batch("--compare", sheets, "--json", report)
    assert "2 done before" in later.stdout
    assert {path.name for path in sheets.iterdir()} == {"a_compare.jpg", "a_tif_compare.jpg"}
    again = batch("--compare", sheets)
    assert "2 done before" in again.stdout, "comparisons are not taken for photos"
    for record in json.loads(report.read_text()):
        assert Path(record["output"]).exists()
        assert record["recipe"] is not None
        assert record["score_before"] <= record["score_after"] or record["outcome"] == "done before"
        assert not [key for key in record if key.startswith("_")]


def test_a_comparison_replaces_nothing(batch, tmp_path):
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "a_compare.jpg").write_text("mine")
    result = batch("--compare", tmp_path / "sheets")
    assert result.exit_code == 1
    assert "a_compare.jpg exists already; --overwrite replaces it" in result.stderr
    assert (tmp_path / "sheets" / "a_compare.jpg").read_text() == "mine"


def test_halves_of_a_pair_that_share_a_sidecar_are_refused_with_a_way_out(batch):
    refused = batch("--sidecar", "xmp")
    assert refused.exit_code == 2
    assert "--pairs raw" in refused.stderr


def test_sidecars_of_photos_that_come_later_replace_no_others(tmp_path):
    from retouch_aes.cli import edit_files
    from retouch_aes.errors import UsageError

    out = tmp_path / "out"
    jpeg, raw = ((tmp_path / name, out / name) for name in ("a.jpg", "a.dng"))
    plan = edit_files.plan([jpeg], ["xmp"], None, overwrite=True)
    plan.add(edit_files.plan([jpeg], ["xmp"], None, overwrite=True))
    with pytest.raises(UsageError, match=r"a\.xmp"):
        plan.add(edit_files.plan([raw], ["xmp"], None, overwrite=True))


def test_tables_of_a_tree_keep_it(tmp_path):
    from retouch_aes.cli import edit_files
    from retouch_aes.operators import OPERATORS, Recipe, Step

    jobs = [(tmp_path / "in" / day / "a.jpg", tmp_path / "out" / day / "a.jpg") for day in ("1", "2")]
    plan = edit_files.plan(jobs, [], tmp_path / "luts", overwrite=True, below=tmp_path / "out")
    for photo, _ in jobs:
        plan.write(str(photo), Recipe((Step(OPERATORS["exposure"], (0.5,)),)))
    assert {path.parent.name for path in (tmp_path / "luts").rglob("a.cube")} == {"1", "2"}

"""`batch`: done once, gone on with, told."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retouch_aes.photo import read

KILLS = int(os.environ.get("RETOUCH_AES_KILL_PHOTOS", "24"))  # photos of the kill -9 test; 1000 for a night


@pytest.fixture
def batch(run, weights):
    own = ["--model", weights[0], "--prior", weights[1], "--workers", 1]
    return lambda *args: run("batch", *own, *args)


def pictures(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.suffix != ".jsonl")


def test_a_tree_is_kept_bad_photos_are_told_and_a_second_run_does_nothing(batch, tree, tmp_path):
    out, report = tmp_path / "out", tmp_path / "report.json"
    first = batch(tree, out, "--fast", "--recipes", "beside", "--json", report)
    assert first.exit_code == 1
    made = ["Größe 写真/[red]é.json", "Größe 写真/[red]é.png", "one two.jpg", "one two.json"]
    assert pictures(out) == sorted(made)
    records = json.loads(report.read_text(encoding="utf-8"))
    assert sorted(Path(record["path"]).name for record in records if "error" in record) == [
        "cut.jpg",
        "text.jpg",
        "zero.jpg",
    ]
    assert first.stderr.count(" failed: ") == 3
    times = {name: (out / name).stat().st_mtime_ns for name in made}
    again = batch(tree, out, "--fast", "--recipes", "beside")
    assert "3 failed, 2 done before" in again.stdout or "2 done before" in again.stdout
    assert {name: (out / name).stat().st_mtime_ns for name in made} == times


def test_a_changed_photo_or_setting_is_done_again(batch, photo, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    photo.rename(folder / "photo.jpg")
    assert "1 done before" not in batch(folder, out, "--fast").stdout
    assert "1 done before" in batch(folder, out, "--fast").stdout
    before = (out / "photo.jpg").read_bytes()
    other = batch(folder, out, "--fast", "--strength", "0.5")
    assert other.exit_code == 1
    assert "was done before with other settings; --overwrite makes it anew" in other.stderr
    assert (out / "photo.jpg").read_bytes() == before
    assert batch(folder, out, "--fast", "--strength", "0.5", "--overwrite").exit_code == 0
    assert "1 done before" in batch(folder, out, "--fast", "--strength", "0.5").stdout
    Image.open(folder / "photo.jpg").rotate(180).save(folder / "photo.jpg")
    assert "1 done before" not in batch(folder, out, "--fast", "--strength", "0.5").stdout
    (out / "photo.jpg").unlink()
    assert "1 done before" not in batch(folder, out, "--fast", "--strength", "0.5").stdout
    assert read(out / "photo.jpg").width == 72


def test_what_others_put_there_is_not_replaced(batch, photo, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "photo.jpg").write_text("mine")
    refused = batch(photo.parent, out, "--fast")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert (out / "photo.jpg").read_text() == "mine"
    assert batch(photo.parent, out, "--fast", "--overwrite").exit_code == 0
    assert read(out / "photo.jpg").width == 72


def test_a_batch_makes_what_retouch_makes(batch, retouched, photo, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    photo.rename(folder / "a.jpg")
    batch(folder, tmp_path / "out", "--steps", 6)
    retouched("retouch", folder / "a.jpg", "-o", tmp_path / "b.jpg")
    one, other = (np.asarray(Image.open(path)) for path in (tmp_path / "out" / "a.jpg", tmp_path / "b.jpg"))
    assert (one == other).all()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--fast", "nothing.safetensors"], 1, "nothing.safetensors"),
        (["--max-memory", "0.1"], 2, "one worker"),
        (["--operators", "glow"], 2, "glow"),
        (["--workers", "0"], 2, "workers"),
    ],
)
def test_mistakes_are_told_before_any_work(batch, photo, tmp_path, arguments, code, message):
    result = batch(photo.parent, tmp_path / "out", *arguments)
    assert result.exit_code == code
    assert message in result.stderr


def test_killed_three_times_every_good_photo_is_whole_and_every_bad_one_named(weights, picture, tmp_path):
    """The whole run is killed with -9 as soon as a few more photos are done; then it is let go on."""
    folder, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report.json"
    folder.mkdir()
    bad = {f"{index:04d}.jpg" for index in range(5, KILLS, 8 if KILLS < 100 else 33)}
    for index in range(KILLS):
        name = f"{index:04d}.jpg"
        picture.rotate(index % 360).save(folder / name)
        if name in bad:
            (folder / name).write_bytes((folder / name).read_bytes()[:400])
    program = [sys.executable, "-m", "retouch_aes.cli", "batch", folder, out, "--fast", "--workers", "2"]
    program += ["--model", weights[0], "--prior", weights[1], "--json", report]
    seen: dict[str, int] = {}
    for kill in range(1, 4):
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wanted = KILLS * kill // 4
        while process.poll() is None and len(list(out.glob("*.jpg"))) < wanted:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "the run ended before it was killed"
        time.sleep(1.5)  # its workers notice, and end
        manifest = (out / "retouch_aes_batch.jsonl").read_text().splitlines()
        for line in map(json.loads, manifest):
            if line["state"] == "done":
                seen.setdefault(line["result"], (out / line["result"]).stat().st_mtime_ns)
    last = subprocess.run(program, capture_output=True, text=True)
    assert last.returncode == 1
    assert "Traceback" not in last.stderr
    good = {path.name for path in folder.iterdir()} - bad
    assert {path.name for path in out.iterdir()} == good | {"retouch_aes_batch.jsonl"}, (
        "something was left over"
    )
    for name in good:
        assert Image.open(out / name).convert("RGB").size == (72, 48)
    assert all((out / name).stat().st_mtime_ns == moment for name, moment in seen.items()), "written twice"
    records = json.loads(report.read_text())
    assert {Path(record["path"]).name for record in records if "error" in record} == bad

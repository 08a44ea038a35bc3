"""A disk that is full, a folder that may not be written to, a clock that goes back, two who write at once."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.atomic_io import TEMPORARY, replacing, sweep
from retouch_aes.batch import Manifest
from retouch_aes.errors import RetouchError
from retouch_aes.preferences import Choice, ChoiceLog, Rendition, read_answers

ROOT = Path(__file__).parents[2]
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="limits and users as Unix has them")

FULL = """
import os, resource, sys
from pathlib import Path
import torch
from retouch_aes.atomic_io import replacing, write_json
from retouch_aes.batch import Manifest
from retouch_aes.cli import main
from retouch_aes.errors import RetouchError
from retouch_aes.photo import read, write
from retouch_aes.preferences import Choice, ChoiceLog, Rendition
from retouch_aes.tensor_files import save_tensors

folder = Path(sys.argv[1])
photo = read(folder / "a.png")
log, manifest = ChoiceLog(folder / "c.jsonl"), Manifest(folder / "m.jsonl", "s")
limit = 3000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
failed = []

def tried(name, work):
    try:
        work()
    except (RetouchError, OSError) as error:
        failed.append(name)

def tensors():
    with replacing(folder / "t.safetensors") as temporary:
        save_tensors({"a": torch.ones(5000)}, temporary)

for suffix in ("jpg", "png", "tif", "webp"):
    tried(suffix, lambda: write(photo, folder / f"out.{suffix}", quality=100))
tried("json", lambda: write_json(folder / "j.json", list(range(5000))))
tried("tensors", tensors)
count = 0
try:
    while True:
        log.append(Choice(Rendition("x" * 300), Rendition("y")))
        count += 1
except RetouchError:
    failed.append("answers")
try:
    while True:
        manifest.add("r" * 200, "begun")
except RetouchError:
    failed.append("manifest")
code = main(["apply", str(folder / "r.json"), str(folder / "a.png"), "-o", str(folder / "b.png")],
            standalone_mode=False)
print(count, code, *failed)
"""


@UNIX
def test_a_full_disk_cuts_nothing_and_says_so(tmp_path):
    """A limit on the size of files stands for it: the first bytes are taken, the rest is not."""
    Image.effect_noise((90, 60), 80).convert("RGB").save(tmp_path / "a.png")
    (tmp_path / "r.json").write_text('{"format": "retouch_aes.recipe", "version": 1, "steps": []}')
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    count, code, *failed = done.stdout.split("\n")[-2].split()
    assert failed == ["jpg", "png", "tif", "webp", "json", "tensors", "answers", "manifest"]
    assert code == "1"
    assert {path.name for path in tmp_path.iterdir()} == {*before, "c.jsonl", "m.jsonl"}
    assert all((tmp_path / name).read_bytes() == data for name, data in before.items())
    assert len(read_answers(tmp_path / "c.jsonl")) == int(count) > 0
    for name in ("c.jsonl", "m.jsonl"):
        assert all(json.loads(line) for line in (tmp_path / name).read_text().splitlines())


@UNIX
def test_a_folder_that_may_not_be_written_to(tmp_path):
    code = """
import os, sys
from retouch_aes.atomic_io import write_json
if os.getuid() == 0:
    os.setuid(65534)
try:
    write_json(sys.argv[1] + "/a.json", 1)
except OSError as error:
    print(error.strerror)
"""
    tmp_path.chmod(0o755 if os.getuid() == 0 else 0o555)
    for parent in tmp_path.parents[:2]:
        if os.getuid() == 0:
            parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    )
    tmp_path.chmod(0o755)
    assert "denied" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_goes_back(tmp_path, monkeypatch):
    moments = iter(range(2_000_000_000, 0, -1_000_000))
    monkeypatch.setattr(time, "time", lambda: float(next(moments)))
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("a")
        sweep(tmp_path)  # what is being written stays
    assert (tmp_path / "a.txt").read_text() == "a"
    with ChoiceLog(tmp_path / "c.jsonl") as log:
        for number in range(5):
            log.append(
                Choice(Rendition(f"{number}"), Rendition("b"), time=f"{2030 - number}-01-01T00:00:00+00:00")
            )
        log.undo()
    assert [str(answer.winner) for answer in read_answers(tmp_path / "c.jsonl")] == list("0123")
    strange = tmp_path / f"{TEMPORARY}{'0' * 8}-elsewhere.jpg"
    strange.touch()
    os.utime(strange, (4e9, 4e9))  # from the future: nobody knows how old it is
    sweep(tmp_path)
    assert strange.exists()


def test_two_who_write_at_once(tmp_path):
    with ChoiceLog(tmp_path / "c.jsonl"), pytest.raises(RetouchError, match="in use"):
        ChoiceLog(tmp_path / "c.jsonl")
    with Manifest(tmp_path / "m.jsonl", "s"), pytest.raises(RetouchError, match="in use"):
        Manifest(tmp_path / "m.jsonl", "s")
    outcomes = []

    def write(text: str) -> None:
        try:
            with replacing(tmp_path / "a.txt", overwrite=False) as temporary:
                temporary.write_text(text * 10_000)
            outcomes.append(text)
        except RetouchError:
            pass

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1
    assert (tmp_path / "a.txt").read_text() == outcomes[0] * 10_000

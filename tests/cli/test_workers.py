"""`--workers`: the same rows and files, whoever does the work; a run that goes on where it was stopped."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from safetensors.torch import load_file
from test_taste_commands import cache, choices, names, photos  # noqa: F401  (fixtures)


@pytest.fixture
def elsewhere(monkeypatch):
    """Two workers, told by a Ray cluster; both are replaced by one process that gets everything pickled."""
    import pickle

    from retouch_aes.executors import InProcess

    class Other:
        def map(self, function, jobs):
            results = InProcess(1).map(pickle.loads(pickle.dumps(function)), reversed(list(jobs)))
            yield from map(pickle.loads, map(pickle.dumps, results))

    monkeypatch.setattr("retouch_aes.cli.executing.crew", lambda *_: Other())


def test_score_says_the_same(scored, tree, request):
    here = scored("score", tree, "--json", "-", "--best-of", "similar", "--relative")
    request.getfixturevalue("elsewhere")
    there = scored("score", tree, "--json", "-", "--best-of", "similar", "--relative", "--workers", 2)
    assert there.stdout == here.stdout
    assert there.stderr == here.stderr
    assert there.exit_code == here.exit_code == 1


def test_pools_and_tastes_are_the_same(scored, photos, choices, tmp_path, request):  # noqa: F811
    table = tmp_path / "ratings.csv"
    rows = [f"anna,{path.name},{number % 5 + 1}" for number, path in enumerate(sorted(photos.iterdir()))]
    table.write_text("\n".join(["user,photo,rating", *rows, ""]))

    def made(name):
        out = tmp_path / name
        for words in (
            ["pool", "build", table, "--photos", photos, "-o", out / "pool"],
            ["learn", photos, "--choices", choices, "--cache", out / "cache", "-o", out / "me.taste"],
        ):
            result = scored(*words)
            assert result.exit_code == 0, result.output
        tensors = load_file(out / "me.taste")  # what stands before them has no order
        taste = {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}
        return (out / "pool" / "features.npy").read_bytes(), taste

    here = made("here")
    request.getfixturevalue("elsewhere")
    assert made("there") == here


def test_a_log_goes_on_where_it_was(scored, photos, tmp_path):  # noqa: F811
    log = tmp_path / "scores.jsonl"
    options = ["--best-of", "similar", "--json", "-"]
    whole = scored("score", photos, *options).stdout
    assert scored("score", photos, *options, "--log", log).stdout == whole
    lines = log.read_text().splitlines(keepends=True)
    assert len(lines) == 9
    log.write_text("".join(lines[:4]) + lines[4][:50])  # as a kill leaves it
    assert scored("score", photos, *options, "--log", log).stdout == whole
    again = log.read_text().splitlines(keepends=True)
    assert again[:4] == lines[:4]
    assert sorted(again) == sorted(lines)
    os.utime(sorted(photos.iterdir())[0], (1, 1))  # another photo by that name
    assert scored("score", photos, *options, "--log", log).stdout == whole
    assert len(log.read_text().splitlines()) == 10
    refused = scored("score", photos, "--json", "-", "--log", log)
    assert refused.exit_code == 2
    assert "another thumbnails" in refused.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_ctrl_c_ends_all_workers_and_loses_nothing(photos, weights, picture, tmp_path):  # noqa: F811
    import psutil

    for number in range(400):
        picture.rotate(number % 90).save(photos / f"more{number}.jpg")
    log = tmp_path / "scores.jsonl"
    words = [
        "score",
        photos,
        "--model",
        weights[0],
        "--log",
        log,
        "--workers",
        "2",
        "--json",
        log.with_name("r"),
    ]
    run = subprocess.Popen(
        [sys.executable, "-m", "retouch_aes.cli", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        until = time.monotonic() + 60
        while not log.exists() or log.read_text().count("\n") < 20:
            assert time.monotonic() < until
            time.sleep(0.02)
        children = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=30)
    finally:
        run.kill()
    assert run.returncode == 130, told
    assert "Stopped. What was finished is kept" in told
    assert "Traceback" not in told
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert not (log.with_name("r")).exists()
    assert all(json.loads(line) for line in log.read_text().splitlines())

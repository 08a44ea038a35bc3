"""A Ray cluster of several nodes on this machine, and what goes wrong on one.

`RETOUCH_AES_RAY_PHOTOS` photos (60 by default) are retouched. Workers and a node are killed in the middle,
the object store is full, the driver is killed and started again: the files are, byte for byte, those of local
workers, and so are the lines of the manifest.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from retouch_aes.batch.manifest import NAME

ray = pytest.importorskip("ray")
cluster_utils = pytest.importorskip("ray.cluster_utils")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own
PHOTOS = int(os.environ.get("RETOUCH_AES_RAY_PHOTOS", "60"))
NOTICED = {"health_check_initial_delay_ms": 1000, "health_check_period_ms": 1000}
"""Ray asks a node every 3 s whether it is there, and believes it dead after five silences: too long here."""
STORE = 80_000_000  # bytes of a node's object store, the least that Ray takes


@pytest.fixture(scope="module")
def cluster():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    nodes = cluster_utils.Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 1,
            "object_store_memory": STORE,
            "include_dashboard": False,
            "_system_config": NOTICED,
        },
    )
    yield nodes
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    random = np.random.default_rng(0)
    down, along = np.mgrid[0:48, 0:64] / 64
    for index in range(PHOTOS):
        waves = np.sin((down * random.uniform(2, 9) + along * random.uniform(2, 9))[..., None] + np.arange(3))
        pixels = 128 + 90 * waves * random.uniform(0.3, 1) + random.normal(0, 4, (48, 64, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{index:03}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    return folder


@pytest.fixture(scope="module")
def expected(inbox, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("local") / "out"
    assert batch(inbox, out).wait(300) == 1  # the broken one
    return out


def batch(inbox: Path, out: Path, *more: str) -> subprocess.Popen:
    words = [sys.executable, "-m", "retouch_aes.cli", "batch", str(inbox), str(out), "--fast", *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def command(*words: str | Path) -> int:
    whole = [sys.executable, "-m", "retouch_aes.cli", *map(str, words)]
    return subprocess.run(whole, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=480).returncode


def on_ray(cluster) -> list[str]:
    return ["--engine", "ray", "--ray-address", cluster.address]


def finished(out: Path) -> dict[str, tuple]:
    """What the manifest says of each result that is done."""
    manifest = out / NAME
    lines = [json.loads(line) for line in manifest.read_text().splitlines()] if manifest.exists() else []
    return {
        line["result"]: (line["settings"], line["content"], line["made"], line["size"])
        for line in lines
        if line["state"] == "done"
    }


def wait_for(out: Path, share: float) -> None:
    """Until that share of the photos is done."""
    until = time.monotonic() + 480  # a busy machine needs a minute for each worker that starts
    while len(finished(out)) < share * PHOTOS:
        assert time.monotonic() < until, "the run does not go on"
        time.sleep(0.05)


def the_same(out: Path, expected: Path) -> None:
    assert finished(out) == finished(expected)
    files = {path.name: path.read_bytes() for path in out.iterdir() if path.name != NAME}
    assert len(files) == PHOTOS
    assert files == {path.name: path.read_bytes() for path in expected.iterdir() if path.name != NAME}


def busy_workers(node) -> list[psutil.Process]:
    """The processes of `node` that are at work on a job."""
    raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
    return [child for child in raylet.children(recursive=True) if "ray::_run" in " ".join(child.cmdline())]


def kill_a_busy_worker(node) -> None:
    until = time.monotonic() + 120
    while not (busy := busy_workers(node)):
        assert time.monotonic() < until, "no worker at work"
        time.sleep(0.01)
    busy[0].kill()


def test_two_workers_and_a_node_are_killed_in_the_middle(cluster, inbox, expected, tmp_path) -> None:
    second = cluster.add_node(num_cpus=1, object_store_memory=STORE)
    out = tmp_path / "out"
    run = batch(inbox, out, *on_ray(cluster))
    wait_for(out, 0.2)
    kill_a_busy_worker(cluster.head_node)
    wait_for(out, 0.4)
    kill_a_busy_worker(second)
    wait_for(out, 0.6)
    cluster.remove_node(second, allow_graceful=False)
    assert run.wait(300) == 1  # the broken one
    the_same(out, expected)


def test_a_driver_that_is_killed_goes_on_where_it_was(cluster, inbox, expected, tmp_path) -> None:
    out = tmp_path / "out"
    run = batch(inbox, out, *on_ray(cluster))
    wait_for(out, 0.3)
    run.send_signal(signal.SIGKILL)
    run.wait(30)
    before = finished(out)
    assert len(before) < PHOTOS
    assert batch(inbox, out, *on_ray(cluster)).wait(300) == 1
    the_same(out, expected)
    lines = (out / NAME).read_text().splitlines()
    for result in before:  # what was done is not done again
        assert sum(f'"{result}"' in line and '"done"' in line for line in lines) == 1


def test_a_full_object_store_holds_nothing_up(cluster, inbox, expected, tmp_path) -> None:
    ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
    held = [ray.put(np.zeros(STORE // 8, np.uint8)) for _ in range(7)]
    out = tmp_path / "out"
    assert batch(inbox, out, *on_ray(cluster)).wait(300) == 1
    the_same(out, expected)
    assert len(held) == 7
    ray.shutdown()


def test_scores_pools_tastes_and_tables_of_papers_are_those_of_this_process(cluster, inbox, tmp_path) -> None:
    photos = sorted(inbox.glob("*.png"))[:8]
    few, ratings = tmp_path / "few", tmp_path / "ratings.csv"
    few.mkdir()
    for photo in photos:
        (few / photo.name).symlink_to(photo)
    people = [("anna", 0), ("ben", 1), ("cleo", 2), ("dan", 3)]
    rows = [
        f"{who},{photo.name},{1 + (3 * at + step) % 7}"
        for who, step in people
        for at, photo in enumerate(photos)
    ]
    ratings.write_text("\n".join(["user,photo,rating", *rows]) + "\n")
    rated = ("--ratings", ratings, "--photos", few)
    for name, more in (("here", ("--workers", "1")), ("there", on_ray(cluster))):
        out = tmp_path / name
        out.mkdir()
        assert command("score", few, "--json", out / "scores.json", "--best-of", "similar", *more) == 0
        assert command("pool", "build", ratings, "--photos", few, "-o", out / "pool", *more) == 0
        learned = ("learn", few, "--ratings", ratings, "--user", "anna", "-o", out / "anna.taste")
        assert command(*learned, "--cache", out / "cache", *more) == 0
        study = (
            "--people",
            "2",
            "--k",
            "4",
            "--least-test",
            "2",
            "--repeats",
            "1",
            "--methods",
            "pam-features",
        )
        assert command("bench", "piaa", *rated, *study, "-o", out / "piaa.jsonl", *more) == 0
    here, there = tmp_path / "here", tmp_path / "there"
    assert (here / "scores.json").read_bytes() == (there / "scores.json").read_bytes()
    made = [path.relative_to(here) for path in (here / "pool").rglob("*") if path.is_file()]
    assert made
    for path in made:
        assert (here / path).read_bytes() == (there / path).read_bytes(), path
    tastes = [load_file(folder / "anna.taste") for folder in (here, there)]
    assert all(torch.equal(tastes[0][name], tastes[1][name]) for name in tastes[0].keys() | tastes[1].keys())
    assert (here / "piaa.jsonl").read_text() == (there / "piaa.jsonl").read_text()

"""`score --best-of`: bursts and near duplicates, named and starred."""

import json

import numpy as np
import pytest
from PIL import Image, ImageFilter

from retouch_aes.export.star_reading import read_stars


@pytest.fixture
def burst(tmp_path):
    """Two of one scene in a second, the first one moved; one of another scene a minute later."""
    noise = np.random.default_rng(0).random((2, 9, 12, 3))
    scenes = [
        Image.fromarray((255 * one).astype(np.uint8)).resize((192, 128), Image.Resampling.NEAREST)
        for one in noise
    ]
    frames = {
        "a.jpg": (scenes[0].filter(ImageFilter.GaussianBlur(3)), "10:00:00", "25"),
        "b.jpg": (scenes[0], "10:00:00", "75"),
        "c.jpg": (scenes[1], "10:01:00", "00"),
    }
    for name, (image, clock, part) in frames.items():
        exif = Image.Exif()
        exif.get_ifd(0x8769).update({0x9003: f"2026:05:01 {clock}", 0x9291: part})
        image.save(tmp_path / name, exif=exif)
    return tmp_path


@pytest.mark.parametrize("how", ["0.6", "similar"])
def test_the_sharp_one_is_best(run, bright, burst, how):
    records = json.loads(run("score", burst, "--best-of", how, "--json").stdout)
    assert [(record["group"], record["best"]) for record in records] == [(1, False), (1, True), (2, True)]


def test_seconds_are_counted_in_parts(run, bright, burst):
    records = json.loads(run("score", burst, "--best-of", "0.4", "--json").stdout)
    assert all(record["best"] for record in records)


def test_people_see_groups(run, bright, burst):
    heading, *rows = (line.split("\t") for line in run("score", burst, "--best-of", "1").stdout.splitlines())
    assert heading[-3:] == ["group", "best", "photo"]
    assert sorted((row[-1][-5:], row[-2]) for row in rows) == [
        ("a.jpg", ""),
        ("b.jpg", "best"),
        ("c.jpg", "best"),
    ]


def test_the_best_get_stars_and_the_rest_is_rejected(run, bright, burst):
    shown = run("score", burst, "--best-of", "1", "--write-stars", "best:4,reject")
    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[-4:-1]].count("****") == 2
    assert {read_stars(path).stars for path in burst.glob("*.jpg")} == {0}
    undo = burst / "undo.jsonl"
    arguments = ("--write-stars", "best:4,reject", "--yes", "--undo-file", undo)
    assert run("score", burst, "--best-of", "1", *arguments).exit_code == 0
    said = {path.name: read_stars(path) for path in burst.glob("*.jpg")}
    assert (said["b.jpg"].stars, said["c.jpg"].stars, said["a.jpg"].flag) == (4, 4, "rejected")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--best-of", "-1"),
        ("--best-of", "near"),
        ("--write-stars", "best"),
        ("--best-of", "1", "--write-stars", "best:6"),
        ("--best-of", "1", "--write-stars", "best:reject"),
    ],
)
def test_what_makes_no_sense_is_told_before_any_work(run, burst, wrong):
    result = run("score", burst, *wrong)
    assert result.exit_code == 2
    assert not result.stdout

"""`--dataset NAME DIR`: every command that takes ratings, on folders in the published layouts."""

import json
from dataclasses import replace

import pytest
from made_folders import MAKERS

from retouch_aes.datasets import load_dataset

SINGLE = ("aadb", "flickr-aes", "real-cur", "para", "eva")
"""The datasets that say who gave what."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Folders by name, each made when first asked for."""
    found = {}

    def make(name):
        if name not in found:
            found[name] = MAKERS[name](tmp_path_factory.mktemp(name))
        return found[name]

    return make


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bench(run, made, weights, monkeypatch, cache):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def call(command, name, *args, backbone="--backbone"):
        there = made(name)
        return run("bench", command, "--dataset", name, there.folder, backbone, weights[0], *args)

    return call


def test_generic(bench, made):
    for name in ("ava", *SINGLE):
        found = bench("generic", name, "--json", backbone="--model")
        assert found.exit_code == 0, found.stderr
        value = json.loads(found.stdout)
        assert value["photos"] == made(name).photos - 1, name
        assert f"{name}: skipped {sum(made(name).skipped.values())} (" in found.stderr
        assert made(name).damaged.name in found.stderr
    part = bench("generic", "aadb", "--part", "test", "--json", backbone="--model")
    assert json.loads(part.stdout)["photos"] == 16
    other = bench("generic", "aadb", "--part", "exam", backbone="--model")
    assert other.exit_code == 2
    assert "train, validation, test" in other.stderr


@pytest.mark.parametrize("name", SINGLE)
def test_the_papers_methods(bench, made, name):
    arguments = ("--k", 4, "--repeats", 1, "--people", 3, "--methods", "generic,pam", "--least-test", 4)
    found = bench("piaa", name, *arguments, "--json")
    assert found.exit_code == 0, found.stderr
    value = json.loads(found.stdout)
    assert [row["method"] for row in value["rows"]] == ["generic", "pam"]
    assert "to learn from, 3 to be predicted" in found.stderr
    assert made(name).damaged.name in found.stderr
    again = bench("piaa", name, *arguments, "--json")  # from the cache: the damaged one is told again
    assert json.loads(again.stdout)["rows"] == value["rows"]
    assert "unreadable photo: 1" in again.stderr


def test_flickr_aes_is_split_by_its_authors_and_anew_where_asked(bench):
    common = ("--k", 4, "--repeats", 1, "--methods", "generic")
    theirs = bench("piaa", "flickr-aes", *common)
    assert "12 people to learn from, 8 to be predicted" in theirs.stderr
    ours = bench("piaa", "flickr-aes", *common, "--population", 0.5)
    assert "10 people to learn from, 10 to be predicted" in ours.stderr


def test_people_of_one_dataset_by_what_another_teaches(bench, made):
    common = ("--k", 4, "--repeats", 1, "--methods", "generic,pam", "--least-test", 4, "--json")
    for name, learned in (("flickr-aes", 20), ("ava", 1)):
        found = bench("piaa", "real-cur", *common, "--pool", name, made(name).folder)
        assert found.exit_code == 0, found.stderr
        assert f"real-cur: {learned} people to learn from, 14 to be predicted" in found.stderr
        assert made(name).damaged.name in found.stderr
    both = bench("piaa", "real-cur", "--pool", "ava", made("ava").folder, "--population", 0.5)
    assert both.exit_code == 2
    assert "one or the other" in both.stderr


def test_real_cur_is_doubled_for_zhang(bench):
    common = ("--k", 4, "--repeats", 1, "--methods", "generic,r-svr", "--least-test", 4, "--json")
    rows = [json.loads(bench("piaa", "real-cur", *common, "--protocol", p).stdout) for p in ("ren", "zhang")]
    assert [value["protocol"] for value in rows] == ["ren", "zhang"]


def test_active_and_the_map(bench, tmp_path):
    chosen = ("--start", 4, "--end", 8, "--people", 2, "--repeats", 1, "--selectors", "random", "--json")
    found = bench("active", "flickr-aes", *chosen)
    assert [curve["short"] for curve in json.loads(found.stdout)["selectors"]] == ["random"]
    heat = bench("preference-map", "para", "--people", 5, "-o", tmp_path / "map.png")
    assert heat.exit_code == 0, heat.stderr
    assert (tmp_path / "map.png").is_file()


@pytest.fixture
def hasty(monkeypatch):
    """Kong's heads train for three steps; what they were fitted on is kept."""
    from retouch_aes.bench.papers import kong_fitting

    seen, fit = [], kong_fitting.fit_head

    def fitted(features, ratings, settings, **more):
        seen.append(ratings)
        return fit(features, ratings, replace(settings, schedule=replace(settings.schedule, steps=3)), **more)

    monkeypatch.setattr(kong_fitting, "fit_head", fitted)
    return seen


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("ava", 3), ("aadb", 11), ("flickr-aes", 10), ("real-cur", 10), ("para", 8), ("eva", 4)],
)
def test_kong_with_the_datasets_own_attributes(bench, hasty, name, attributes):
    found = bench("kong", name, "--seeds", 1, "--json")
    assert found.exit_code == 0, found.stderr
    value = json.loads(found.stdout)
    assert value["attributes"] == attributes
    assert len(value["rows"]) == (7 if name == "ava" else 9)  # nobody is known on AVA


def test_kong_learns_from_the_authors_part_or_from_whole_albums(bench, hasty, made):
    bench("kong", "aadb", "--seeds", 1)
    train = set(load_dataset("aadb", made("aadb").folder).splits["train"].photos)
    assert all(set(ratings.photos) == train - {made("aadb").damaged} for ratings in hasty)
    hasty.clear()
    bench("kong", "real-cur", "--seeds", 1, "--holdout", 0.3)
    albums = {photo.parent.parent.name for photo in hasty[0].photos}
    assert 8 <= len(albums) <= 11
    whole = load_dataset("real-cur", made("real-cur").folder).ratings.by(albums)
    assert set(hasty[0].photos) <= set(whole.photos)
    assert len(whole) > len(hasty[0]) > 0.8 * len(whole)  # the validation photos choose the threshold


def test_cfan(bench, made):
    found = bench("cfan", "review-ava", "--seeds", 1, "--steps", 2, "--json")
    assert found.exit_code == 0, found.stderr
    value = json.loads(found.stdout)
    assert value["photos"] == made("review-ava").photos - 1
    assert "unreadable photo: 1" in found.stderr
    other = bench("cfan", "aadb")
    assert other.exit_code == 2
    assert "aadb has none" in other.stderr


def test_pools(run, made, weights, tmp_path):
    common = ("--model", weights[0])
    for name, args, count in (
        ("aadb", ("--part", "train"), 55),
        ("ava", (), 78),
        ("real-cur", (), 167),
    ):
        out = tmp_path / name
        found = run("pool", "build", "--dataset", name, made(name).folder, *args, "-o", out, *common)
        assert found.exit_code == 0, found.stderr
        assert f"{count} photos" in found.stdout
    plain = run("pool", "build", made("ava").folder, "-o", tmp_path / "plain", *common)
    assert "78 photos" in plain.stdout
    for args in ((), (made("ava").folder, "--dataset", "ava", made("ava").folder)):
        assert run("pool", "build", *args, "-o", tmp_path / "x", *common).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["generic"], "Missing --ratings and --photos"),
        (["piaa", "--dataset", "magic", "."], "expected a dataset out of ava, aadb"),
        (["piaa", "--dataset", "ava", "{ava}"], "ava has none"),
        (["piaa", "--dataset", "ava", "{ava}", "--scale", 1, 5], "one or the others"),
        (["cfan", "--dataset", "ava", "{ava}", "--reviews", "{ava}"], "one or the other"),
        (["cfan", "--dataset", "ava", "{ava}"], "with reviews (review-ava)"),
    ],
)
def test_mistakes_end_with_2_and_a_reason(run, made, arguments, told):
    folder = str(made("ava").folder)
    result = run("bench", *(folder if part == "{ava}" else part for part in arguments))
    assert result.exit_code == 2
    assert told in result.stderr


def test_another_layout_ends_with_1_and_what_was_expected(run, tmp_path):
    result = run("bench", "generic", "--dataset", "eva", tmp_path)
    assert result.exit_code == 1
    assert "votes_filtered.csv cannot be read" in result.stderr

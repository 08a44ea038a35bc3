"""`train kong` and `bench kong` on folders in the layouts of AADB and AVA."""

import json

import pytest
import torch
from made_folders import MAKERS

from retouch_aes import AestheticLoss
from retouch_aes.models import load_model, read_card


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return {name: MAKERS[name](tmp_path_factory.mktemp(name)) for name in ("aadb", "ava")}


@pytest.fixture
def few_steps(monkeypatch):
    """Heads are trained for a moment: what is tested is the way, not the answer."""
    from dataclasses import replace

    from retouch_aes.bench.papers import kong_fitting
    from retouch_aes.optim.training_loop import Schedule

    short = replace(kong_fitting.AADB, schedule=Schedule("kong", 2, 1e-2, warmup=1))
    whole = kong_fitting.fit_head

    def hasty(features, ratings, settings, **rest):
        return whole(features, ratings, replace(settings, schedule=short.schedule), **rest)

    monkeypatch.setattr(kong_fitting, "fit_head", hasty)


@pytest.mark.parametrize("name", ["aadb", "ava"])
def test_a_whole_network_is_trained_scores_and_goes_on_after_a_stop(run, weights, made, tmp_path, name):
    out = tmp_path / "kong.safetensors"
    arguments = ("train", "kong", "--dataset", name, made[name].folder, "--model", weights[0], "--crop", 48)
    steps = ("--regression-steps", 1, "--joint-steps", 2, "--contents", 3, "-o", out)
    found = run(*arguments, *steps)
    assert found.exit_code == 0, found.stderr
    assert made[name].damaged.name in found.stderr
    model, card = load_model(out), read_card(out)
    settings = model.upper.settings
    if name == "aadb":
        assert (settings["attributes"], settings["contents"], settings["styles"]) == (11, 3, False)
        assert "rho with the mean rating, test photos" in card.metrics
        assert 0 <= card.metrics["accuracy, test photos"] <= 1
    else:
        assert (settings["attributes"], settings["styles"]) == (3, True)
        assert not settings["categories"]  # one list of a category only
    assert sorted(path.name for path in out.with_suffix(".checkpoints").iterdir()) == [
        "kong-regression.safetensors",
        "kong.safetensors",
    ]
    again = run(*arguments, *steps, "--overwrite")  # both stages are done: nothing is trained
    assert again.exit_code == 0
    assert "kong 2/2" not in again.stderr
    assert load_model(out).fingerprint == model.fingerprint
    photo = next(path for path in made[name].folder.rglob("*.jpg") if path != made[name].damaged)
    assert run("score", photo, "--model", out).exit_code == 0
    assert run("score", photo, "--taste", out).exit_code == 0
    edited = run(
        "retouch", photo, "--taste", out, "--prior", weights[1], "--steps", 1, "-o", tmp_path / "e.png"
    )
    assert edited.exit_code == 0, edited.stderr
    asked = torch.rand(1, 3, 48, 48).requires_grad_(True)
    AestheticLoss(load_model(out))(asked).backward()
    assert asked.grad.abs().sum() > 0


def test_every_table_of_aadb_and_ava(run, weights, made, few_steps, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    arguments = ("bench", "kong", "--dataset", "aadb", made["aadb"].folder, "--backbone", weights[0])
    also = (
        "--tables",
        "ablations,raters,transfer",
        "--other",
        "ava",
        made["ava"].folder,
        "--seeds",
        1,
        "-o",
        tmp_path / "k.jsonl",
    )
    found = run(*arguments, *also, "--json", tmp_path / "kong.json")
    assert found.exit_code == 0, found.stderr
    value = json.loads((tmp_path / "kong.json").read_text())
    assert [row["paper"] for row in value["transfer"]] == [0.6782, 0.1566, 0.3191, 0.5154]
    assert {row["table"] for row in value["rows"]} == {"ablations"}
    assert value["attributes"] == 11
    assert len(value["single_raters"]) == 1
    assert "tables 2 and 3" in found.stdout
    ava = run("bench", "kong", "--dataset", "ava", made["ava"].folder, "--backbone", weights[0], "--seeds", 1)
    assert ava.exit_code == 0, ava.stderr
    assert "0.773" in ava.stdout  # the paper's accuracy
    assert "within" not in ava.stdout.split("Spearman")[0]


def test_the_whole_network_in_a_benchmark(run, weights, made, monkeypatch):
    from retouch_aes.bench.papers import kong_variants

    first = kong_variants.ABLATIONS
    monkeypatch.setattr(kong_variants, "ABLATIONS", (first[1], first[-1]))
    arguments = ("bench", "kong", "--dataset", "aadb", made["aadb"].folder, "--backbone", weights[0])
    found = run(*arguments, "--seeds", 1, "--whole", "--steps", 1, "--json")
    assert found.exit_code == 0, found.stderr
    assert len(json.loads(found.stdout)["rows"]) == 2


def test_what_does_not_fit_together_is_refused(run, weights, made, tmp_path):
    aadb = ("bench", "kong", "--dataset", "aadb", made["aadb"].folder)
    assert run(*aadb, "--other", "ava", made["ava"].folder).exit_code == 2
    assert run(*aadb, "--steps", 3).exit_code == 2
    assert "or all" in run(*aadb, "--tables", "9").stderr
    assert run("train", "kong", "-o", tmp_path / "k.safetensors").exit_code == 2
    named = run("train", "kong", "--dataset", "aadb", made["aadb"].folder, "-o", tmp_path / "k.pt")
    assert named.exit_code == 2
    assert ".safetensors" in named.stderr

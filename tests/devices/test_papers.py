"""Kong, CFAN and the papers' methods as tastes, where the networks are on a device that is not the CPU."""

from dataclasses import replace
from functools import partial

import pytest
from made_folders import make_ava

from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.cfan import bpr_training
from retouch_aes.taste import load_taste


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    return make_ava(tmp_path_factory.mktemp("ava"), 14, reviews=True).folder


def test_kong(run, weights, folder, ratings, tmp_path, monkeypatch):
    from retouch_aes.bench.papers import kong_fitting

    out = tmp_path / "kong.safetensors"
    table = ("--ratings", ratings, "--photos", folder)
    steps = ("--regression-steps", 1, "--joint-steps", 1, "--contents", 2, "--crop", 32)
    run("train kong", *table, "--model", weights[0], *steps, "-o", out)
    run("score", folder / "kinda_0.png", "--model", out)
    short = replace(kong_fitting.AADB, batch=4, pairs=4, schedule=Schedule("kong", 1, 1e-2, warmup=1))
    fit = kong_fitting.fit_head
    monkeypatch.setattr(
        kong_fitting,
        "fit_head",
        lambda f, r, s, **more: fit(f, r, replace(s, schedule=short.schedule), **more),
    )
    monkeypatch.setattr(
        kong_fitting, "contents_of", lambda variant, _: min(variant.contents, 2)
    )  # nine photos are no ten clusters
    for more in ((), ("--whole", "--steps", 1)):
        run("bench kong", *table, "--backbone", weights[0], "--seeds", 1, *more)


def test_cfan(run, weights, reviews, folder, choices, tmp_path, monkeypatch):
    out, mine = tmp_path / "cfan.safetensors", tmp_path / "me.taste"
    data = ("--dataset", "review-ava", reviews, "--side", 64)
    for number, more in enumerate(((), ("--no-review",), ("--whole", "--preset", "paper"))):
        steps = ("--steps", 1, "-o", out, "--overwrite", "--checkpoint", tmp_path / f"{number}.checkpoint")
        run("train cfan", *data, "--model", weights[0], *steps, *more)
    run(
        "learn", folder, "--choices", choices, "--method", "cfan", "--from", out, "--model", weights[0],
        "-o", mine,
    )  # fmt: skip
    run("score", folder / "kinda_0.png", "--taste", mine, "--model", weights[0])
    short = partial(bpr_training.fit_bpr, schedule=Schedule("bpr", 1, 1e-2))
    monkeypatch.setattr("retouch_aes.bench.papers.cfan.fit_bpr", short)
    run("bench cfan", *data, "--backbone", weights[0], "--preset", "paper", "--steps", 1, "--seeds", 1)


@pytest.mark.parametrize("method", ["pam", "r-svr", "rank-iqa", "kong"])
def test_methods_as_tastes(run, weights, folder, ratings, tmp_path, method):
    mine = tmp_path / "me.taste"
    run(
        "learn", folder, "--ratings", ratings, "--user", "u1", "--method", method, "--model", weights[0],
        "-o", mine,
    )  # fmt: skip
    assert load_taste(mine).info.model
    run("score", folder / "kinda_0.png", "--taste", mine, "--model", weights[0])

"""Every command with `--device` runs on a device that is not the CPU, and says what it says on the CPU."""

import json
from dataclasses import replace
from functools import partial

import click
import pytest
import torch
from accelerator import NAME
from click.testing import CliRunner
from PIL import Image

from retouch_aes.bench.common.processes import ProcessCost
from retouch_aes.cli import main
from retouch_aes.models import ModelCard, load_model
from retouch_aes.papers.personal.study_backbone import StudyBackbone
from retouch_aes.taste import load_taste
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis

TRIED = {
    "apply",
    "batch",
    "certify",
    "bench brackets",
    "bench cfan",
    "bench culling",
    "bench enhance",
    "bench expert",
    "bench faults",
    "bench frontier",
    "bench gallery",
    "bench generic",
    "bench kong",
    "bench landscape",
    "bench loss-in-training",
    "bench loss-overhead",
    "bench one-pass",
    "bench personal-retouch",
    "bench plus",
    "bench recovery",
    "bench speed",
    "bench stability",
    "bench taste",
    "enhance",
    "learn",
    "pool build",
    "retouch",
    "score",
    "taste diff",
    "taste tune",
    "taste upgrade",
    "train attributes",
    "train cfan",
    "train enhancer",
    "train head",
    "train generic",  # in test_training.py: in miniature
    "train kong",
    "train one-pass",
    "train pam",
    "train prior",
}


LOOKS_ONLY = {"bench active", "bench piaa", "bench preference-map"}
"""What a device does for them is to look at photos, by `StudyBackbone`, which is tried below."""


def test_every_command_with_a_device_is_tried_here():
    assert set(_with_device(main)) == TRIED | LOOKS_ONLY


def test_a_study_is_seen_as_on_the_cpu(folder, weights, device):
    photos = sorted(folder.glob("*"))[:2]
    here = StudyBackbone(load_model(weights[0]), "here").see(photos, None, maps=True)
    there = StudyBackbone.load(str(weights[0]), device).see(photos, None, maps=True)
    for name in ("features", "score", "attributes"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), abs=1e-4)
    for one, other in zip(there.maps, here.maps, strict=True):
        assert one.device.type == "cpu"
        assert torch.allclose(one, other, atol=1e-4)


def _with_device(command, path=()):
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from _with_device(command.get_command(context, name), (*path, name))
    elif any(parameter.name == "device" for parameter in command.params):
        yield " ".join(path)


@pytest.fixture
def scored(run, weights):
    return lambda name, *rest: run(name, *rest, "--model", weights[0])


@pytest.fixture
def retouched(run, weights):
    return lambda name, *rest: run(name, *rest, "--model", weights[0], "--prior", weights[1], "--steps", 1)


@pytest.fixture
def taste(scored, folder, choices, tmp_path):
    scored("learn", folder, "--choices", choices, "-o", tmp_path / "me.taste")
    return tmp_path / "me.taste"


def test_a_taste_is_upgraded(scored, folder, choices, taste, tmp_path):
    scored("taste upgrade", taste, "--choices", choices, "--photos", folder, "-o", tmp_path / "new.taste")
    assert load_taste(tmp_path / "new.taste").info.choices > 0


def test_score_says_what_it_says_on_the_cpu(scored, folder, weights):
    there = json.loads(scored("score", folder, "--json", "-").stdout)
    words = ["score", str(folder), "--json", "-", "--model", str(weights[0]), "--device", "cpu"]
    here = json.loads(CliRunner().invoke(main, words).stdout)
    assert {row["path"]: round(row["score"], 4) for row in there} == {
        row["path"]: round(row["score"], 4) for row in here
    }


def test_retouch_apply_and_scores_with_a_taste(retouched, scored, folder, taste, tmp_path):
    photo = folder / "kinda_0.png"
    recipe = tmp_path / "edit.json"
    retouched("retouch", photo, "-o", tmp_path / "plain.png")
    retouched("retouch", photo, "-o", tmp_path / "mine.png", "--taste", taste, "--recipe", recipe)
    retouched("retouch", photo, "-o", tmp_path / "fast.png", "--fast")
    told = scored("apply", recipe, photo, "-o", tmp_path / "again.png", "--taste", taste)
    assert "score" in told.output
    with Image.open(tmp_path / "mine.png") as one, Image.open(tmp_path / "again.png") as other:
        assert one.tobytes() == other.tobytes()
    scored("score", photo, "--taste", taste)
    scored("taste diff", taste, taste, folder)


def test_a_frame_is_found_and_cut(retouched, folder, tmp_path):
    photo = folder / "kinda_0.png"
    retouched("retouch", photo, "-o", tmp_path / "frame.png", "--straighten", "--crop", "--crop-ratio", "1:1")
    with Image.open(tmp_path / "frame.png") as made:
        assert made.width == made.height


def test_the_best_of_look_alikes_and_workers_asked_for(scored, folder):
    rows = json.loads(scored("score", folder, "--best-of", "similar", "--json", "-").stdout)
    assert sum(row["best"] for row in rows) >= 1
    told = scored("score", folder, "--workers", 1, "--json", "-")
    assert len(json.loads(told.stdout)) == 12


def test_learn_from_edits(scored, folder, weights, tmp_path):
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    for number in range(2):
        [photo] = folder.glob(f"*_{number}.png")
        with Image.open(photo) as image:
            image.save(tmp_path / "before" / f"{number}.png")
            image.point(lambda level: level * 0.8).save(tmp_path / "after" / f"{number}.png")
    edits = (tmp_path / "before", tmp_path / "after")
    scored("learn", "--edits", *edits, "-o", tmp_path / "me.taste", "--cache", tmp_path / "seen")
    assert load_taste(tmp_path / "me.taste").usual is not None


def test_batch(run, retouched, folder, taste, tmp_path, monkeypatch):
    """The workers are processes without the device, so the work is done in this one."""
    from retouch_aes.batch import JobResult

    class Here:
        def map(self, function, jobs):
            return (JobResult(job, function(job)) for job in jobs)

    monkeypatch.setattr("retouch_aes.cli.batch_jobs.executor", lambda *_: Here())
    (tmp_path / "in").mkdir()
    for name in ("kinda_0.png", "kindb_1.png"):
        (tmp_path / "in" / name).write_bytes((folder / name).read_bytes())
    for out, at_once in (("out", 1), ("together", 2)):
        how = ("--taste", taste, "--recipes", "beside", "--at-once", at_once)
        retouched("batch", tmp_path / "in", tmp_path / out, *how)
        assert len(list((tmp_path / out).glob("*.png"))) == 2
    told = run("certify", tmp_path / "out", "-o", tmp_path / "why.json")
    assert "a second scorer" in told.output


@pytest.mark.parametrize("method", ["head", "paper"])
def test_learn_a_model_of_ones_own(scored, folder, ratings, choices, tmp_path, method, monkeypatch):
    from retouch_aes.taste import learning
    from retouch_aes.taste.finetune.training import FinetuneSchedule

    short = FinetuneSchedule(whole=method == "paper", regression_epochs=1, ranking_epochs=1, neighbours=2)
    monkeypatch.setitem(learning._SCHEDULES, method, short)
    scored("pool build", ratings, "--photos", folder, "-o", tmp_path / "pool")
    scored(
        "learn", folder, "--choices", choices, "--method", method, "--pool", tmp_path / "pool",
        "-o", tmp_path / "me.taste",
    )  # fmt: skip
    assert load_taste(tmp_path / "me.taste").info.choices >= 0


def test_learn_from_ratings_and_tune(scored, folder, ratings, tmp_path, monkeypatch):
    scored("learn", folder, "--ratings", ratings, "--user", "u1", "-o", tmp_path / "u1.taste")
    monkeypatch.setattr(
        "retouch_aes.taste.gp.tuning.tune_covariance",  # on the CPU, and long
        lambda features, *_, **__: (FeatureBasis.of(features), CovarianceSettings(), 0.0),
    )
    scored(
        "taste tune", "--ratings", ratings, "--photos", folder, "-o", tmp_path / "kernel.safetensors",
        "--people", 1, "--holdout", 0,
    )  # fmt: skip


def test_benchmarks_of_edits(retouched, folder, tmp_path):
    small = ("--side", 64, "--limit", 1, "--operators", "exposure")
    retouched("bench recovery", "--photos", folder, *small)
    retouched("bench enhance", "--photos", folder, *small, "--enhancer", "accelerator:Gain")
    rows = ["scene,frame,mean_luma", "s,a.png,60", "s,b.png,110"]
    for name, source in (("a.png", "kinda_0.png"), ("b.png", "kindi_8.png")):
        (tmp_path / name).write_bytes((folder / source).read_bytes())
    (tmp_path / "frames.csv").write_text("\n".join(rows))
    retouched("bench brackets", tmp_path, "--side", 64, "--operators", "exposure")


def test_benchmarks_of_scores(scored, folder, ratings):
    scored("bench generic", "--ratings", ratings, "--photos", folder)
    scored("bench landscape", "--photos", folder, "--operators", "exposure", "--rungs", 3, "--limit", 1)
    scored("bench stability", "--photos", folder, "--limit", 1, "--side", 64)
    scored("bench faults", "--photos", folder, "--limit", 1)
    scored("bench culling", "--photos", folder, "--limit", 1)
    scored("bench taste", "--ratings", ratings, "--photos", folder, "--people", 2, "--repeats", 1)


def test_benchmarks_of_the_loss(scored, folder):
    scored("bench loss-overhead", "--batch", 1, "--side", 64, "--turns", 1)
    scored(
        "bench loss-in-training", "--photos", folder, "--seeds", 1, "--train-steps", 1, "--batch", 2,
        "--side", 64, "--tests", 2, "--attacked", 1,
    )  # fmt: skip


def test_speed(run, weights, folder, monkeypatch):
    """Whole processes are without the device, so nothing but the search is timed."""
    cost = ProcessCost(1.0, 1.0, 1)
    monkeypatch.setattr("retouch_aes.bench.system.speed.least", lambda *_: cost)
    monkeypatch.setattr("retouch_aes.bench.system.speed.rival_costs", lambda *_: {})
    monkeypatch.setattr("retouch_aes.bench.system.speed.import_times", lambda *_: {})
    monkeypatch.setattr("retouch_aes.bench.system.together.PHOTOS", 2)
    how = ("--megapixels", 0.01, "--repeats", 1, "--model", weights[0], "--prior", weights[1])
    told = run("bench speed", folder / "kinda_0.png", *how)
    assert "2 at once, 32 bit" in told.output


def test_gallery(retouched, folder, tmp_path):
    retouched("bench gallery", folder, "-o", tmp_path / "sheet.html", "--limit", 1)
    assert (tmp_path / "sheet.html").is_file()


def test_expert(retouched, folder, tmp_path):
    for number in range(3):
        for name, source in (("input", number), ("target", number + 8)):
            (tmp_path / name).mkdir(exist_ok=True)
            [photo] = folder.glob(f"*_{source}.png")
            (tmp_path / name / f"{number}.png").write_bytes(photo.read_bytes())
    retouched("bench expert", "--pairs", tmp_path, "--proxy", 64)


def test_personal_retouch(retouched, folder, monkeypatch):
    from retouch_aes.bench.editing import personal_retouch

    few = partial(personal_retouch.personal_retouch, answers=(3,))
    monkeypatch.setattr(personal_retouch, "personal_retouch", few)
    small = ("--people", 1, "--tests", 2, "--side", 64, "--limit", 4)
    retouched("bench personal-retouch", "--photos", folder, *small)


def test_frontier(run, folder, weights, monkeypatch):
    from retouch_aes.bench.editing import pareto

    monkeypatch.setattr(pareto, "pareto", partial(pareto.pareto, proxies=(64,), steps=(1,), side=64))
    run("bench frontier", "--photos", folder, "--limit", 1, "--model", weights[0], "--prior", weights[1])


def test_plus(scored, folder, tmp_path):
    tests = tmp_path / "tests"
    tests.mkdir()
    Image.open(folder / "kinda_0.png").rotate(180).save(tests / "t.png")
    scored(
        "bench plus", "--photos", folder, "--tests", tests, "--network", "aod-net+", "--people", 1,
        "--answers", 3, "--train-steps", 1, "--batch", 2, "--side", 64,
    )  # fmt: skip


def test_enhance_and_train_enhancer(run, folder, taste, weights, tmp_path):
    run("enhance", folder / "kinda_0.png", "--enhancer", "accelerator:Gain", "-o", tmp_path / "out.png")
    run(
        "train enhancer zero-dce+", "--photos", folder, "--taste", weights[0],
        "-o", tmp_path / "z.safetensors", "--steps", 1, "--batch", 2, "--side", 64,
    )  # fmt: skip
    run(
        "train enhancer distort-recover+", "--photos", folder, "--taste", weights[0],
        "-o", tmp_path / "d.safetensors", "--steps", 1, "--batch", 2, "--side", 64,
    )  # fmt: skip


def test_a_prior_is_trained_there(run, folder, weights, tmp_path):
    out = tmp_path / "mine.safetensors"
    run("train prior", "--photos", folder, "--prior", weights[1], "--steps", 1, "-o", out)
    assert out.is_file()


def test_one_pass(run, retouched, folder, weights, tmp_path):
    fast = tmp_path / "fast.safetensors"
    run(
        "train one-pass", "--photos", folder, "--model", weights[0], "--prior", weights[1], "--crops", 8,
        "--distil-steps", 1, "--amortise-steps", 1, "--side", 64, "-o", fast,
    )  # fmt: skip
    retouched("bench one-pass", "--photos", folder, "--fast", fast, "--limit", 1, "--proxy", 64)


def test_a_model_stays_a_model(weights, device):
    """The fingerprint of a model does not depend on where it is."""
    model = load_model(weights[0])
    before = model.fingerprint
    assert model.to(NAME).fingerprint == before


def test_a_head_on_a_backbone_of_others(run, folder, ratings, tmp_path, monkeypatch):
    from retouch_aes.models import PooledScorer

    torch.manual_seed(0)
    tiny = PooledScorer("compact", side=64)
    monkeypatch.setattr(PooledScorer, "pretrained", classmethod(lambda *_, **__: tiny))
    monkeypatch.setattr("retouch_aes.models.catalogue.card_of", lambda _: ModelCard("none", "made by a test"))
    run(
        "train head", "--backbone", "tiny", "--ratings", ratings, "--photos", folder, "--licence", "none",
        "-o", tmp_path / "head.safetensors",
    )  # fmt: skip
    assert (tmp_path / "head.safetensors").exists()


def test_pams_networks(run, folder, ratings, tmp_path, monkeypatch):
    from made_folders import make_aadb

    from retouch_aes.papers.pam import networks

    monkeypatch.setattr("retouch_aes.cli.train.networks.scorer", lambda _: (_tiny(), False))
    monkeypatch.setattr(networks, "_LEAST", 2)
    monkeypatch.setattr("retouch_aes.papers.pam.training.WARP", 72)
    monkeypatch.setattr("retouch_aes.papers.pam.training.CROP", 64)
    aadb, words = make_aadb(tmp_path / "aadb").folder, ("--backbone", "tiny", "--trait-steps", 2)
    run("train", "attributes", "--dataset", "aadb", aadb, *words, "-o", tmp_path / "attributes")
    for preset in ("laptop", "paper"):
        run(
            "train", "pam", "--dataset", "aadb", aadb, "--attributes", "aadb", aadb, *words,
            "--preset", preset, "--epochs", 1, "--amp", "-o", tmp_path / preset,
        )  # fmt: skip
        assert (tmp_path / preset / "pam.safetensors").exists()
    assert (tmp_path / "attributes" / "attributes.safetensors").exists()


def _tiny():
    from retouch_aes.models import PooledScorer
    from retouch_aes.models.compact import CompactBackbone

    torch.manual_seed(0)
    return PooledScorer(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=64).eval()


@pytest.mark.parametrize("preset", ["zhang", "zhang-laptop"])
def test_zhangs_presets(run, weights, folder, choices, tmp_path, monkeypatch, preset):
    from made_folders import make_ava

    from retouch_aes.taste.finetune import presets

    short = {"regression_epochs": 1, "ranking_epochs": 1, "neighbours": 2}
    schedule = presets.PRESETS["zhang"]
    monkeypatch.setitem(presets.PRESETS, "zhang", replace(schedule, **short, square=64))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ava = make_ava(tmp_path / "ava", 16).folder
    run(
        "learn", folder, "--choices", choices, "--preset", preset, "--ava", ava, "--backbone", weights[0],
        "--model", weights[0], "-o", tmp_path / "me.taste",
    )  # fmt: skip
    assert load_taste(tmp_path / "me.taste").info.notes

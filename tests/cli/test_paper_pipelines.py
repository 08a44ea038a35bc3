"""`learn --preset` and `train generic|attributes|pam --dataset`, from folders in the published layouts."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
from made_folders import make_aadb, make_ava, make_flickr_aes

from retouch_aes.models import ModelCard, PooledScorer, TraitsScorer, load_model, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.taste import load_taste
from retouch_aes.taste.finetune import presets


@pytest.fixture(scope="module")
def ava(tmp_path_factory):
    return make_ava(tmp_path_factory.mktemp("ava"), 60)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small network, as a file of ours."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("small") / "small.safetensors"
    model = PooledScorer(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=48).eval()
    save_model(path, model, ModelCard("none", "made by a test"))
    return path


@pytest.fixture
def album(ava, tmp_path):
    """Eight photos, and what somebody chose between them."""
    folder = tmp_path / "album"
    folder.mkdir()
    for number, photo in enumerate(sorted((ava.folder / "images").glob("*.jpg"))[10:18]):
        shutil.copy(photo, folder / f"{number}.jpg")
    rows = ["winner,loser", *(f"{n + 1}.jpg,{n}.jpg" for n in range(7))]
    (folder / "choices.csv").write_text("\n".join([*rows, ""]))
    return folder


@pytest.fixture
def learn(run, album, ava, small, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    short = {"regression_epochs": 1, "ranking_epochs": 2, "neighbours": 4}
    schedule = presets.PRESETS["zhang"]
    monkeypatch.setitem(presets.PRESETS, "zhang", replace(schedule, **short, square=48))
    given = ("--choices", album / "choices.csv", "--backbone", small, "-o", tmp_path / "me.taste")
    return lambda *args: run("learn", album, *given, *args)


def test_zhang_from_ava_and_choices_in_one_command(learn, ava, run, album, tmp_path):
    found = learn("--preset", "zhang", "--ava", ava.folder)
    assert found.exit_code == 0, found.stderr
    assert "the 4 nearest of 59 rated photos came first" in found.stdout
    assert ava.damaged.name in found.stderr
    assert load_taste(tmp_path / "me.taste").info.model == "emd-attention"
    assert not (tmp_path / "me.taste.run").exists()
    assert len(list((tmp_path / "cache").rglob("pool.json"))) == 1
    scored = run("score", album, "--taste", tmp_path / "me.taste", "--json", "-")
    assert len(json.loads(scored.stdout)) == 8


def test_a_stopped_run_goes_on_and_one_of_other_choices_is_refused(learn, ava, tmp_path, album, monkeypatch):
    from retouch_aes.taste.finetune import training

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as short:
        short.setattr(training._Trainee, "rank", stop)
        learn("--preset", "zhang", "--ava", ava.folder)
    assert (tmp_path / "me.taste.run" / "regression.ckpt").is_file()
    shutil.copytree(tmp_path / "me.taste.run", tmp_path / "kept")
    resumed = learn("--preset", "zhang", "--ava", ava.folder)
    assert resumed.exit_code == 0, resumed.stderr
    first = load_taste(tmp_path / "me.taste").model.fingerprint
    learn("--preset", "zhang", "--ava", ava.folder, "--overwrite")
    assert load_taste(tmp_path / "me.taste").model.fingerprint == first
    (album / "choices.csv").write_text("winner,loser\n0.jpg,5.jpg\n1.jpg,4.jpg\n")
    again = ("--run", tmp_path / "kept", "--overwrite")
    other = learn("--preset", "zhang", "--ava", ava.folder, *again)
    assert other.exit_code == 2
    assert "another answers" in other.stderr


def test_the_laptop_preset_never_ends_below_its_start(learn, ava, weights, tmp_path):
    found = learn("--preset", "zhang-laptop", "--ava", ava.folder, "--model", weights[0])
    assert found.exit_code == 0, found.stderr
    known = load_taste(tmp_path / "me.taste").card.metrics
    assert known["agreement"] >= known["generic_agreement"]
    assert "stopped by pairs of photos left out" in found.stdout
    assert load_taste(tmp_path / "me.taste").info.model == "anchored"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--preset", "zhang"), "give --ava"),
        (("--ava", "."), "--ava is for --preset"),
        (("--preset", "zhang", "--ava", ".", "--method", "gp"), "one or the other"),
    ],
)
def test_what_contradicts_itself_is_refused(learn, words, told):
    found = learn(*words)
    assert found.exit_code == 2
    assert told in found.stderr


def test_pams_networks_and_the_bench_that_reads_them(run, small, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    flickr, aadb = make_flickr_aes(tmp_path / "flickr"), make_aadb(tmp_path / "aadb")
    plain = load_model(small)
    bare = PooledScorer(plain.backbone, side=48)
    monkeypatch.setattr("retouch_aes.cli.train.networks.scorer", _untrained(small, bare))
    few = ("--trait-steps", 20, "-o", tmp_path / "run")
    words = ("--dataset", "flickr-aes", flickr.folder, "--attributes", "aadb", aadb.folder)
    found = run("train", "pam", *words, "--backbone", small, *few)
    assert found.exit_code == 0, found.stderr
    assert "on photos kept back" in found.stdout
    assert flickr.damaged.name in found.stderr
    model = load_model(tmp_path / "run" / "pam.safetensors")
    assert isinstance(model, TraitsScorer)
    assert (len(model.attribute_names), model.contents) == (10, 10)
    again = run("train", "pam", *words, "--backbone", small, *few)
    assert again.stdout.splitlines()[-1] == found.stdout.splitlines()[-1]
    other = run("train", "pam", *words, "--backbone", small, *few, "--seed", 1)
    assert other.exit_code == 2
    source = ("--dataset", "flickr-aes", flickr.folder, "--backbone", tmp_path / "run" / "pam.safetensors")
    common = ("--people", 3, "--json")
    table = run(
        "bench", "piaa", *source, "--k", 4, "--repeats", 1, "--methods", "generic,pam,fpmf-content", *common
    )
    assert [row["published"] for row in json.loads(table.stdout)["rows"]] == [None, None, None]
    figure = run("bench", "preference-map", *source, "--printed", *common)
    value = json.loads(figure.stdout)
    assert len(value["columns"]) == 20
    assert set(value["simulated sums"]) == {"0.2", "2.0"}
    asked = (
        "--start",
        4,
        "--end",
        6,
        "--repeats",
        1,
        "--selectors",
        "active-pam",
        "--coordinates",
        "network",
    )
    assert run("bench", "active", *source, *asked, *common).exit_code == 0


def _untrained(small, bare):
    """`networks.scorer` for a small network that is a score already: taken as one that is not."""
    from retouch_aes.cli.train.networks import scorer

    return lambda name: (bare.eval(), False) if str(name) == str(small) else scorer(name)


def test_attributes_and_a_generic_network_alone(run, small, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    aadb = make_aadb(tmp_path / "aadb")
    few = ("--trait-steps", 20, "-o", tmp_path / "run")
    found = run("train", "attributes", "--dataset", "aadb", aadb.folder, "--backbone", small, *few)
    assert found.exit_code == 0, found.stderr
    line = next(line for line in found.stdout.splitlines() if line.startswith("Symmetry: rho"))
    assert line.endswith("photos kept back; Ren et al. 0.256, their baseline 0.228")
    assert " to " in line
    model = load_model(tmp_path / "run" / "attributes.safetensors")
    assert isinstance(model, TraitsScorer)
    assert model.contents == 0
    other = make_ava(tmp_path / "ava", 20).folder
    wrong = run("train", "attributes", "--dataset", "ava", other, "--backbone", small, "-o", tmp_path / "no")
    assert wrong.exit_code == 2
    assert "has none" in wrong.stderr
    generic = run(
        "train", "generic", "--dataset", "aadb", aadb.folder, "--backbone", small, "-o", tmp_path / "generic"
    )
    assert generic.exit_code == 0, generic.stderr
    assert "rho" in generic.stdout
    missing = run("train", "generic", "-o", tmp_path / "none")
    assert missing.exit_code == 2
    assert "--dataset" in missing.stderr


def test_zhangs_tables(run, small, tmp_path, monkeypatch):
    from made_folders import make_real_cur

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    albums, ava = make_real_cur(tmp_path / "albums"), make_ava(tmp_path / "ava", 40)
    words = ("--dataset", "real-cur", albums.folder, "--pool", "ava", ava.folder, "--backbone", small)
    methods = ("--methods", "generic,zhang-anchored,r-svr", "--protocol", "zhang", "--k", 6, "--repeats", 1)
    page = tmp_path / "tables.md"
    more = (
        "--pairs",
        20,
        "--least-test",
        4,
        "--per-person",
        "-o",
        tmp_path / "kept.jsonl",
        "--markdown",
        page,
    )
    found = run("bench", "piaa", *words, *methods, *more)
    assert found.exit_code == 0, found.stderr
    text = page.read_text()
    assert "Pair agreement" in text
    assert "70-74 %" in text
    assert "album 01" in text

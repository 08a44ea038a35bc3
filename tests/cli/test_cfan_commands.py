"""`train cfan`, `learn --method cfan`, `bench cfan` with its figures, on AVA with reviews."""

import json
from itertools import pairwise

import pytest
from made_folders import make_review_ava

from retouch_aes.papers.cfan.trained import TrainedCFAN
from retouch_aes.taste import load_taste


@pytest.fixture(scope="module")
def ava(tmp_path_factory):
    return make_review_ava(tmp_path_factory.mktemp("ava"))


@pytest.mark.parametrize("more", [(), ("--whole",), ("--preset", "paper"), ("--no-review",)])
def test_from_reviews_to_a_retouch(run, weights, ava, photo, tmp_path, more):
    out, mine = tmp_path / "cfan.safetensors", tmp_path / "me.taste"
    arguments = ("train", "cfan", "--dataset", "review-ava", ava.folder, "--model", weights[0], "--side", 64)
    found = run(*arguments, "--steps", 2, "-o", out, *more)
    assert found.exit_code == 0, found.stderr
    assert "8 users" in found.stdout
    assert ava.damaged.name in found.stderr
    network = TrainedCFAN.load(out)
    assert len(network.network.user.weight) == 8
    assert network.network.photo.num_embeddings == 1
    assert (network.network.attention is None) == ("--no-review" in more)
    photos = sorted(path.name for path in (ava.folder / "images").iterdir() if path != ava.damaged)[:6]
    table = tmp_path / "choices.csv"
    rows = [f"{one},{other}" for one, other in pairwise(photos)]
    table.write_text("\n".join(["winner,loser", *rows]))
    learned = run(
        *("learn", ava.folder / "images", "--choices", table, "--method", "cfan", "--from", out),
        *("--model", weights[0], "-o", mine),
    )
    assert learned.exit_code == 0, learned.stderr
    assert load_taste(mine).info.model == "cfan-score"
    assert run("score", photo, "--taste", mine, "--model", weights[0]).exit_code == 0
    if not more:
        edited = run(
            *("retouch", photo, "--taste", mine, "--model", weights[0], "--prior", weights[1]),
            *("--steps", 2, "-o", tmp_path / "out.png"),
        )
        assert edited.exit_code == 0, edited.stderr
        assert (tmp_path / "out.png").is_file()
        again = run(*arguments, "--steps", 2, "-o", out, "--overwrite")
        assert again.exit_code == 0
        assert "cfan 2/2" not in again.stderr  # the checkpoint was done


def test_the_figures_and_the_paper_preset(run, weights, ava, tmp_path):
    found = run(
        *("bench", "cfan", "--dataset", "review-ava", ava.folder, "--backbone", weights[0], "--figures"),
        *("--preset", "paper", "--steps", 1, "--side", 64, "--seeds", 1),
        *("-o", tmp_path / "cfan.jsonl", "--json", tmp_path / "cfan.json"),
    )
    assert found.exit_code == 0, found.stderr
    value = json.loads((tmp_path / "cfan.json").read_text())
    assert value["paper"]["consistency"] == 0.8106
    assert 0 < value["consistency"] <= 1
    assert len(value["few"]) == 10
    assert "figure 7" in found.stdout


def test_mistakes(run, weights, ava, tmp_path):
    out = tmp_path / "c.safetensors"
    assert "Missing --dataset" in run("train", "cfan", "-o", out).stderr
    other = run("train", "cfan", "--dataset", "ava", ava.folder, "--model", weights[0], "-o", out)
    assert "with reviews" in other.stderr
    images = ava.folder / "images"
    table = tmp_path / "c.csv"
    table.write_text("winner,loser\na.jpg,b.jpg\n")
    base = ("learn", images, "--choices", table, "-o", tmp_path / "t")
    assert "--from FILE" in run(*base, "--method", "cfan").stderr
    assert "expected one of gp, head, paper, direct" in run(*base, "--method", "magic").stderr
    assert "--population is for" in run(*base, "--population", "ava", ava.folder).stderr

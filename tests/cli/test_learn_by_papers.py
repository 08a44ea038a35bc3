"""`learn --method` on a folder in FLICKR-AES' layout: a taste that scores, retouches and is a loss."""

import csv

import pytest
import torch
from made_folders import make_flickr_aes

from retouch_aes import AestheticLoss, load_taste
from retouch_aes.datasets import load_dataset
from retouch_aes.models import load_model


@pytest.fixture(scope="module")
def flickr(tmp_path_factory):
    return make_flickr_aes(tmp_path_factory.mktemp("flickr"))


@pytest.fixture(scope="module")
def worker(flickr, tmp_path_factory):
    """What one test worker rated, as a table of their own."""
    ratings = load_dataset("flickr-aes", flickr.folder).part("test").ratings
    mine = ratings.user_index == 2
    path = tmp_path_factory.mktemp("worker") / "worker.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "photo", "rating"])
        for photo, score in zip(ratings.photo_index[mine], ratings.original[mine], strict=True):
            if ratings.photos[photo] != flickr.damaged:
                rows.writerow([ratings.users[2], ratings.photos[photo].name, score])
    return path


@pytest.mark.parametrize("method", ["pam", "kong", "zhang"])
def test_a_worker_of_flickr_aes(run, weights, flickr, worker, method, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    mine, photos = tmp_path / "me.taste", flickr.folder / "40K"
    others = ("--population", "flickr-aes", flickr.folder) if method == "zhang" else ()
    model = ("--model", weights[0])
    learned = run("learn", photos, "--ratings", worker, "--method", method, *others, *model, "-o", mine)
    assert learned.exit_code == 0, learned.stderr
    photo = next(path for path in sorted(photos.iterdir()) if path != flickr.damaged)
    assert run("score", photo, "--taste", mine, *model).exit_code == 0
    edited = run(
        *("retouch", photo, "--taste", mine, *model, "--prior", weights[1], "--steps", 1),
        *("-o", tmp_path / "edited.png"),
    )
    assert edited.exit_code == 0, edited.stderr
    generic = load_model(weights[0])
    loss = AestheticLoss(load_taste(mine).editing_model(generic))
    asked = torch.rand(1, 3, 64, 64).requires_grad_(True)
    found = loss(asked)
    found.backward()
    assert asked.grad.abs().sum() > 0
    assert 0 <= float(found.detach()) <= 9


def test_what_is_missing_is_said(run, weights, flickr, worker, tmp_path):
    learn = ("learn", flickr.folder / "40K", "--ratings", worker, "--model", weights[0], "-o", tmp_path / "t")
    none = run(*learn, "--method", "zhang")
    assert none.exit_code == 2
    assert "population" in none.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    wrong = run(*learn, "--method", "zhang", "--population", "flickr-aes", empty)
    assert wrong.exit_code == 1
    assert "FLICKR-AES_image_labeled_by_each_worker.csv" in wrong.stderr
    assert not (tmp_path / "t").exists()

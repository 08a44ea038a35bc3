import json
from pathlib import Path

import numpy as np
import pytest
import torch

from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.kong import KongPlan, few_raters, kong
from retouch_aes.bench.papers.kong_fitting import HeadFitter
from retouch_aes.bench.papers.kong_variants import variants
from retouch_aes.datasets import Ratings, RatingsCSV
from retouch_aes.datasets.rated_dataset import PublishedSplit, RatedDataset
from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.kong.accuracy import best_threshold
from retouch_aes.papers.kong.data import KongData, kong_data, to_range
from retouch_aes.papers.kong.training import KongSettings


def test_the_report_has_every_ablation(tmp_path):
    random = np.random.default_rng(0)
    features = random.normal(size=(48, 6))
    rows = ["user,photo,rating"]
    for place in range(48):
        name = f"theme{place // 4:02}_{place % 4}.jpg"
        (tmp_path / name).touch()
        rows += [
            f"u{user},{name},{np.clip(round(4 + features[place, 0] + random.normal()), 1, 7)}"
            for user in range(6)
        ]
    (tmp_path / "r.csv").write_text("\n".join(rows))
    ratings = RatingsCSV(tmp_path / "r.csv", tmp_path).read()
    settings = KongSettings(schedule=Schedule("kong", 40, 1e-2, warmup=5))
    fitter = HeadFitter(torch.from_numpy(features).float(), settings)
    data = KongData(ratings, to_range(features[:, 1:4]))
    plan = KongPlan(seeds=2, resamples=50, human=True)
    kept = ResumableResults(tmp_path / "kept.jsonl", {})
    report = kong(
        fitter, data, variants(data, ["weights", "pairs", "clusters"], listed=(50,)), plan, kept=kept
    )
    papers = [0.5923, 0.6239, 0.6308, 0.645, 0.6515, None, 0.6656, 0.6737, 0.6782]
    assert [row.paper for row in report.rows[:9]] == papers
    for row in report.rows:
        assert row.rho.value > 0.4
        assert row.rho.low <= row.rho.value <= row.rho.high
        assert row.gain.low <= row.gain.value <= row.gain.high
        assert 0.5 < row.accuracy.value <= 1
    assert report.rows[1].gain.value == 0
    text = report.to_markdown()
    assert "regression alone" in text
    for title in ("tables 2 and 3", "table 4", "table 5", "figure 5", "table 6"):
        assert title in text
    assert json.loads(json.dumps(report.to_json()))["rows"][3]["paper_aadb"] == 0.645
    assert report.single_raters[0].raters == 6
    assert report.single_raters[0].rho.value > 0.4

    del kept  # a file has one writer

    class Never(HeadFitter):
        def fit(self, *_):
            raise AssertionError("it was done before")

    again = kong(
        Never(fitter.features),
        data,
        variants(data, ["weights", "pairs", "clusters"], listed=(50,)),
        plan,
        kept=ResumableResults(tmp_path / "kept.jsonl", {}),
    )
    assert again.rows == report.rows
    assert (
        len(
            kong(
                fitter, KongData(ratings), variants(KongData(ratings), []), KongPlan(1, raters=2, resamples=9)
            ).rows
        )
        == 6
    )


def test_without_raters_pairs_are_of_means(tmp_path):
    ratings = Ratings(
        ("crowd",),
        tuple(Path(f"p{n}.jpg") for n in range(3)),
        np.zeros(3, np.intp),
        np.arange(3),
        np.ones(3),
        (1, 10),
    )
    rows = variants(KongData(ratings, np.zeros((3, 2)), paper="ava"), ["pairs"])
    assert {row.sampling for row in rows} == {None, "cross"}
    assert [row.paper(KongData(ratings, paper="ava")) for row in rows if row.table == "ablations"] == [
        0.4807,
        0.4995,
        0.5126,
        0.5331,
        0.5445,
        0.5412,
        0.5581,
    ]  # table 3, all of it


def test_the_threshold_tells_most_right():
    scores, good = np.array([1.0, 2, 3, 4, 5]), np.array([False, True, False, True, True])
    cut = best_threshold(scores, good)
    assert ((scores > cut) == good).sum() == 4
    assert best_threshold(scores, np.ones(5, bool)) < 1


def test_few_raters_keep_their_own_ratings(tmp_path):
    rows = [f"u{user},{photo}.jpg,{user}" for user in range(1, 8) for photo in range(5)]
    for photo in range(5):
        (tmp_path / f"{photo}.jpg").touch()
    (tmp_path / "r.csv").write_text("\n".join(["user,photo,rating", *rows]))
    kept = few_raters(RatingsCSV(tmp_path / "r.csv", tmp_path).read(), 3, seed=0)
    assert kept.counts().tolist() == [3] * 5
    assert len(kept.users) == 3
    assert all(
        kept.users[user] == f"u{value:g}" for user, value in zip(kept.user_index, kept.original, strict=True)
    )


def test_scores_stay_with_their_photos_whatever_the_order_of_the_lists():
    """The authors' lists are in another order than the ratings: each photo keeps its own score and part."""
    paths = tuple(Path(f"p{n}.jpg") for n in (3, 0, 2, 1, 4, 5))
    means = np.array([4.0, 1.0, 3.0, 2.0, 5.0, 6.0])
    parts = {
        "train": PublishedSplit((paths[0], paths[3], paths[1])),
        "test": PublishedSplit((paths[5], paths[2])),
    }
    data = kong_data(RatedDataset("aadb", paths, means, splits=parts))
    train, _, test = data.split
    assert [data.ratings.photos[n].name for n in train] == ["p0.jpg", "p1.jpg", "p3.jpg"]
    assert [data.ratings.photos[n].name for n in test] == ["p2.jpg", "p5.jpg"]
    assert data.some(train).ratings.mean_scores().tolist() == [1, 2, 4]
    with pytest.raises(UsageError, match="ascending"):
        data.some(np.array([2, 0]))

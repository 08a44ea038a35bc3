import json

import numpy as np
import torch

from retouch_aes.bench.papers.kong import few_raters, kong
from retouch_aes.datasets import RatingsCSV
from retouch_aes.optim.training_loop import Schedule
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
    given = torch.from_numpy(features).float()
    report = kong(given, ratings, features[:, 1:4], seeds=2, settings=settings, resamples=50)
    assert [row.paper for row in report.rows] == [0.6239, 0.6308, 0.645, 0.6515, 0.6656, 0.6737, 0.6782]
    for row in report.rows:
        assert row.rho.value > 0.4
        assert row.rho.low <= row.rho.value <= row.rho.high
        assert row.gain.low <= row.gain.value <= row.gain.high
    assert report.rows[0].gain.value == 0
    assert "regression alone" in report.to_markdown()
    assert json.loads(json.dumps(report.to_json()))["rows"][2]["paper_aadb"] == 0.645
    assert len(kong(given, ratings, seeds=1, raters=2, settings=settings, resamples=10).rows) == 5


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

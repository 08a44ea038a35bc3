import json

import numpy as np
import pytest
import torch

from retouch_aes.bench.papers.cfan import auc, aucs, cfan, judgements, split
from retouch_aes.bench.papers.planted_reviews import CONTENTS, planted_reviews
from retouch_aes.datasets.sentiment import is_good
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.cfan.training import CFANSettings, fit_cfan, predict_judgements


def small(seed):
    return planted_reviews(seed, users=30, photos=120, each=20)


def test_auc_is_the_share_of_right_pairs():
    scores, good = np.array([1.0, 2, 2, 3]), np.array([False, True, False, True])
    assert auc(scores, good) == (1 + 0.5 + 2) / 4
    assert np.isnan(auc(scores, np.ones(4, bool)))


def test_the_planted_world_is_what_it_says():
    world = small(0)
    reviews = world.reviews
    assert world.maps.shape == (120, 28, 6, 6)
    assert world.maps.min() >= 0
    assert 0.93 * 600 < len(reviews) <= 600
    assert [is_good(text) for text in reviews.texts] == reviews.good.tolist()
    assert 0.3 < reviews.good.mean() < 0.7
    assert reviews.tag_names == CONTENTS
    again = small(0)
    assert again.reviews.texts == reviews.texts
    assert torch.equal(again.maps, world.maps)
    chance = 1 / (1 + np.exp(-world.truth))
    assert abs(chance.mean() - reviews.good.mean()) < 0.06
    assert 0.75 < auc(world.truth, reviews.good) < 0.95


def test_new_photos_are_not_seen():
    world = small(0)
    parts = split(world, 0)
    photos = world.reviews.photo_index
    assert not set(photos[parts.new]) & set(photos[parts.train])
    assert not set(photos[parts.new]) & set(photos[parts.known])
    assert not set(parts.known) & set(parts.train)
    assert len(parts.train) + len(parts.known) + len(parts.new) == len(world.reviews)


def test_a_short_training_predicts_new_photos():
    """Stated: an AUC of .62 at least on photos never seen, where the planted chances reach about .9."""
    world = planted_reviews(0, users=80, photos=300, each=40)
    parts = split(world, 0)
    every = judgements(world, parts.train)
    examples, new = (every.some(torch.from_numpy(part)) for part in (parts.train, parts.new))
    settings = CFANSettings(schedule=Schedule("cfan", steps=120, rate=1e-2, warmup=10, decay=0.1))
    network = fit_cfan(examples, settings)
    assert np.nanmean(aucs(predict_judgements(network, examples, new), new)) > 0.62


def test_the_report_has_every_row():
    settings = CFANSettings(schedule=Schedule("cfan", steps=3, rate=1e-2, warmup=1))
    report = cfan(small, seeds=1, settings=settings)
    names = [row.name for row in report.rows]
    assert names[:2] == ["BPR", "VBPR"]
    assert names[-2:] == ["CFAN, 3 tasks", "the planted chances"]
    assert len(names) == 9
    assert report.rows[0].new.value == pytest.approx(0.5)
    assert set(report.steps) == {
        "VBPR over BPR",
        "CFAN, 3 tasks over VBPR",
        "CFAN, 3 tasks over CFAN without review",
    }
    assert "planted tastes" in report.to_markdown()
    assert len(json.loads(json.dumps(report.to_json()))["rows"]) == 9

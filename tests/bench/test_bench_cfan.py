import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.cfan import at_most, cfan, judgements, split
from retouch_aes.bench.papers.cfan_measures import accuracy, accuracy_by_tag, auc, auc_by_tag, aucs
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


def test_numbers_as_printed_are_over_all_users_by_tag():
    world = small(0)
    every = judgements(world, split(world, 0).train)
    said = every.good + 0.1 * torch.rand(len(every.good), generator=torch.Generator().manual_seed(0))
    assert auc_by_tag(said, every).shape == (len(CONTENTS),)
    assert np.nanmin(auc_by_tag(said, every)) == 1
    assert accuracy(said - 0.5, every) == 1
    liked = every.liked - 0.5
    assert np.nanmin(accuracy_by_tag(liked, every)) == 1
    liked[every.tags == 2] *= -1
    assert accuracy_by_tag(liked, every)[2] == 0
    untagged = replace(every, tags=torch.full_like(every.tags, -1))
    assert auc_by_tag(said, untagged).tolist() == [1.0]


def test_fewer_reviews_of_each_photo():
    world = small(0)
    every = judgements(world, split(world, 0).train)
    few = at_most(every, 2, seed=0)
    counts = torch.bincount(few.photos)
    assert counts.max() == 2
    assert torch.equal(counts > 0, torch.bincount(every.photos)[: len(counts)] > 0)


def test_the_report_has_every_row_and_figure_and_goes_on_after_a_stop(tmp_path):
    settings = CFANSettings(batch=16, schedule=Schedule("cfan", steps=2, rate=1e-2, warmup=1))
    kept = ResumableResults(tmp_path / "kept.jsonl", {})
    report = cfan(small, seeds=1, settings=settings, figures=True, few=(1, 3), kept=kept)
    names = [row.name for row in report.rows]
    assert names[:3] == ["BPR", "VBPR", "BPR, against photos judged bad"]
    assert names[-2:] == ["CFAN, 3 tasks", "the planted chances"]
    assert len(names) == 11
    assert report.rows[0].new.value == pytest.approx(0.5)
    assert set(report.steps) == {
        "VBPR over BPR",
        "CFAN, 3 tasks over VBPR",
        "CFAN, 3 tasks over CFAN without review",
        "CFAN, 1 task over CFN, 1 task",
    }
    assert 4 <= len(report.tags) <= len(CONTENTS)  # one without a test photo has no row
    assert [(row.name, row.reviews) for row in report.few][-2:] == [("CFN, 1 task", 0), ("CFAN, 1 task", 0)]
    text = report.to_markdown()
    for part in ("planted tastes", "figure 7", "figure 9", "paper: 81.1%"):
        assert part in text
    assert len(json.loads(json.dumps(report.to_json()))["rows"]) == 11
    del kept
    lines = (tmp_path / "kept.jsonl").read_text().count("\n")
    kept = ResumableResults(tmp_path / "kept.jsonl", {})
    again = cfan(small, seeds=1, settings=settings, figures=True, few=(1, 3), kept=kept)
    assert repr(again.rows) == repr(report.rows)  # nan where nothing was asked
    assert (tmp_path / "kept.jsonl").read_text().count("\n") == lines

"""Zhang's stages held to a good score: planted people whose taste lies in the features."""

from dataclasses import replace

import numpy as np
import pytest

from retouch_aes.optim import pair_offset
from retouch_aes.papers.method import PersonEvidence
from retouch_aes.papers.zhang.anchored import (
    ZhangAnchored,
    ZhangAnchoredNoPopulation,
    ZhangAnchoredNoRankings,
)
from retouch_aes.papers.zhang.pairs import enriched
from retouch_aes.taste.gp.tuning import rank_correlation


def told(scores, count, seed) -> PersonEvidence:
    random = np.random.default_rng(seed)
    photos = random.permutation(len(scores))[:count]
    i, j = np.triu_indices(count, 1)
    some = random.permutation(len(i))[:100]
    one, other = photos[i[some]], photos[j[some]]
    first = scores[one] > scores[other]
    return PersonEvidence(
        photos, scores[photos], np.stack([np.where(first, one, other), np.where(first, other, one)], 1)
    )


def gain(method, study, people, count) -> float:
    method.prepare(study)
    found = []
    for number, scores in enumerate(people):
        known = told(scores, count, number)
        rest = np.setdiff1d(np.arange(len(scores)), known.photos)
        said = method.fit(study, known).predict(study, rest)
        found.append(rank_correlation(said, scores[rest]) - rank_correlation(study.score[rest], scores[rest]))
    return float(np.mean(found))


def test_population_over_none_and_rankings_over_none(world):
    study, people = world
    ours = gain(ZhangAnchored(), study, people, 80)
    assert ours > 0.02
    assert ours > gain(ZhangAnchoredNoRankings(), study, people, 80)
    assert ours > gain(ZhangAnchoredNoPopulation(), study, people, 80)
    assert gain(ZhangAnchored(), study, people, 10) > -0.01


def test_a_second_stage_that_harms_the_photos_left_out_is_left_out(world, monkeypatch):
    study, people = world
    known, photos = told(people[0], 40, 0), np.arange(len(study))
    start = ZhangAnchoredNoRankings().fit(study, known).predict(study, photos)
    assert not np.allclose(ZhangAnchored().fit(study, known).predict(study, photos), start)
    monkeypatch.setattr(pair_offset, "ranked", lambda _, begun: begun + 50)
    assert np.array_equal(ZhangAnchored().fit(study, known).predict(study, photos), start)


def test_a_folds_ratings_are_not_in_what_is_said_of_it(world):
    study, people = world
    known = told(people[0], 40, 0)
    scores = study.population.original.copy()
    here = np.flatnonzero(study.folds == 1)
    scores[np.isin(study.population.photo_index, here)] = 1.0
    other = replace(study, population=replace(study.population, original=scores))
    first = ZhangAnchored().fit(study, known).predict(study, here)
    assert np.allclose(first, ZhangAnchored().fit(other, known).predict(other, here))


@pytest.mark.parametrize("folds", [True, False])
def test_the_offset_of_new_photos_is_that_of_the_study(world, folds):
    import torch

    study, people = world
    study = study if folds else replace(study, folds=None)
    method = ZhangAnchored().fit(study, told(people[0], 40, 0))
    said = method.function(torch.from_numpy(method.inputs.values)).numpy() + study.score
    close = np.corrcoef(said, method.predict(study, np.arange(len(study))))[0, 1]
    assert close > (0.99 if folds else 1 - 1e-9)


def test_contradictions_are_left_out_of_what_follows():
    assert set(enriched([(1, 2), (2, 3), (2, 1), (2, 3)])) == {(2, 3)}
    assert set(enriched([(1, 2), (2, 3)])) == {(1, 2), (2, 3), (1, 3)}

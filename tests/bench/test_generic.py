import json
import math

import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr

from retouch_aes.bench.common.correlation import pearson, ranks, spearman
from retouch_aes.bench.scoring.generic import generic, pair_accuracy, user_rhos
from retouch_aes.errors import UsageError


@pytest.fixture(scope="module")
def rated():
    """40 photos, 12 people with their own taste, who rated 30 photos each on a scale of 1 to 7."""
    random = np.random.default_rng(0)
    beauty = random.normal(size=40)
    users, photos, ratings = [], [], []
    for user in range(12):
        for photo in random.permutation(40)[:30]:
            users.append(user + 100)
            photos.append(photo)
            ratings.append(np.clip(round(4 + 1.5 * beauty[photo] + random.normal()), 1, 7))
    scores = beauty + random.normal(scale=0.5, size=40)
    return scores, np.array(users), np.array(photos), np.array(ratings, dtype=float)


def test_agrees_with_scipy():
    random = np.random.default_rng(1)
    x, y = random.integers(0, 9, 50).astype(float), random.normal(size=50)
    assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic)
    assert pearson(x, y) == pytest.approx(pearsonr(x, y).statistic)
    assert ranks(x).tolist() == rankdata(x).tolist()
    assert math.isnan(pearson(x, np.ones(50)))


def test_pair_accuracy_is_the_naive_loop():
    random = np.random.default_rng(2)
    scores, means = random.integers(0, 5, 20).astype(float), random.integers(0, 5, 20).astype(float)
    right, counted = 0.0, 0
    for i in range(20):
        for j in range(i):
            if means[i] != means[j]:
                product = (scores[i] - scores[j]) * (means[i] - means[j])
                right += 1 if product > 0 else 0.5 if product == 0 else 0
                counted += 1
    assert pair_accuracy(scores, means) == pytest.approx(right / counted)


def test_the_whole_report(rated):
    scores, users, photos, ratings = rated
    report = generic(*rated, resamples=200)
    means = np.array([ratings[photos == photo].mean() for photo in range(40)])
    assert report.spearman.value == pytest.approx(spearmanr(scores, means).statistic)
    assert report.pearson.value == pytest.approx(pearsonr(scores, means).statistic)
    assert report.pair_accuracy.value == pytest.approx(pair_accuracy(scores, means))
    each = [spearmanr(scores[photos[users == u]], ratings[users == u]).statistic for u in np.unique(users)]
    assert report.user_rho.value == pytest.approx(np.mean(each))
    for found in (report.spearman, report.pearson, report.pair_accuracy, report.user_rho):
        assert found.low < found.value < found.high <= 1
    assert (report.photos, report.people, report.people_counted, report.ratings) == (40, 12, 12, 360)


def test_a_perfect_and_a_reversed_score(rated):
    _, users, photos, ratings = rated
    means = np.array([ratings[photos == photo].mean() for photo in range(40)])
    assert generic(means, users, photos, ratings, resamples=10).pair_accuracy.value == 1
    assert generic(-means, users, photos, ratings, resamples=10).spearman.value == pytest.approx(-1)


def test_people_with_few_or_equal_ratings_do_not_count():
    scores = np.arange(6.0)
    users = np.array([1] * 6 + [2] * 6 + [3] * 2)
    photos = np.array([*range(6), *range(6), 0, 1])
    ratings = np.array([1, 2, 3, 4, 5, 6, *[4] * 6, 1, 2], dtype=float)
    assert user_rhos(scores, users, photos, ratings).tolist() == pytest.approx([1])


def test_photos_without_ratings_do_not_count(in_terminal):
    report = generic([1, 2, 3, 9], np.zeros(3, int), np.arange(3), [1, 2, 3], resamples=10)
    assert (report.photos, report.spearman.value, report.people_counted) == (3, 1, 0)
    values = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert values["user_rho"]["value"] is None
    assert values["photos"] == 3
    assert "| mean per-user Spearman | - |" in report.to_markdown()
    assert "Pearson" in in_terminal(report.table())


def test_what_does_not_fit_is_refused():
    one = np.zeros(1, int)
    with pytest.raises(UsageError, match="from 0 to 1, got 2 to 2"):
        generic([1, 2], one, one + 2, [1])
    with pytest.raises(UsageError, match="one length"):
        generic([1, 2], one, one, [1, 2])
    with pytest.raises(UsageError, match="finite"):
        generic([1, math.nan], one, one, [1])

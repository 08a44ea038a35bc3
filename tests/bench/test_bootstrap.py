import json
import math

import numpy as np
import pytest

from retouch_aes.bench.common.bootstrap import bootstrap, grouped_ratio, ratio
from retouch_aes.errors import UsageError


def test_the_interval_of_a_mean_is_the_textbook_one():
    data = np.random.default_rng(0).normal(5, 2, 400)
    found = bootstrap(lambda drawn: data[drawn].mean(), len(data), seed=1, resamples=2000)
    half = 1.96 * data.std() / 20
    assert found.value == data.mean()
    assert found.low == pytest.approx(data.mean() - half, abs=0.03)
    assert found.high == pytest.approx(data.mean() + half, abs=0.03)


def test_a_seed_repeats():
    data = np.arange(9.0)
    runs = [bootstrap(lambda drawn: data[drawn].mean(), 9, seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_a_ratio_draws_whole_groups():
    groups = ["a", "a", "b", "b"]
    found = grouped_ratio(groups, [1, 3, 2, 2], [2, 2, 2, 2])
    assert (found.value, found.low, found.high) == (1, 1, 1)
    found = grouped_ratio(groups, [1, 1, 4, 4], [2, 2, 2, 2])
    assert (found.value, found.low, found.high) == (1.25, 0.5, 2)


def test_nothing_is_not_a_number_and_null_in_json():
    found = bootstrap(lambda _: 1.0, 0)
    assert math.isnan(found.value)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False)) == {
        "value": None,
        "low": None,
        "high": None,
    }
    assert math.isnan(ratio(1, 0))
    with pytest.raises(UsageError, match="confidence"):
        bootstrap(lambda _: 1.0, 3, confidence=1)

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.losses import emd
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.finetune.training import HEAD, PAPER, finetune
from retouch_aes.taste.rated_pool import build_pool

NAMES = [Rendition(f"{n:02}.png") for n in range(0, 40, 4)]


@pytest.fixture
def preferences() -> PreferenceGraph:
    return PreferenceGraph.of([Choice(b, a) for a, b in itertools.pairwise(NAMES)])


def right(model, folder, preferences) -> float:
    feature_cache = FeatureCache(model, folder)
    score = dict(zip(NAMES, feature_cache.see(NAMES)[1].tolist(), strict=True))
    return float(np.mean([score[pair.winner] > score[pair.loser] for pair in preferences.pairs]))


def test_the_printed_schedule():
    assert (PAPER.whole, PAPER.regression_epochs, PAPER.ranking_epochs) == (True, 10, 20)
    assert (PAPER.batch, PAPER.neighbours, PAPER.halved_every) == (32, 50, 500)
    assert (PAPER.regression_rate, PAPER.ranking_rate) == (3e-7, 5e-6)


def test_the_head_learns_the_pairs_and_the_generic_model_stays(preferences, folder, generic):
    before, fingerprint = right(generic, folder, preferences), generic.fingerprint
    model = finetune(
        preferences,
        FeatureCache(generic, folder),
        schedule=replace(HEAD, ranking_epochs=150, ranking_rate=0.05, anchor=0.0),
    )
    assert right(model, folder, preferences) > max(before, 0.8)
    assert generic.fingerprint == fingerprint
    assert model.fingerprint != fingerprint


def test_the_pool_comes_first_and_the_whole_network_may_move(preferences, folder, generic, tmp_path):
    photos = [folder / f"{n:02}.png" for n in range(1, 13)]
    wanted = np.full((12, 10), 0.0)
    wanted[:, 8] = 1
    pool = build_pool(photos, wanted, generic, tmp_path / "pool")
    stages = []
    schedule = replace(
        HEAD, regression_epochs=60, regression_rate=0.05, ranking_epochs=1, ranking_rate=1e-6, anchor=0.0
    )
    model = finetune(
        preferences,
        FeatureCache(generic, folder),
        pool=pool,
        schedule=schedule,
        progress=lambda s, *_: stages.append(s),
    )
    assert list(dict.fromkeys(stages)) == ["seeing photos", "regression", "ranking"]
    images = torch.rand(2, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    target = torch.eye(10)[[8, 8]]
    assert emd(model.distribution(images), target) < emd(generic.distribution(images), target)
    few = replace(PAPER, regression_epochs=1, ranking_epochs=1)
    whole = finetune(preferences, FeatureCache(generic, folder), pool=pool, schedule=few)
    moved = [n for n, w in whole.state_dict().items() if not torch.equal(w, generic.state_dict()[n])]
    assert any(name.startswith("backbone") for name in moved)


def test_what_cannot_be_trained_is_refused(folder, generic, preferences, tmp_path):
    with pytest.raises(UsageError, match="got none"):
        finetune(PreferenceGraph(), FeatureCache(generic, folder))
    pool = build_pool([folder / "00.png"], np.full((1, 10), 0.1), generic, tmp_path / "p")
    with pytest.raises(UsageError, match="build it again"):
        finetune(preferences, FeatureCache(generic, folder), pool=replace(pool, fingerprint="other"))

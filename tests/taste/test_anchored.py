"""The offset of `zhang-laptop`: learned from pairs, held to the score, stored whole."""

import itertools

import numpy as np
import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.models import ModelCard, load_model, save_model
from retouch_aes.optim.pair_offset import PairDifferences, left_out, ranked, ranking_helps, regressed
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.finetune.anchored import STOPS, learn_offset
from retouch_aes.taste.rated_pool import build_pool

NAMES = [Rendition(f"{n:02}.png") for n in range(0, 40, 2)]


def planted(noise: float = 0.0) -> tuple[PairDifferences, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    table = torch.randn(40, 5, generator=generator, dtype=torch.float64)
    wanted = torch.tensor([1.0, -1, 0, 0, 0], dtype=torch.float64)
    said = table @ wanted + noise * torch.randn(40, generator=generator, dtype=torch.float64)
    pairs = [(i, j) if said[i] > said[j] else (j, i) for i, j in itertools.combinations(range(40), 2)]
    return PairDifferences.of(table, torch.zeros(40, dtype=torch.float64), torch.tensor(pairs[::6])), wanted


def test_ranking_finds_the_direction_and_is_a_minimum():
    pairs, wanted = planted()
    begun = torch.zeros(5, dtype=torch.float64)
    found = ranked(pairs, begun)
    assert torch.cosine_similarity(found, wanted, 0) > 0.95

    def value(weights):
        return pairs.loss(weights) / len(pairs) + float((weights - begun).square().sum()) / len(pairs.names())

    for step in torch.eye(5, dtype=torch.float64):
        assert value(found) <= min(value(found + 0.01 * step), value(found - 0.01 * step))
    assert ranking_helps(pairs, begun)
    coin = torch.randint(2, (len(pairs), 1), generator=torch.Generator().manual_seed(0)) * 2.0 - 1
    assert not ranking_helps(PairDifferences(pairs.away * coin, pairs.ahead, pairs.photos), begun)


def test_a_pair_left_out_shares_no_photo_of_its_part():
    pairs, _ = planted()
    parts = left_out(pairs)
    assert len(parts) == 5
    for rest, out in parts:
        assert len(rest) + len(out) == len(pairs)
        gone = set(pairs.names().tolist()) - set(rest.names().tolist())
        assert all(gone & set(pair) for pair in out.photos.tolist())


def test_regression_is_held():
    table = torch.eye(4, dtype=torch.float64)
    gap = torch.tensor([3.0, 1, 1, 1], dtype=torch.float64)
    free, held = regressed(table, gap, 1e-9), regressed(table, gap, 1.0)
    assert torch.allclose(free, gap - gap.mean())
    assert float(held.norm()) < float(free.norm()) / 3


@pytest.mark.parametrize("with_pool", [True, False])
def test_a_person_is_learned_and_stored_whole(folder, generic, tmp_path, with_pool):
    liked = PreferenceGraph.of([Choice(b, a) for a, b in itertools.pairwise(NAMES)])
    pool = None
    if with_pool:
        photos = [folder / f"{n:02}.png" for n in range(1, 13)]
        wanted = np.zeros((12, 10))
        wanted[np.arange(12), np.arange(12) % 10] = 1
        pool = build_pool(photos, wanted, generic, tmp_path / "pool")
    seen = FeatureCache(generic, folder)
    person = learn_offset(liked, seen, pool=pool, neighbours=4)
    assert person.stopped in STOPS
    assert person.metrics["agreement"] >= person.metrics["generic_agreement"]
    save_model(tmp_path / "me.safetensors", person.model, ModelCard("none", "made by a test"))
    again = load_model(tmp_path / "me.safetensors")
    image = torch.rand(2, 3, 48, 64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.allclose(again(image), person.model(image), atol=1e-5)
    again(image).sum().backward()
    assert float(image.grad.abs().sum()) > 0
    assert torch.allclose(again.distribution(image).sum(1), torch.ones(2))
    score = dict(zip(NAMES, FeatureCache(again, folder).see(NAMES)[1].tolist(), strict=True))
    before = dict(zip(NAMES, seen.see(NAMES)[1].tolist(), strict=True))
    right = [np.mean([s[p.winner] > s[p.loser] for p in liked.pairs]) for s in (before, score)]
    assert right[1] >= right[0]


def test_another_pool_and_no_pairs_are_refused(folder, generic, tmp_path):
    seen = FeatureCache(generic, folder)
    with pytest.raises(UsageError, match="got none"):
        learn_offset(PreferenceGraph(), seen)

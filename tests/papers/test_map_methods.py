"""Methods trained on feature maps, on planted people: the signal sits in one place of a map."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.losses import exponential
from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.papers.baselines.mlsp import MLSP
from retouch_aes.papers.baselines.mpada import MPADA
from retouch_aes.papers.baselines.nima import NIMAMethod
from retouch_aes.papers.baselines.rank_iqa import RankIQA
from retouch_aes.papers.common.condense import CondensedMaps
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.map_method import MapMethod
from retouch_aes.papers.method import PersonEvidence, Study
from retouch_aes.papers.zhang.method import ABLATIONS, Zhang
from retouch_aes.taste.gp.tuning import rank_correlation
from retouch_aes.testing import check_model

PHOTOS, KNOWN = 220, 60
METHODS: list[Callable[[], MapMethod]] = [Zhang, NIMAMethod, MLSP, MPADA, RankIQA]


def planted(seed: int = 0, *, everywhere: bool = False) -> tuple[Study, np.ndarray, np.ndarray]:
    """A study, what everybody likes and what one person likes, `(PHOTOS,)` each.

    At one position of the map, marked in channel 0, channel 1 holds what all like and channel 2 what only the
    person likes; elsewhere the two channels hold chance, or with `everywhere` the same.
    """
    generator = torch.Generator().manual_seed(seed)
    maps = torch.randn(PHOTOS, 6, 4, 4, generator=generator)
    maps[:, 0] = 0
    place = torch.randint(16, (PHOTOS,), generator=generator)
    rows = torch.arange(PHOTOS)
    maps.view(PHOTOS, 6, 16)[rows, 0, place] = 8.0
    at = maps.view(PHOTOS, 6, 16)[rows, :, place]
    if everywhere:
        maps[:, 1:3] = at[:, 1:3, None, None]
    liked, own = at[:, 1].double().numpy(), at[:, 2].double().numpy()
    common = 5.5 + liked
    ratings = Ratings(
        users=("a",),
        photos=tuple(Path(f"{n:03}.jpg") for n in range(PHOTOS // 2)),
        user_index=np.zeros(PHOTOS // 2, np.intp),
        photo_index=np.arange(PHOTOS // 2),
        original=common[: PHOTOS // 2].clip(1, 10),
        scale=(1.0, 10.0),
    )
    features = maps.mean((2, 3)).double().numpy()
    none = np.zeros((PHOTOS, 0))
    study = Study(
        features, common.clip(1, 10), none, none, (maps, maps.clone()), ratings, np.arange(PHOTOS // 2)
    )
    return study, common, 5.5 + liked + 2 * own


def told(scores: np.ndarray, seed: int = 0, most: int = 100) -> PersonEvidence:
    """What a person with these `scores` says of some photos of the second half."""
    random = np.random.default_rng(seed)
    photos = PHOTOS // 2 + random.permutation(PHOTOS // 2)[:KNOWN]
    i, j = np.triu_indices(KNOWN, 1)
    some = random.permutation(len(i))[:most]
    one, other = photos[i[some]], photos[j[some]]
    first = scores[one] > scores[other]
    pairs = np.stack([np.where(first, one, other), np.where(first, other, one)], 1)
    return PersonEvidence(photos, scores[photos].clip(1, 10), pairs)


def rho(method: MapMethod, study: Study, evidence: PersonEvidence, truth: np.ndarray) -> float:
    rest = np.setdiff1d(np.arange(PHOTOS // 2, PHOTOS), evidence.photos)
    return float(rank_correlation(method.fit(study, evidence).predict(study, rest), truth[rest]))


def zhang(**options: object) -> Zhang:
    method = Zhang(
        channels=6,
        grid=4,
        first=TrainingStage(150, 3e-2),
        regression=TrainingStage(10, 3e-3),
        ranking=TrainingStage(80, 2e-2),
        **options,  # type: ignore[arg-type]
    )
    method.prepare(planted()[0])
    return method


def test_attention_finds_the_place_that_counts_and_rankings_the_person():
    study, _, mine = planted()
    evidence = told(mine)
    whole = rho(zhang(), study, evidence, mine)
    assert whole > 0.7
    assert whole > rho(zhang(attention=False), study, evidence, mine) + 0.15
    assert whole > rho(zhang(rankings=False), study, evidence, mine) + 0.15


def test_the_population_stage_knows_what_all_like():
    study, common, _ = planted()
    assert rho(zhang(rankings=False), study, told(common), common) > 0.7
    assert abs(rho(zhang(rankings=False, population=False), study, told(common), common)) < 0.5


def test_every_ablation_gives_another_answer():
    study, _, mine = planted()
    evidence, photos = told(mine), np.arange(PHOTOS // 2, PHOTOS)
    answers = [
        zhang(**options).fit(study, evidence).predict(study, photos) for options in ({}, *ABLATIONS.values())
    ]
    for one in range(len(answers)):
        for other in range(one):
            assert not np.allclose(answers[one], answers[other], atol=1e-4)
    assert ABLATIONS["exponential loss"]["loss"] is exponential


@pytest.mark.parametrize("kind", METHODS)
def test_a_seed_repeats_scores_lie_in_range_and_a_person_is_learned(kind):
    study, _, mine = planted(everywhere=True)
    evidence, photos = told(mine), np.arange(PHOTOS)
    method = kind()
    method.prepare(study)
    first = method.fit(study, evidence, seed=3).predict(study, photos)
    other = kind()
    other.prepare(study)
    assert np.array_equal(first, other.fit(study, evidence, seed=3).predict(study, photos))
    assert first.shape == (PHOTOS,)
    assert first.min() >= 1
    assert first.max() <= 10
    assert rank_correlation(first[evidence.photos], mine[evidence.photos]) > 0.3


@pytest.mark.parametrize("kind", METHODS)
def test_what_is_missing_is_told(kind):
    study, _, mine = planted()
    method = kind()
    with pytest.raises(UsageError, match="prepare"):
        method.fit(study, told(mine))
    method.prepare(study)
    with pytest.raises(UsageError, match="fit"):
        method.predict(study, np.arange(3))
    with pytest.raises(UsageError, match="feature maps"):
        method.prepare(replace(study, maps=()))


@pytest.mark.parametrize("kind", METHODS)
def test_a_fitted_person_is_a_model_of_photos(kind):
    torch.manual_seed(0)
    generic = EMDAttention(CompactBackbone((4, 6, 8, 8), (1, 1, 1, 1)), side=64).eval()
    images = torch.rand(24, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        maps = generic.backbone(generic.prepare(images))
    _, _, mine = planted()
    ratings = planted()[0].population.subset([f"{n:03}.jpg" for n in range(12)])
    none = np.zeros((24, 0))
    features = maps[-1].mean((2, 3)).double().numpy()
    study = Study(features, np.full(24, 5.5), none, none, maps, ratings, np.arange(12))
    pairs = np.stack([np.arange(12, 23), np.arange(13, 24)], 1)
    method = kind()
    method.prepare(study)
    method.fit(study, PersonEvidence(np.arange(12, 24), mine[12:24].clip(1, 10), pairs))
    model = method.model(generic)
    check_model(model)
    with torch.no_grad():
        seen = model(images).numpy()
    assert np.allclose(seen, method.predict(study, np.arange(24)), atol=1e-4)
    other = EMDAttention(CompactBackbone((4, 6, 8, 12), (1, 1, 1, 1)), side=64)
    with pytest.raises(UsageError, match="channels"):
        method.model(other)


def test_condensed_maps_keep_what_varies_most():
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(50, 8, 4, 4, generator=generator) * torch.tensor([9.0, 5, *[0.1] * 6])[:, None, None]
    condense = CondensedMaps.of((maps,), 2, 4)
    (small,) = condense((maps,))
    assert small.shape == (50, 2, 4, 4)
    assert torch.allclose(small.var((0, 2, 3)).mean(), torch.tensor(1.0), atol=0.05)
    assert abs(float(torch.corrcoef(torch.stack([small[:, 0].flatten(), maps[:, 0].flatten()]))[0, 1])) > 0.99
    with pytest.raises(UsageError, match="channels"):
        condense((maps[:, :3],))


@pytest.mark.parametrize("kind", [Zhang, NIMAMethod])
def test_what_others_said_of_a_fold_is_not_read_when_it_is_predicted(kind: Callable[[], MapMethod]):
    study, _, mine = planted()
    folds = np.arange(PHOTOS) % 2
    said, evidence = study.population, told(mine)
    lifted = np.where(study.population_index % 2 == 1, 11 - said.original, said.original)
    other = replace(said, original=lifted)
    photos = np.arange(PHOTOS)
    answers = []
    for population in (said, other):
        method = kind()
        known = replace(study, folds=folds, population=population)
        method.prepare(known)
        answers.append(method.fit(known, evidence).predict(known, photos))
    same = np.isclose(answers[0], answers[1])
    assert same[folds == 1].all(), "its own fold's ratings were read"
    assert not same[folds == 0].all()

"""A planted world: small pictures' tables, a population, and people whose taste lies in known directions."""

from pathlib import Path

import numpy as np
import pytest

from retouch_aes.datasets import Ratings
from retouch_aes.papers.method import PersonEvidence, Study
from retouch_aes.papers.pam.attributes import attributes
from retouch_aes.papers.pam.content import ContentClusters

PHOTOS, PEOPLE, FEATURES = 160, 40, 12


@pytest.fixture(scope="session")
def world() -> tuple[Study, np.ndarray]:
    """A study, and the true scores `(12, 160)` of people who are not in it.

    Half of what people add to the generic score lies in the features, and so a little in content, which is
    made of them; the other half in the attributes.
    """
    import torch

    random = np.random.default_rng(0)
    centres = 2 * random.normal(size=(4, FEATURES))
    features = centres[random.integers(4, size=PHOTOS)] + random.normal(size=(PHOTOS, FEATURES))
    traits = random.normal(size=(PHOTOS, 10))
    score = 5.5 + 0.4 * features[:, 0] + 0.8 * traits[:, 0]
    content = ContentClusters.of(torch.from_numpy(features), 4)

    def people(count: int) -> np.ndarray:
        own = random.normal(size=(count, FEATURES)) @ features.T / FEATURES**0.5
        style = random.normal(size=(count, 10)) @ traits.T / 10**0.5
        noise = 0.4 * random.normal(size=(count, PHOTOS))
        return np.clip(score + 0.35 * own + 0.6 * style + noise, 1, 10)

    table = people(PEOPLE)
    user, photo = np.divmod(np.arange(table.size), PHOTOS)
    population = Ratings(
        tuple(f"p{index:02d}" for index in range(PEOPLE)),
        tuple(Path(f"theme{index % 20:02d}_{index}.jpg") for index in range(PHOTOS)),
        user,
        photo,
        table.ravel(),
        (1.0, 10.0),
    )
    study = Study(
        features=features,
        score=score,
        attributes=traits,
        content=content(torch.from_numpy(features)).numpy(),
        maps=(),
        population=population,
        population_index=np.arange(PHOTOS),
        folds=np.arange(PHOTOS) % 4,
        measure=attributes,
        cluster=content,
    )
    return study, people(12)


@pytest.fixture(scope="session")
def said():
    """Evidence of one person: `k` photos and up to 100 pairs, and the photos that remain."""
    from retouch_aes.bench.papers.draws import evidence

    def say(scores: np.ndarray, k: int, seed: int = 0) -> tuple[PersonEvidence, np.ndarray]:
        random = np.random.default_rng(seed)
        order = random.permutation(len(scores))
        return evidence(order[:k], scores[order[:k]], random), order[k:]

    return say


@pytest.fixture(scope="session", autouse=True)
def short():
    """Shorter trainings than real people get; the claims hold all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retouch_aes.papers.blg.method.ROUNDS", 80)
        patch.setattr("retouch_aes.papers.traits.method.STEPS", 80)
        patch.setattr("retouch_aes.papers.traits.method.BATCH", 1024)
        patch.setattr("retouch_aes.papers.task_vectors.method.STEPS", 40)
        yield

"""What answers add on kept-back themes: found where it is planted, and nothing where there is nothing."""

from pathlib import Path

import numpy as np
import torch

from retouch_aes.bench.scoring.personal_folds import personal_folds
from retouch_aes.taste.gp.people import RaterPopulation
from retouch_aes.taste.gp.tuning import RatedPerson


def crowd(taste: float, people: int = 24, photos: int = 120) -> RaterPopulation:
    """People who agree with the generic score, but for a direction of the features that each weighs alone."""
    random = np.random.default_rng(0)
    features = torch.tensor(random.normal(size=(photos, 6)), dtype=torch.float32)
    score = torch.tensor(5.5 + random.normal(size=photos), dtype=torch.float32)
    persons = []
    for _ in range(people):
        own = features.numpy() @ random.normal(size=6)
        rated = score.numpy() + taste * own + 0.3 * random.normal(size=photos)
        persons.append(RatedPerson(np.arange(photos), np.clip(rated, 1, 10)))
    names = tuple(Path(f"{'abcdefghij'[n % 10]}{n}.jpg") for n in range(photos))
    return RaterPopulation(names, features, score, torch.zeros(photos, 6), tuple(persons))


def folds(photos: int = 120) -> np.ndarray:
    return np.arange(photos) % 10 % 5


def gain(report) -> float:
    return report.cells[True, 40]["ratings"].value


def test_a_planted_taste_is_found_and_its_absence_too():
    planted = personal_folds(crowd(1.0), folds(), sizes=(40,), tuned_on=12, tested=12, repeats=1)
    nothing = personal_folds(crowd(0.0), folds(), sizes=(40,), tuned_on=12, tested=12, repeats=1)
    assert gain(planted) > 0.1
    assert abs(gain(nothing)) < 0.05
    assert planted.counts[True, 40] == 12
    assert not any(apart is False for apart, _ in planted.cells)

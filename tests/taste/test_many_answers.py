"""Many answers: repeated ones count as often as they were given, and a few hundred pictures stand for all."""

import time

import numpy as np
import pytest
import torch
from torch import Tensor

from retouch_aes.preferences.answers import Choice, Rating
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.finetune.learn import ratings_as_choices
from retouch_aes.taste.gp import cross_validation
from retouch_aes.taste.gp.covariance import covariance, prior_mean
from retouch_aes.taste.gp.covariance_files import default_covariance
from retouch_aes.taste.gp.cross_validation import GatheredAnswers, cross_validate
from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.learn import fit_posterior, gather_answers, posterior_adjustment
from retouch_aes.taste.gp.likelihood import CHOICE, RATING, Observations
from retouch_aes.taste.gp.low_rank import low_rank_posterior, partial_cholesky


def seen(count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Features, scores, looks and their origins of `count` photos."""
    draw = torch.Generator().manual_seed(0)
    features, looks = torch.randn(count, 32, generator=draw), torch.randn(count, 6, generator=draw)
    return features, 5.5 + features[:, 0], looks, looks


def rated(photos: int, count: int) -> list[Rating]:
    random = np.random.default_rng(0)
    return [
        Rating(Rendition(f"{n % photos}.jpg"), float(random.integers(1, 6)), (1, 5)) for n in range(count)
    ]


def chosen(photos: int, count: int) -> list[Choice]:
    """The photo with the higher number is mostly preferred."""
    random = np.random.default_rng(0)
    pairs = (
        sorted(random.choice(photos, 2, replace=False), reverse=random.random() < 0.8) for _ in range(count)
    )
    return [Choice(Rendition(f"{one}.jpg"), Rendition(f"{other}.jpg")) for one, other in pairs]


def gathered(answers: list, photos: int) -> tuple[GatheredAnswers, object]:
    named = {rendition: None for a in answers for rendition in
             ((a.winner, a.loser) if isinstance(a, Choice) else (a.photo,))}  # fmt: skip
    rows = [int(rendition.photo.partition(".")[0]) for rendition in named]
    parts = [part[rows] for part in seen(photos)]
    kernel = default_covariance(parts[0], "0123456789ab")
    return gather_answers(answers, *parts, kernel), kernel


def test_an_answer_given_three_times_is_three_answers() -> None:
    columns = [(CHOICE, 0, 1, 0.0, 1.0)] * 3 + [(CHOICE, 1, 2, 0.0, 1.0), (RATING, 2, -1, 7.0, 2.0)] * 2
    whole, real = list(zip(*columns, strict=True))[:3], list(zip(*columns, strict=True))[3:]
    every = Observations(*map(torch.tensor, whole), *(torch.tensor(c, dtype=torch.float64) for c in real))
    merged = every.merged()
    assert merged.times.tolist() == [3, 2, 2]
    assert (merged.count, every.count) == (7, 7)
    kernel, mean = torch.eye(3, dtype=torch.float64) + 0.5, torch.full((3,), 5.5, dtype=torch.float64)
    one, other = (laplace_posterior(some, kernel, mean) for some in (every, merged))
    assert torch.allclose(one.weights, other.weights, atol=1e-6)
    assert one.evidence == pytest.approx(other.evidence, abs=1e-6)
    assert torch.allclose(one.reduction(kernel), other.reduction(kernel), atol=1e-6)


@pytest.mark.parametrize("answers", [chosen(40, 150), rated(40, 150)])
def test_the_short_way_gives_what_the_long_one_gives(answers: list) -> None:
    evidence, kernel = gathered(answers, 40)
    views, settings = evidence.views, kernel.settings
    whole, mean = covariance(views, views, settings), prior_mean(views, settings)
    exact = laplace_posterior(evidence.observations, whole, mean)
    factor, pivots = partial_cholesky(views, settings)
    assert torch.allclose(factor @ factor.T, whole, atol=2e-3)
    short = low_rank_posterior(evidence.observations, factor, pivots, mean)
    across = covariance(views, views.part(pivots), settings)
    assert torch.allclose(whole @ exact.weights, across @ short.weights, atol=5e-3)
    assert torch.allclose(exact.reduction(whole), short.reduction(across), atol=5e-3)
    assert exact.evidence == pytest.approx(short.evidence, abs=0.05)


def test_both_ways_check_alike(monkeypatch) -> None:
    evidence, kernel = gathered(chosen(40, 150), 40)
    plain = cross_validate(evidence, kernel.settings)
    monkeypatch.setattr(cross_validation, "MANY", 10)
    assert evidence.large
    short = cross_validate(evidence, kernel.settings)
    assert short.metrics["agreement"] == pytest.approx(plain.metrics["agreement"], abs=0.02)
    assert short.says_little == plain.says_little


@pytest.mark.parametrize(("answers", "photos"), [(rated(60, 100_000), 60), (chosen(60, 10_000), 60)])
def test_a_hundred_thousand_ratings_take_seconds(answers: list, photos: int) -> None:
    began = time.process_time()
    evidence, kernel = gathered(answers, photos)
    assert len(evidence.observations) <= 60 * 60
    assert evidence.observations.count == len(answers)
    known = fit_posterior(evidence, kernel.settings)
    assert torch.isfinite(posterior_adjustment(kernel, known).weights).all()
    assert 0 < cross_validate(evidence, kernel.settings).metrics["agreement"] < 1
    assert time.process_time() - began < 30


def test_ratings_become_choices_without_all_their_pairs() -> None:
    assert len(ratings_as_choices(rated(60, 50_000))) > 80

import time
from collections import Counter

import numpy as np
import pytest

from retouch_aes.errors import UsageError
from retouch_aes.preferences.acquisition import PairAcquisition, information_gain
from retouch_aes.preferences.answers import Choice, Rating, Skip, Tie
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.preferences.variations import RecipeVariations

PHOTOS = [f"{n}.jpg" for n in range(12)]


def ask(acquisition: PairAcquisition, times: int, answers=(), beliefs=None):
    answers = list(answers)
    for _ in range(times):
        for question in acquisition.propose(answers, beliefs=beliefs):
            answers.append(Choice(question.first, question.second))
    return answers


@pytest.mark.parametrize("strategy", ["random", "informative", "diverse"])
@pytest.mark.parametrize("kind", ["photos", "renditions", "both"])
def test_same_answers_same_question_and_never_the_same_pair_twice(strategy, kind):
    acquisition = PairAcquisition(PHOTOS, strategy=strategy, kind=kind, seed=3)
    answers = ask(acquisition, 30)
    assert ask(acquisition, 30) == answers
    assert ask(PairAcquisition(PHOTOS, strategy=strategy, kind=kind, seed=4), 30) != answers
    assert len({frozenset((a.winner, a.loser)) for a in answers}) == 30
    same = [a.winner.photo == a.loser.photo for a in answers]
    assert {"photos": not any(same), "renditions": all(same), "both": 0 < sum(same) < 30}[kind]


def test_every_pair_is_asked_once_and_then_there_is_none():
    acquisition = PairAcquisition(PHOTOS[:5])
    answers = ask(acquisition, 12)
    assert len({frozenset((a.winner, a.loser)) for a in answers}) == 10
    assert acquisition.propose(answers) == ()
    assert len(acquisition.propose([], count=20)) == 10


def test_ties_and_skips_are_not_asked_again():
    a, b, c = map(Rendition, PHOTOS[:3])
    acquisition = PairAcquisition(PHOTOS[:3])
    for seed in range(5):
        acquisition = PairAcquisition(PHOTOS[:3], seed=seed)
        [question] = acquisition.propose([Tie(a, b), Skip(c, a), Rating(a, 3)])
        assert {question.first, question.second} == {b, c}


def test_either_may_stand_first():
    acquisition = PairAcquisition(PHOTOS, seed=1)
    sides = Counter(q.first.photo < q.second.photo for q in acquisition.propose([], count=60))
    assert min(sides.values()) > 15


def test_information_is_most_where_least_is_known():
    mean, variance = np.array([0.0, 0.0, 3.0, 0.0]), np.array([4.0, 0.1, 4.0, 0.0])
    bits = information_gain(mean, variance)
    assert bits[0] > bits[2] > bits[1] > bits[3] - 1e-9
    assert bits[3] == pytest.approx(0, abs=2e-3)


def test_information_is_the_mutual_information_of_a_simulation():
    from scipy.special import ndtr

    random = np.random.default_rng(0)

    def entropy(p):
        return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))

    for mean, variance in ((0.0, 1.0), (1.0, 2.0), (0.5, 9.0)):
        chance = ndtr(random.normal(mean, np.sqrt(variance), 200_000)).clip(1e-9, 1 - 1e-9)
        truth = entropy(chance.mean()) - entropy(chance).mean()
        [found] = information_gain(np.array([mean]), np.array([variance]))
        assert found == pytest.approx(truth, abs=0.02)


class Ignorant:
    """Knows all about the photos but the first: only questions about that one tell anything."""

    def difference(self, questions):
        unknown = [PHOTOS[0] in (q.first.photo, q.second.photo) for q in questions]
        return np.full(len(questions), 2.0), np.where(unknown, 9.0, 0.0)


def test_informative_asks_about_what_is_not_known():
    acquisition = PairAcquisition(PHOTOS, strategy="informative")
    for answer in ask(acquisition, 6, beliefs=Ignorant()):
        assert PHOTOS[0] in (answer.winner.photo, answer.loser.photo)


def test_diverse_visits_every_group_of_photos():
    groups = np.repeat(np.eye(4), 25, axis=0) + np.random.default_rng(0).normal(size=(100, 4)) * 0.01
    photos = [f"{n:03}.jpg" for n in range(100)]
    acquisition = PairAcquisition(photos, strategy="diverse", features=groups)
    answers = ask(acquisition, 2)
    seen = {int(side.photo[:3]) // 25 for a in answers for side in (a.winner, a.loser)}
    assert seen == {0, 1, 2, 3}


def test_diverse_without_features_shows_what_was_shown_least():
    answers = ask(PairAcquisition(PHOTOS, strategy="diverse"), 6)
    assert len({side.photo for a in answers for side in (a.winner, a.loser)}) == 12


def test_ten_thousand_photos_are_no_wait():
    photos = [f"{n}.jpg" for n in range(10_000)]
    features = np.random.default_rng(0).normal(size=(10_000, 64))
    acquisition = PairAcquisition(photos, strategy="diverse", kind="both", features=features)
    answers = ask(acquisition, 30)
    began = time.monotonic()
    ask(acquisition, 5, answers)
    assert (time.monotonic() - began) / 5 < 1.0


def test_wrong_settings_are_refused():
    with pytest.raises(UsageError, match="random, informative, diverse"):
        PairAcquisition(PHOTOS, strategy="best")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="two different photos"):
        PairAcquisition(["a.jpg"])
    with pytest.raises(UsageError, match="each once"):
        PairAcquisition(["a.jpg", "a.jpg", "b.jpg"])
    with pytest.raises(UsageError, match="features for 12"):
        PairAcquisition(PHOTOS, features=np.zeros((3, 2)))
    with pytest.raises(UsageError, match="unknown slider"):
        RecipeVariations(sliders=("exposure.light",), reach=(0.2,))
    assert PairAcquisition(["a.jpg"], kind="renditions").propose([])


def test_variations_differ_visibly_stay_in_range_and_know_their_units():
    variations = RecipeVariations()
    random = np.random.default_rng(0)
    for _ in range(50):
        first, second = variations.pair(random, np.array([0.9, -0.9, 0.2, 0, 0]))
        step = variations.step(first, second)
        assert np.isfinite(step).all()
        assert np.count_nonzero(np.abs(step) > 1e-6) <= 3
        units = variations.units(first)
        assert np.abs(units).max() <= 1
        assert np.allclose(variations.units(variations.recipe(units)), units, atol=1e-5)
    assert (variations.units(None) == 0).all()
    centred = [variations.pair(random) for _ in range(40)]
    assert min(np.linalg.norm(variations.step(*pair)) for pair in centred) > 0.45


@pytest.mark.parametrize("strategy", ["random", "informative"])
def test_every_slider_is_asked_about_alone_now_and_then(strategy):
    variations = RecipeVariations(together=(0.0, 0.5, 0.5))
    acquisition = PairAcquisition(PHOTOS, strategy=strategy, kind="renditions", variations=variations, seed=2)
    answers = ask(acquisition, 45, beliefs=Ignorant())
    alone = [variations.alone(a.winner.recipe, a.loser.recipe) for a in answers]
    assert alone[2::3].count(None) == 0
    assert Counter(alone[2::3]) == dict.fromkeys(range(5), 3)
    assert alone.count(None) == 30

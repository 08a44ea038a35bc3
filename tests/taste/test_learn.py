from dataclasses import replace

import numpy as np
import pytest
import torch

from retouch_aes.errors import DatasetError, UsageError, WeightsError
from retouch_aes.losses import AestheticLoss
from retouch_aes.models import EMDAttention, load_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.edit_prior import NeutralPrior
from retouch_aes.operators import EditChain, select
from retouch_aes.photo import read
from retouch_aes.pipeline.score import Scorer
from retouch_aes.preferences.acquisition import PairAcquisition, Question
from retouch_aes.preferences.answers import Choice, Rating, Skip, Tie
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.gp.covariance_files import FittedCovariance
from retouch_aes.taste.gp.learn import learn_gp
from retouch_aes.taste.gp.pair_posterior import GPPairPosterior
from retouch_aes.taste.gp.taste import MOST_POINTS, GPTaste, compressed, merge_tastes
from retouch_aes.taste.style_features import style_features
from retouch_aes.testing import check_model, smooth_photo


@pytest.fixture(scope="module")
def taste(bright_answers, folder, generic) -> GPTaste:
    return learn_gp(bright_answers, folder, generic)


def shown(folder, recipe=None, numbers=range(40)):
    images = [read(folder / f"{n:02}.png").image for n in numbers]
    return torch.cat(images if recipe is None else [recipe.apply(image) for image in images])


def test_a_taste_for_brightness_is_learned(taste, folder, generic, brighter):
    model = taste.editing_model(generic)
    with torch.no_grad():
        plain, lifted = model(shown(folder)), model(shown(folder, brighter(0.4)))
    assert (lifted > plain).float().mean() > 0.85
    bright = shown(folder).mean((1, 2, 3))
    assert np.corrcoef(bright.numpy(), plain.numpy())[0, 1] > 0.6
    assert taste.card.metrics["agreement"] > taste.card.metrics["generic_agreement"] + 0.1
    assert not taste.card.says_little
    assert taste.adjustment.best_style["light"] > 0.5
    assert [count for count, _ in taste.card.curve] == [20, 40, 80]


def test_the_personal_model_keeps_the_laws_of_models(taste, generic):
    check_model(taste.editing_model(generic))


def test_the_distribution_has_the_score_as_its_mean(taste, generic, folder):
    model, images = taste.editing_model(generic), shown(folder, numbers=range(0, 40, 8))
    mean = (model.distribution(images) * torch.arange(1, 11)).sum(1)
    assert torch.allclose(mean, model(images), atol=0.02)


def test_a_photo_is_looked_at_once(taste, generic, folder):
    looks = []
    seen = generic.backbone.register_forward_hook(lambda *_: looks.append(1))
    try:
        for person in (None, taste):
            Scorer(generic, person)(folder / "00.png")
            assert len(looks) == 1, f"{'the generic score' if person is None else 'a taste'}: {len(looks)}"
            looks.clear()
    finally:
        seen.remove()


def test_the_personal_prior_moves_sliders_to_the_look_within_their_range(taste, folder):
    chain = EditChain(select(taste.operators))
    images = shown(folder, numbers=(3, 12, 30))
    base, _ = NeutralPrior().guess(images, chain)
    units, spread = taste.prior().guess(images, chain)
    at = chain.names.index("exposure.ev")
    assert (units[:, at] > base[:, at] + 0.02).all()
    assert units.abs().max() <= 1
    assert spread.shape == units.shape
    still = [chain.names.index(name) for name in ("dehaze.amount", "tones.shadows") if name in chain.names]
    assert (units[:, still] == 0).all()
    assert "clarity" in taste.operators


def test_it_serves_as_a_loss(taste, generic):
    image = smooth_photo(torch.Generator().manual_seed(1), 2, 40, 40).requires_grad_()
    loss = AestheticLoss(taste.editing_model(generic))(image)
    (gradient,) = torch.autograd.grad(loss, image)
    assert gradient.abs().sum() > 0
    assert gradient.isfinite().all()


def test_a_file_gives_the_same_taste(taste, generic, folder, tmp_path):
    path = tmp_path / "me.taste"
    taste.save(path)
    again = GPTaste.load(path)
    assert path.stat().st_size < 1_000_000
    assert again.card == taste.card
    images = shown(folder, numbers=(0, 20))
    assert torch.allclose(
        again.editing_model(generic)(images), taste.editing_model(generic)(images), atol=1e-5
    )
    assert again.knowledge is None


def test_damaged_and_foreign_files_are_refused(taste, generic, tmp_path):
    path = tmp_path / "me.taste"
    taste.save(path)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="checksum"):
        GPTaste.load(path)
    path.write_bytes(b"PK\x03\x04 a pickle")
    with pytest.raises(WeightsError, match="pickle"):
        GPTaste.load(path)
    with pytest.raises(WeightsError, match="does not exist"):
        GPTaste.load(tmp_path / "absent.taste")
    other = EMDAttention(CompactBackbone((8, 12, 16, 24), (1, 1, 1, 1)), side=64).eval()
    with pytest.raises(WeightsError, match=f"{generic.fingerprint}, got one with {other.fingerprint}"):
        taste.editing_model(other)


def test_a_taste_rests_on_the_bundled_model_it_was_learned_on(taste, generic):
    compact = load_model("aesthetic-compact")
    earlier = replace(taste, card=replace(taste.card, fingerprint=compact.fingerprint))
    for model in (earlier.ranking_model(generic), earlier.editing_model(generic)):
        assert model.generic.fingerprint == compact.fingerprint
    assert taste.ranking_model(generic).generic is generic


def test_same_answers_same_taste(taste, bright_answers, folder, generic):
    again = learn_gp(bright_answers, folder, generic)
    assert torch.equal(again.adjustment.weights, taste.adjustment.weights)
    assert again.card == taste.card


def test_random_answers_say_little(folder, generic):
    random = np.random.default_rng(3)
    acquisition = PairAcquisition([f"{n:02}.png" for n in range(40)], seed=5)
    answers = []
    for _ in range(60):
        [q] = acquisition.propose(answers)
        sides = (q.first, q.second) if random.random() < 0.5 else (q.second, q.first)
        answers.append(Choice(*sides))
    assert learn_gp(answers, folder, generic).card.says_little
    assert learn_gp(answers[:1], folder, generic).card.says_little


def test_ratings_ties_and_skips(folder, generic):
    photos = [Rendition(f"{n:02}.png") for n in range(40)]
    answers = [Rating(photo, 1 + n / 10, (1, 5)) for n, photo in enumerate(photos)]
    found = learn_gp([*answers, Tie(*photos[:2]), Skip(*photos[2:4])], folder, generic)
    assert (found.card.ratings, found.card.choices) == (40, 1)
    scores = found.editing_model(generic)(shown(folder)).detach().numpy()
    assert np.corrcoef(scores, np.arange(40))[0, 1] > 0.7
    with pytest.raises(UsageError, match="got none"):
        learn_gp([Skip(*photos[:2])], folder, generic)


def test_all_missing_photos_are_named(folder, generic):
    answers = [
        Choice(Rendition("absent.png"), Rendition("00.png")),
        Tie(Rendition("gone.png"), Rendition("01.png")),
    ]
    with pytest.raises(DatasetError) as caught:
        learn_gp(answers, folder, generic)
    assert "absent.png" in str(caught.value)
    assert "gone.png" in str(caught.value)


def test_a_blend_lies_between(taste, bright_answers, folder, generic):
    a = taste.adjustment
    kernel = FittedCovariance(a.basis, a.settings, generic.fingerprint, "a test")
    dark = learn_gp([Choice(a.loser, a.winner) for a in bright_answers], folder, generic, fitted=kernel)
    same = merge_tastes([taste, taste], [1, 3])
    images = shown(folder, numbers=range(0, 40, 5))
    assert torch.allclose(
        same.editing_model(generic)(images), taste.editing_model(generic)(images), atol=1e-3
    )
    with torch.no_grad():
        scores = [
            one.editing_model(generic)(images) for one in (taste, merge_tastes([taste, dark], [60, 40]), dark)
        ]
    between = torch.minimum(scores[0], scores[2]) - 0.1 < scores[1]
    assert between.all()
    assert (scores[1] < torch.maximum(scores[0], scores[2]) + 0.1).all()
    with pytest.raises(UsageError, match="a share for each"):
        merge_tastes([taste], [1])


def test_compression_keeps_the_score(taste, generic, folder):
    images = shown(folder, numbers=range(0, 40, 8))
    features, score, styles = generic.features(images), generic(images), style_features(images)
    whole = taste.adjustment
    small = compressed(whole, most=len(whole.weights) - 20)
    assert len(small.weights) == len(whole.weights) - 20
    assert compressed(whole, MOST_POINTS) is whole
    gap = small.score(features, score, styles) - whole.score(features, score, styles)
    assert gap.abs().max() < 0.2


def test_the_cache_is_used_and_restored(folder, generic, tmp_path, monkeypatch):
    wanted = [Rendition("00.png"), Rendition("01.png")]
    first = FeatureCache(generic, folder, cache=tmp_path).see(wanted)
    files = sorted(tmp_path.rglob("*.npy"))
    assert len(files) == 2
    files[0].write_bytes(b"broken")
    again = FeatureCache(generic, folder, cache=tmp_path).see(wanted)
    assert all(torch.equal(x, y) for x, y in zip(first, again, strict=True))
    monkeypatch.setattr("retouch_aes.photo.reading.read", lambda _: pytest.fail("the cache was not used"))
    FeatureCache(generic, folder, cache=tmp_path).see(wanted)


def test_beliefs_are_surest_about_what_was_asked(taste, folder, generic, bright_answers, brighter):
    beliefs = GPPairPosterior(taste, FeatureCache(generic, folder))
    asked = [Question(a.winner, a.loser) for a in bright_answers[:20]]
    mean, variance = beliefs.difference(asked)
    assert (mean > 0).mean() > 0.7
    assert (variance >= 0).all()
    reverse, same = beliefs.difference([Question(q.second, q.first) for q in asked])
    assert np.allclose(reverse, -mean)
    assert np.allclose(same, variance)
    far = Question(Rendition("05.png", brighter(-2)), Rendition("05.png", brighter(2)))
    assert beliefs.difference([far])[0][0] < 0
    acquisition = PairAcquisition(
        [f"{n:02}.png" for n in range(40)], strategy="informative", kind="both", candidates=10
    )
    assert acquisition.propose(bright_answers, beliefs=beliefs)
    with pytest.raises(UsageError, match="just learned"):
        GPPairPosterior(GPTaste(taste.adjustment, taste.card), FeatureCache(generic, folder))


def test_progress_is_told_and_may_stop(bright_answers, folder, generic):
    stages = []
    learn_gp(
        bright_answers[:12],
        folder,
        generic,
        progress=lambda stage, done, of: stages.append((stage, done, of)),
    )
    assert [s for s, *_ in stages] == sorted(
        [s for s, *_ in stages], key=["seeing photos", "learning", "checking"].index
    )
    assert stages[-1] == ("checking", 5, 5)

    def stop(stage, done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn_gp(bright_answers[:12], folder, generic, progress=stop)

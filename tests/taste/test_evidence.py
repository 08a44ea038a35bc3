"""What answers do not tell is not followed; a look is laid on a repaired photo; skin keeps its colour."""

import pytest
import torch
from torch import Tensor

from retouch_aes.color.oklab import srgb_to_oklab
from retouch_aes.models.edit_prior import LEAST_SPREAD, EditPrior, NeutralPrior
from retouch_aes.operators import EditChain, select
from retouch_aes.preferences.variations import REACH, STYLE_SLIDERS
from retouch_aes.taste.gp import prior
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, GPInputs, covariance, prior_mean
from retouch_aes.taste.gp.evidence import StyleEvidence, blended_evidence, sureness
from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.likelihood import Observations
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.gp.prior import PersonalPrior
from retouch_aes.taste.style_features import STYLE_FEATURES
from retouch_aes.testing import smooth_photo

LIGHT, CONTRAST, CLARITY = (STYLE_FEATURES.index(name) for name in ("light", "contrast", "clarity"))
SETTINGS = CovarianceSettings()


def answered(moves: Tensor) -> StyleEvidence:
    """The evidence of choices between two renditions of one photo; `moves` `(N, 6)` is first less second."""
    count = len(moves)
    style = torch.cat([moves / 2, -moves / 2]).double()
    views = GPInputs(
        torch.ones(2 * count, 1).double(), torch.zeros(2 * count).double(), style, 0 * style,
        torch.ones(2 * count).double(),
    )  # fmt: skip
    first = torch.arange(count)
    kind, value = torch.zeros(count, dtype=torch.long), torch.zeros(count).double()
    seen = Observations(kind, first, first + count, value, torch.full_like(value, 0.7))
    found = laplace_posterior(seen, covariance(views, views, SETTINGS), prior_mean(views, SETTINGS))
    return StyleEvidence.of(views, found, SETTINGS)


def along(*features: int) -> Tensor:
    return torch.stack([torch.eye(6)[feature] for feature in features])


def test_answers_about_one_number_tell_that_one() -> None:
    move = 0.8 * torch.eye(6)[LIGHT]
    evidence = answered(torch.stack([move, -move] * 20))
    slopes, here = along(LIGHT, CLARITY), torch.zeros(1, 6)
    told, never = evidence.deviation(slopes, here)[0].tolist()
    assert told < 0.5 < 1.9 < never == pytest.approx(SETTINGS.style_linear**0.5, rel=1e-3)
    fewer = answered(torch.stack([move, -move] * 4))
    assert told < float(fewer.deviation(slopes, here)[0, 0])


def test_what_was_only_asked_together_is_in_doubt() -> None:
    together = torch.eye(6)[CONTRAST] + torch.eye(6)[CLARITY]
    apart = [sign * torch.eye(6)[which] for which in (CONTRAST, CLARITY) for sign in (1.0, -1.0)]
    here = torch.zeros(1, 6)
    both = answered(torch.stack([together, -together] * 10)).deviation(along(CLARITY), here)
    asked = answered(torch.stack(apart * 5)).deviation(along(CLARITY), here)
    assert float(asked) < 0.5 * float(both)


def test_nothing_is_followed_within_the_doubt_and_all_far_beyond() -> None:
    gain = torch.tensor([0.0, 0.9, -0.9, 1.5, -3.0, 30.0])
    found = sureness(gain, torch.ones(6), doubt=1.0)
    assert found[:3].tolist() == [0, 0, 0]
    assert 0.5 < found[3] < 0.6 < found[4] < 0.9 < 0.99 < found[5] <= 1


def test_it_is_stored_and_read_and_other_numbers_are_refused() -> None:
    evidence = answered(torch.randn(12, 6, generator=torch.Generator().manual_seed(0)))
    again = StyleEvidence.from_json(evidence.to_json())
    torch.testing.assert_close(again.covariance, evidence.covariance, atol=1e-4, rtol=1e-4)
    for wrong in ([], [[1.0]], [[float("nan")] * (i + 1) for i in range(18)], "x", [1.0] * 18):
        with pytest.raises((ValueError, TypeError)):
            StyleEvidence.from_json(wrong)
    half = blended_evidence([evidence, evidence], [0.5, 0.5])
    assert half is not None
    torch.testing.assert_close(half.covariance, evidence.covariance / 2)
    assert blended_evidence([evidence, None], [0.5, 0.5]) is None


def liking(**gains: float) -> Adjustment:
    """Somebody who likes more or less of some numbers of the style."""
    line = torch.tensor([gains.get(name, 0.0) for name in STYLE_FEATURES])
    ones, none = torch.ones(6), torch.zeros(6)
    basis = FeatureBasis(torch.zeros(1), torch.ones(1, 1))
    return Adjustment(basis, torch.zeros(0, 1), torch.zeros(0), torch.zeros(2), line, ones, none, SETTINGS)


def evident(*but: int) -> StyleEvidence:
    """Sure of all numbers but some."""
    variance = torch.full((18,), 1e-4)
    variance[[i for feature in but for i in (feature, feature + 6, feature + 12)]] = 2.0
    return StyleEvidence(variance.diag())


CHAIN = EditChain(select(name.split(".")[0] for name in STYLE_SLIDERS))


def reaches(units: Tensor) -> dict[str, float]:
    return {
        name.split(".")[0]: float(units[0, CHAIN.names.index(name)]) / reach
        for name, reach in zip(STYLE_SLIDERS, REACH, strict=True)
    }


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return 0.1 + 0.7 * smooth_photo(torch.Generator().manual_seed(3), 1, 96, 128)


def test_a_slider_that_the_answers_do_not_tell_stays(photo) -> None:
    both = liking(light=2.5, clarity=1.0)
    followed = reaches(PersonalPrior(NeutralPrior(), both).guess(photo, CHAIN)[0])
    assert followed["exposure"] > 0.1 < followed["clarity"]
    units, spread = PersonalPrior(NeutralPrior(), both, evident(CLARITY)).guess(photo, CHAIN)
    moved, place = reaches(units), CHAIN.names.index("clarity.clarity")
    assert moved["exposure"] > 0.1
    assert moved["clarity"] == pytest.approx(0, abs=1e-3)
    assert float(spread[0, place]) == pytest.approx(LEAST_SPREAD)
    assert float(spread[0, CHAIN.names.index("exposure.ev")]) > 5 * LEAST_SPREAD


class Brighter(EditPrior):
    """Repairs every photo by so many units of exposure."""

    def __init__(self, units: float) -> None:
        self.units = units

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`."""
        units = image.new_zeros(len(image), len(chain))
        units[:, chain.names.index("exposure.ev")] = self.units
        return units, torch.full_like(units, 0.1)


def test_a_repair_comes_first_and_liking_it_dark_takes_none_of_it_back(photo) -> None:
    dark = CHAIN.apply(photo, CHAIN.from_units(Brighter(-0.45).guess(photo, CHAIN)[0]))
    likes_dark, sure = liking(light=-1.0), evident()
    sound = PersonalPrior(NeutralPrior(), likes_dark, sure).guess(photo, CHAIN)[0]
    mended = PersonalPrior(Brighter(0.45), likes_dark, sure).guess(dark, CHAIN)[0]
    assert reaches(sound)["exposure"] < -0.1
    place = CHAIN.names.index("exposure.ev")
    assert float(mended[0, place]) == pytest.approx(0.45 + float(sound[0, place]), abs=0.03)


def test_a_look_does_not_grey_skin(photo, monkeypatch) -> None:
    skin = torch.tensor([0.80, 0.60, 0.50]).view(1, 3, 1, 1)
    portrait = photo.flip(1) * torch.tensor([0.5, 0.9, 0.9]).view(1, 3, 1, 1)
    portrait[..., 20:80, 30:100] = skin * (0.9 + 0.1 * photo[..., 20:80, 30:100])

    def left() -> float:
        units, _ = PersonalPrior(NeutralPrior(), liking(colour=-4.0), evident()).guess(portrait, CHAIN)
        edited = CHAIN.apply(portrait, CHAIN.from_units(units))
        return _chroma(edited[..., 20:80, 30:100]) / _chroma(portrait[..., 20:80, 30:100])

    assert 0.78 < left() < 0.95
    monkeypatch.setattr(prior, "keeps_skin", lambda _, photos: torch.ones(len(photos), dtype=torch.bool))
    assert left() < 0.6


def _chroma(image: Tensor) -> float:
    return float(srgb_to_oklab(image)[:, 1:].square().sum(1).sqrt().mean())


def test_an_old_taste_without_evidence_is_followed_as_before(photo) -> None:
    likes = liking(light=1.0)
    units, spread = PersonalPrior(NeutralPrior(), likes, None).guess(photo, CHAIN)
    assert reaches(units)["exposure"] > 0.1
    assert float(spread.min()) == float(spread.max()) == pytest.approx(0.25)

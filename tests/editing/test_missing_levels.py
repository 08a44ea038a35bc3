"""Levels unasked: only where an end of the tones is missing, a little, and never against the score."""

import pytest
import torch

from retouch_aes import RetouchSettings, retouch
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.luma import luma
from retouch_aes.editing import Outcome
from retouch_aes.editing.auto_levels import LEVELLED
from retouch_aes.editing.levels import completed
from retouch_aes.models.edit_prior import NeutralPrior
from retouch_aes.optim.bfgs import BFGS

_FAST = BFGS(steps=0)


class _Contrast(torch.nn.Module):
    """A score that likes contrast, or, `wanted` below 0, dislikes it."""

    def __init__(self, wanted: float = 1.0) -> None:
        super().__init__()
        self.wanted = wanted

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return 5 + self.wanted * luma(image).flatten(1).std(dim=1)


def _tones(low: float, high: float) -> torch.Tensor:
    return torch.linspace(low, high, 96).expand(1, 3, 64, 96).clone()


def _moved(images: torch.Tensor, others: torch.Tensor) -> float:
    return float(delta_e_2000(images, others).mean())


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.0, 1.0), (0.08, 0.92), (0.0, 0.3), (0.7, 1.0)],
    ids=["full", "nearly", "dark", "bright"],
)
def test_what_lacks_no_end_or_is_dark_or_bright_on_purpose_stays(low: float, high: float) -> None:
    photo = _tones(low, high)
    assert torch.equal(completed(photo, photo), photo)


def test_what_is_missing_is_given_within_a_bound() -> None:
    photo = _tones(0.25, 0.75)
    made = completed(photo, photo)
    assert float(luma(made).std()) > 1.05 * float(luma(photo).std())
    assert 1 < _moved(made, photo) < 3.1


def test_less_has_to_be_missing_where_something_was_mended() -> None:
    photo = _tones(0.08, 0.9)
    mended = _tones(0.1, 0.92)
    assert torch.equal(completed(photo, photo), photo)
    assert 0.5 < _moved(completed(mended, photo - 0.03), mended) < 3.1


def test_no_photo_is_carried_beyond_the_bound_by_levels() -> None:
    photo = _tones(0.2, 0.7)
    for added in (0.02, 0.04, 0.05, 0.06):
        edited = photo + added
        before, after = _moved(edited, photo), _moved(completed(edited, photo), photo)
        assert before > 6 or after < 6


def _found(
    photo: torch.Tensor, wanted: float = 1.0, levels: bool | None = None, prior: bool = True
) -> tuple[Outcome, str]:
    [found] = retouch(
        photo,
        _Contrast(wanted),
        prior=NeutralPrior() if prior else None,
        settings=RetouchSettings(solver=_FAST, levels=levels),
    )
    return found.outcome, found.reason


def test_unasked_the_score_has_to_agree() -> None:
    photo = _tones(0.25, 0.75)
    assert _found(photo) == (Outcome.EDITED, LEVELLED)
    assert _found(photo, wanted=-1)[0] is Outcome.LEFT_ALONE
    assert _found(photo, wanted=-1, levels=True) == (Outcome.EDITED, LEVELLED), "asked for, it need not"


def test_never_where_it_is_forbidden_without_a_prior_or_to_a_taste() -> None:
    photo = _tones(0.25, 0.75)
    assert _found(photo, levels=False)[0] is Outcome.LEFT_ALONE
    assert _found(photo, prior=False)[0] is Outcome.LEFT_ALONE
    assert RetouchSettings().as_asked.levels is False, "as Retoucher does with a taste"
    assert RetouchSettings(levels=True).as_asked.levels is True


def test_a_score_that_falls_takes_a_smaller_share() -> None:
    photo = _tones(0.25, 0.75)

    class Little(torch.nn.Module):
        """A score that likes some more contrast."""

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return 5 - (luma(image).flatten(1).std(dim=1) - 1.05 * float(luma(photo).std())).abs()

    settings = RetouchSettings(solver=_FAST)
    [found] = retouch(photo, Little(), prior=NeutralPrior(), settings=settings)
    assert found.score_after >= found.score_before

"""Auto levels: tones reach black and white as far as bound and sliders let them, and nothing else moves."""

import pytest
import torch

from retouch_aes import Retoucher, RetouchSettings, retouch
from retouch_aes.color.luma import luma
from retouch_aes.editing import Outcome
from retouch_aes.editing.auto_levels import LEVELLED
from retouch_aes.editing.levels import stretched
from retouch_aes.errors import UsageError
from retouch_aes.optim.bfgs import BFGS

_FAST = BFGS(steps=0)


class _Dark(torch.nn.Module):
    """A score that likes dark photos."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return 10 - 9 * image.mean((1, 2, 3))


def _flat(low: float, high: float) -> torch.Tensor:
    """A photo of two tints between two tones."""
    ramp = torch.linspace(low, high, 96).expand(64, 96).clone()
    ramp[:, :3], ramp[:, -3:] = low, high
    return torch.stack([ramp, ramp * 0.97, ramp * 0.94])[None]


def _ends(image: torch.Tensor) -> list[float]:
    return torch.quantile(luma(image).flatten(), torch.tensor([0.01, 0.99])).tolist()


def test_the_goal_is_one_stretch_within_a_bound() -> None:
    both = torch.cat([_flat(0.1, 0.9), _flat(0.45, 0.5), _flat(0.0, 1.0)])
    wide, narrow, full = stretched(both).split(1)
    assert _ends(wide) == pytest.approx([0.0, 1.0], abs=0.04)
    low, high = _ends(narrow)
    assert high - low == pytest.approx(1.3 * 0.05, rel=0.05)
    assert (high + low) / 2 == pytest.approx(0.46, abs=0.06), "bounded, it stays about where it was"
    assert torch.allclose(full, both[2:], atol=0.03)


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.9), (0.0, 0.8), (0.2, 0.97)])
def test_tones_are_stretched_by_sliders(low: float, high: float) -> None:
    photo, settings = _flat(low, high), RetouchSettings(solver=_FAST, levels=True)
    [found] = retouch(photo, _Dark(), settings=settings)
    assert found.outcome is Outcome.EDITED
    assert found.reason == LEVELLED
    made = found.recipe.apply(photo)
    assert float((luma(made) - luma(stretched(photo))).abs().mean()) < 0.03
    assert found.score_after == pytest.approx(float(_Dark()(made)), abs=1e-3)
    moved = {step.operator.name for step in found.recipe.effective().steps}
    assert moved <= {"exposure", "contrast", "tones"}


def test_only_operators_that_may_be_used_are_moved() -> None:
    photo, settings = _flat(0.2, 0.8), RetouchSettings(solver=_FAST, levels=True)
    [found] = retouch(photo, _Dark(), operators=["saturation", "contrast"], settings=settings)
    assert [step.operator.name for step in found.recipe.effective().steps] == ["contrast"]
    [none] = retouch(photo, _Dark(), operators=["saturation"], settings=settings)
    assert none.outcome is Outcome.LEFT_ALONE


def test_what_is_black_and_white_already_stays_and_so_does_grey() -> None:
    settings = RetouchSettings(solver=_FAST, levels=True)
    [found] = retouch(_flat(0.0, 1.0)[:, :1].expand(1, 3, -1, -1), _Dark(), settings=settings)
    assert found.outcome is Outcome.LEFT_ALONE
    grey = torch.linspace(0.2, 0.7, 96).expand(1, 3, 64, 96)
    [toned] = retouch(grey, _Dark(), settings=settings)
    made = toned.recipe.apply(grey)
    assert float((made.amax(dim=1) - made.amin(dim=1)).max()) < 1e-5


def test_strength_weakens_levels_and_0_leaves_the_photo() -> None:
    photo, moved = _flat(0.1, 0.9), []
    for strength in (0.0, 0.5, 1.0):
        [found] = retouch(
            photo, _Dark(), settings=RetouchSettings(solver=_FAST, levels=True, strength=strength)
        )
        moved.append(found.difference)
        assert found.outcome is (Outcome.EDITED if strength else Outcome.LEFT_ALONE)
    assert moved[0] == 0 < moved[1] < moved[2]


def test_a_vetoed_photo_is_left() -> None:
    class Bright(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return 1 + 9 * image.mean((1, 2, 3))

    class Darker:
        """A prior that darkens."""

        def guess(self, image: torch.Tensor, chain: object) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.full((len(image), len(chain)), -0.5), torch.full((len(image), len(chain)), 0.3)

    settings = RetouchSettings(solver=_FAST, levels=True)
    photo = _flat(0.2, 0.8)
    [found] = retouch(
        photo, _Dark(), operators=["exposure"], prior=Darker(), veto=Bright(), settings=settings
    )
    assert found.outcome is Outcome.VETOED
    assert not found.recipe.effective().steps


def test_levels_that_no_operator_can_make_are_refused() -> None:
    asked = RetouchSettings(levels=True)
    with pytest.raises(UsageError, match="expected one of exposure, contrast, tones"):
        Retoucher.load(prior=None, operators=["saturation"], settings=asked, device="cpu")
    Retoucher.load(prior=None, operators=["saturation", "tones"], settings=asked, device="cpu")

"""A photo that looks finished is spared the usual edit."""

import pytest
import torch
from torch import Tensor

from retouch_aes.export.finished_looks_fit import FEWEST, finished_looks
from retouch_aes.operators import OPERATORS, EditChain, Recipe, Step, select
from retouch_aes.taste.gp.finished_looks import FinishedLooks, blended_looks
from retouch_aes.taste.gp.usual_edit import UsualEdit, UsualEditPrior
from retouch_aes.testing import smooth_photo

LIFT = Recipe((Step(OPERATORS["exposure"], (1.2,)),))


def pairs(count: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """Dark photos, and what somebody makes of them."""
    photos = 0.05 + 0.3 * smooth_photo(torch.Generator().manual_seed(seed), count, 48, 64)
    return [(photo[None], LIFT.apply(photo[None])) for photo in photos]


def test_dark_ones_get_it_and_finished_ones_little() -> None:
    found = finished_looks(pairs(10, 1), [LIFT] * 10)
    assert found is not None
    others = pairs(6, 2)
    before, after = (torch.cat([found.amount(pair[side]) for pair in others]) for side in (0, 1))
    assert float(before.mean()) > 0.8
    assert float(after.mean()) < 0.2


def test_where_it_would_not_pay_all_get_it() -> None:
    assert finished_looks(pairs(FEWEST - 1, 1), [LIFT] * (FEWEST - 1)) is None
    same = [(photo, photo) for photo, _ in pairs(8, 1)]
    assert finished_looks(same, [Recipe()] * 8) is None


def test_it_is_stored_scales_the_guess_and_can_be_blended() -> None:
    looks = finished_looks(pairs(10, 1), [LIFT] * 10)
    usual = UsualEdit(LIFT, 10, finished=looks)
    again = UsualEdit.from_json(usual.to_json())
    assert again == usual
    [(before, after)] = pairs(1, 5)
    chain = EditChain(select(["exposure"]))
    first, second = (float(UsualEditPrior(again).guess(image, chain)[0]) for image in (before, after))
    assert 0 <= second < 0.4 * first
    assert blended_looks([looks, None], [0.5, 0.5]) is None
    half = blended_looks([looks, FinishedLooks((0.0,) * 66, 0.0)], [0.5, 0.5])
    assert half is not None
    assert looks is not None
    assert half.offset == pytest.approx(looks.offset / 2)


@pytest.mark.parametrize("wrong", [{}, [], {"weights": [0.0], "offset": 0.0}, {"weights": 3, "offset": 0.0}])
def test_other_numbers_are_refused(wrong) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        FinishedLooks.from_json(wrong)

"""The guard of the edit prior: what is surely finished is not moved far, what may be unfinished as before."""

import pytest
import torch
from torch import Tensor

from retouch_aes import load_prior
from retouch_aes.models.edit_prior import LearnedPrior, with_operators
from retouch_aes.models.finished_guard import BOUND, FinishedGuard
from retouch_aes.operators import AUTO
from retouch_aes.training.prior.examples import KINDS, PriorExamples
from retouch_aes.training.prior.guard import FEWEST, fit_guard


class _Says(FinishedGuard):
    """A guard that says one thing of every photo."""

    def __init__(self, logit: float) -> None:
        super().__init__(1)
        self.logit = logit

    def forward(self, seen: Tensor) -> Tensor:
        return torch.full((len(seen),), self.logit)


def _examples(kinds: Tensor) -> PriorExamples:
    """Numbers of which one tells finished from unfinished."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(len(kinds), 12, generator=generator)
    features[:, 3] += 3 * (kinds > 1)
    pixels, units = torch.zeros(len(kinds), 3, 1, 1, dtype=torch.uint8), torch.zeros(len(kinds), 1)
    return PriorExamples(pixels, pixels, features.half(), kinds, kinds, units)


@pytest.mark.parametrize(("logit", "moved", "share"), [(-9, 12, BOUND / 12), (-9, 4, 1), (9, 12, 1)])
def test_only_what_is_surely_finished_and_would_move_far_is_held(
    logit: float, moved: float, share: float
) -> None:
    found = _Says(logit).share(torch.zeros(2, 1, 1), torch.tensor([float(moved)]))
    assert float(found) == pytest.approx(share, abs=1e-3)


def test_in_doubt_between_the_two_it_is_held_a_little() -> None:
    found = float(_Says(0).share(torch.zeros(2, 1, 1), torch.tensor([10.0])))
    assert 0.5 < found < 1


def test_it_is_learned_from_examples_and_not_from_few() -> None:
    kinds = torch.arange(2).repeat_interleave(FEWEST) * KINDS.index("unprocessed")
    guard = fit_guard([_examples(kinds)])
    assert guard is not None
    assert not guard.training
    others = _examples(kinds.flip(0))
    right = (guard(others.features.float()) > 0) == (others.kind > 1)
    assert float(right.float().mean()) > 0.8
    again = fit_guard([_examples(kinds)])
    assert again is not None
    assert torch.equal(guard(others.features.float()), again(others.features.float()))
    assert fit_guard([_examples(kinds[1:])]) is None


def test_the_prior_weakens_what_its_guard_holds_and_old_files_have_none() -> None:
    prior = load_prior("edit-prior")
    assert prior.guard is not None
    photo = torch.linspace(0.02, 0.2, 64).expand(1, 3, 48, 64)
    prior.guard = None
    assert "guarded" not in prior.config
    whole, _ = prior.guess(photo, prior.chain)
    prior.guard = _Says(9)
    assert torch.equal(prior.guess(photo, prior.chain)[0], whole)
    prior.guard = _Says(-9)
    held, _ = prior.guess(photo, prior.chain)
    assert float(held.norm()) < 0.9 * float(whole.norm())
    torch.testing.assert_close(held / held.norm(), whole / whole.norm())


def test_a_network_for_other_operators_keeps_it() -> None:
    prior = load_prior("edit-prior")
    again = LearnedPrior.from_config(with_operators(prior, AUTO).config)
    assert again.guard is not None

"""A learned prior asked for several chains of sliders of one photo."""

import pytest
import torch
from torch import Tensor

from retouch_aes import Photo, Retoucher, load_model
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.models.prior_at_once import PriorAtOnce
from retouch_aes.operators import AUTO, EditChain, select


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """Every image that a prior's network looks at."""
    seen: list[Tensor] = []
    plain = LearnedPrior.seen

    def counted(self: LearnedPrior, image: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(image)
        return plain(self, image)

    monkeypatch.setattr(LearnedPrior, "seen", counted)
    return seen


def prior() -> LearnedPrior:
    torch.manual_seed(0)
    return LearnedPrior([*AUTO, "fill_light"], side=32, hidden=8, doubt=1.0).eval().requires_grad_(False)


def test_guesses_are_those_of_the_prior_and_one_look_serves_all(looks: list[Tensor]) -> None:
    first, second = torch.rand(2, 3, 40, 60).split(1)
    network = prior()
    once = PriorAtOnce(network)
    chains = [EditChain(select(names)) for names in (["fill_light"], AUTO, ["clarity", "exposure"])]
    found = [once.guess(image, chain) for image in (first, second) for chain in chains]
    assert len(looks) == 2
    wanted = [network.guess(image, chain) for image in (first, second) for chain in chains]
    for (units, spread), (wanted_units, wanted_spread) in zip(found, wanted, strict=True):
        assert torch.equal(units, wanted_units)
        assert torch.equal(spread, wanted_spread)


def test_a_retouch_looks_at_the_photo_once(looks: list[Tensor]) -> None:
    retoucher = Retoucher(load_model("aesthetic-compact").requires_grad_(False), prior=prior())
    retoucher(Photo(torch.rand(1, 3, 48, 64)))
    assert len(looks) == 1

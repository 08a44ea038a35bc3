"""A prior that is asked once for what several ask of it."""

import torch
from torch import Tensor

from retouch_aes import Retoucher, load_prior
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.guessed_once import GuessedOnce
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.testing import smooth_photo


class Counted(EditPrior):
    """Another prior, and how often it looked."""

    def __init__(self, base: EditPrior) -> None:
        self.base, self.looks = base, 0

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        self.looks += 1
        return self.base.guess(image, chain)


def dark() -> Tensor:
    return 0.25 * smooth_photo(torch.Generator().manual_seed(2), 1, 96, 128)


def test_the_same_is_guessed_for_some_sliders_with_one_look() -> None:
    base = Counted(load_prior("edit-prior"))
    once = GuessedOnce(base, dark())
    assert base.looks == 0
    for names in (("fill_light",), AUTO, ("tones", "exposure")):
        chain = EditChain(select(names))
        for got, wanted in zip(once.guess(dark(), chain), base.base.guess(dark(), chain), strict=True):
            assert torch.equal(got, wanted)
    assert base.looks == 1


def test_of_other_photos_and_sliders_the_prior_itself_is_asked() -> None:
    base = Counted(load_prior("edit-prior"))
    once, chain = GuessedOnce(base, dark()), EditChain(select(["exposure"]))
    brighter = 2 * dark()
    assert torch.equal(once.guess(brighter, chain)[0], base.base.guess(brighter, chain)[0])
    assert once.guess(dark(), EditChain(select(["clarity"])))[0].shape == (1, 1)
    assert base.looks == 2


def test_a_retouch_looks_once() -> None:
    base = Counted(load_prior("edit-prior"))
    Retoucher.load(prior=base, device="cpu").solve(dark())
    assert base.looks == 1


def test_of_some_of_the_photos_it_knows_what_it_was_asked() -> None:
    base = Counted(load_prior("edit-prior"))
    images = torch.cat([dark(), 2 * dark(), 3 * dark()])
    once, chain = GuessedOnce(base, images), EditChain(select(["exposure", "tones"]))
    units, _ = once.guess(images, chain)
    rows = torch.tensor([0, 2])
    some = images[rows]
    assert torch.equal(once.of(rows, some).guess(some, chain)[0], units[rows])
    assert base.looks == 1

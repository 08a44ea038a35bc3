"""Skin is never made darker or greyer than a bound."""

import torch
from torch import Tensor, nn

from retouch_aes.editing import BFGS, Outcome, RetouchSettings, retouch
from retouch_aes.editing.outcome import SPOILS_SKIN
from retouch_aes.editing.skin import keeps_skin
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import EditChain

GENERATOR = torch.Generator().manual_seed(7)


def portrait(skin: tuple[float, float, float] = (0.75, 0.55, 0.45)) -> Tensor:
    """A patch of skin in a bluish room."""
    image = torch.tensor([0.35, 0.4, 0.45])[None, :, None, None].expand(1, 3, 96, 128).clone()
    image[:, :, 30:66, 45:83] = torch.tensor(skin)[:, None, None]
    return (image + 0.01 * torch.randn(1, 3, 96, 128, generator=GENERATOR)).clamp(0, 1)


def meadow() -> Tensor:
    """Greens without any skin, grained."""
    image = torch.tensor([0.3, 0.5, 0.25])[None, :, None, None].expand(1, 3, 96, 128)
    return (image * (1 + 0.1 * torch.randn(1, 1, 96, 128, generator=GENERATOR))).clamp(0, 1)


class Fixed(EditPrior):
    """Guesses the same sliders for every photo, by name."""

    def __init__(self, **values: float) -> None:
        self.values = values

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        units = torch.tensor([self.values.get(name.replace(".", "__"), 0.0) for name in chain.names])
        return units.expand(len(image), -1).clone(), torch.full((len(image), len(chain)), 0.2)


class Likes(nn.Module):
    """Scores by mean light, up or down."""

    def __init__(self, sign: float) -> None:
        super().__init__()
        self.sign = sign

    def forward(self, image: Tensor) -> Tensor:
        return 5 + self.sign * image.mean((1, 2, 3))


def test_skin_is_not_made_darker_or_greyer_than_a_bound() -> None:
    photo = portrait()
    assert keeps_skin(photo, photo)
    assert not keeps_skin(photo, photo * 0.6)
    assert keeps_skin(photo, photo * 0.9), "bright enough still"
    grey = photo.mean(dim=1, keepdim=True)
    face = photo.clone()
    face[:, :, 30:66, 45:83] = grey[:, :, 30:66, 45:83] + 0.5 * (photo - grey)[:, :, 30:66, 45:83]
    assert not keeps_skin(photo, face)
    deep = portrait((0.4, 0.25, 0.18))
    assert not keeps_skin(deep, deep * 0.8), "dark skin, too"
    warm = photo * torch.tensor([1.15, 1.0, 0.8])[:, None, None]
    assert keeps_skin(warm.clamp(0, 1), photo), "a cast may be taken away"
    assert keeps_skin(meadow(), torch.zeros(1, 3, 96, 128)), "no skin, no guard"


def test_skin_that_is_too_colourful_may_be_toned_down() -> None:
    loud = portrait((0.85, 0.5, 0.35))
    grey = loud.mean(dim=1, keepdim=True)
    assert keeps_skin(loud, grey + 0.7 * (loud - grey))
    assert not keeps_skin(loud, grey + 0.2 * (loud - grey))


def test_an_edit_that_spoils_skin_is_cut_back_or_left() -> None:
    prior, settings = Fixed(exposure__ev=-0.6), RetouchSettings(solver=BFGS(0))
    [found] = retouch(portrait(), Likes(-1.0), prior=prior, settings=settings)
    assert SPOILS_SKIN in found.reason
    [landscape] = retouch(meadow(), Likes(-1.0), prior=prior, settings=settings)
    assert landscape.outcome is Outcome.EDITED
    assert SPOILS_SKIN not in landscape.reason


def test_a_frame_that_is_too_bright_may_be_mended_as_a_whole() -> None:
    veiled = 0.45 + 0.55 * portrait()
    assert keeps_skin(veiled, portrait().clamp(min=0.3))
    alone = veiled.clone()
    alone[:, :, 30:66, 45:83] *= 0.6
    assert not keeps_skin(veiled, alone)

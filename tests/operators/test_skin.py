"""Skin may not be made much darker or greyer."""

import pytest
import torch
from torch import Tensor

from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.operators.skin import keeps_skin

TONES = {"pale": (0.86, 0.70, 0.62), "tan": (0.72, 0.52, 0.42), "dark": (0.42, 0.28, 0.21)}


def portrait(tone: tuple[float, float, float]) -> Tensor:
    grain = 0.02 * torch.rand(1, 1, 60, 80, generator=torch.Generator().manual_seed(0))
    ground = torch.tensor([0.3, 0.4, 0.55]).view(1, 3, 1, 1).expand(1, 3, 60, 80).clone()
    ground[..., 40:] = torch.tensor([0.3, 0.45, 0.2]).view(1, 3, 1, 1)
    ground[..., 15:45, 25:55] = torch.tensor(tone).view(1, 3, 1, 1)
    return (ground + grain).clamp(0, 1)


def edited(image: Tensor, name: str, *values: float) -> Tensor:
    return Recipe((Step(OPERATORS[name], values),)).apply(image)


@pytest.mark.parametrize("tone", TONES.values(), ids=list(TONES))
def test_greyer_and_darker_faces_are_seen(tone) -> None:
    face = portrait(tone)
    assert bool(keeps_skin(face, face))
    assert bool(keeps_skin(edited(face, "exposure", 0.3), face))
    assert bool(keeps_skin(edited(face, "exposure", -0.1), face))
    assert not bool(keeps_skin(edited(face, "exposure", -1.5), face))
    assert not bool(keeps_skin(edited(face, "saturation", -60.0), face))


def test_an_overexposed_face_may_be_brought_down() -> None:
    face = portrait((0.98, 0.80, 0.72))
    assert bool(keeps_skin(edited(face, "exposure", -0.5), face))


def test_photos_without_skin_or_colour_are_free_and_each_is_judged_alone() -> None:
    face, blue = portrait(TONES["tan"]), portrait((0.2, 0.3, 0.6))
    grey = face.mean(1, keepdim=True).expand_as(face)
    both = torch.cat([face, blue, grey])
    assert keeps_skin(both * 0.3, both).tolist() == [False, True, True]


def test_what_a_repair_takes_from_the_whole_frame_is_not_skin_turned_grey() -> None:
    face = portrait(TONES["tan"])
    cast = edited(face, "white_balance", 60.0, 0.0)
    assert not bool(keeps_skin(face, cast))
    assert bool(keeps_skin(face, cast, beyond_rest=True))
    assert not bool(keeps_skin(edited(face, "hsl", *hsl(orange_saturation=-80.0)), face, beyond_rest=True))


def hsl(**values: float) -> list[float]:
    return [values.get(param.name, param.neutral) for param in OPERATORS["hsl"].params]

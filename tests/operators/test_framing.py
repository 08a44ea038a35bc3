"""Frames: inside the photo, no corner black, differentiable, and the way back from the JSON."""

import itertools
from math import radians, sin

import pytest
import torch

from retouch_aes.errors import RecipeError
from retouch_aes.operators import OPERATORS, Exposure, Framing, Recipe, Step
from retouch_aes.operators.framing import cut, read_framing
from retouch_aes.testing import smooth_photo


@pytest.mark.parametrize("angle", [-45.0, -7.0, 0.0, 0.4, 20.0])
@pytest.mark.parametrize("middle", [(0.5, 0.5), (0.3, 0.6)])
def test_every_corner_lies_inside(angle: float, middle: tuple[float, float]) -> None:
    frame = Framing(angle, *middle).on(400, 600)
    for column, row in itertools.product((0, frame.width), (0, frame.height)):
        x, y = frame.place(column, row)
        assert -0.01 <= x <= 600.01
        assert -0.01 <= y <= 400.01
        assert frame.within(x, y) == pytest.approx((column, row), abs=1e-6)


def test_the_largest_of_its_shape_touches_the_border() -> None:
    frame = Framing(5.0).on(4000, 6000)
    assert min(frame.place(0, 0)[1], 4000 - frame.place(0, frame.height)[1]) < 2


def test_a_straight_frame_copies_pixels() -> None:
    image = torch.rand(1, 3, 40, 60)
    assert torch.equal(Framing(0.0, 0.5, 0.5, 0.5, 0.5).apply(image), image[..., 10:30, 15:45])


def test_clockwise_is_clockwise() -> None:
    image = torch.zeros(1, 3, 200, 300)
    image[..., 100:, :] = 1  # a level horizon
    turned = Framing(4.0).apply(image)
    edges = turned[0, 0].sum(0)  # more white below means that the horizon is higher there
    slope = float((edges[-20] - edges[20]) / (turned.shape[3] - 40))
    assert slope == pytest.approx(-sin(radians(4)), abs=0.01)  # its right end has gone down


def test_no_corner_is_black() -> None:
    assert float(Framing(9.0).apply(torch.ones(1, 3, 80, 120)).min()) > 0.9999


def test_there_and_back_is_nearly_the_same() -> None:
    image = smooth_photo(torch.Generator().manual_seed(0), 1, 96, 144)
    back = Framing(-6.0).apply(Framing(6.0).apply(image))
    height, width = back.shape[-2:]
    top, left = (96 - height) // 2, (144 - width) // 2
    same = image[..., top : top + height, left : left + width]
    assert float((back - same)[..., 4:-4, 4:-4].abs().mean()) < 0.02


def test_gradients_of_angle_and_frame() -> None:
    image = smooth_photo(torch.Generator().manual_seed(0), 1, 24, 36).double()
    frames = torch.tensor([[3.0, 0.51, 0.48, 0.7, 0.6]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda f: cut(image, f, (9, 13)).square().mean(), (frames,), eps=1e-5, atol=1e-3, rtol=0.02
    )


def test_a_loss_finds_the_angle() -> None:
    image = torch.zeros(1, 3, 60, 90)
    image[..., 30:, :] = 1
    leaning = Framing(3.0).apply(image)
    angle = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.Adam([angle], lr=0.2)
    for _ in range(60):
        optimiser.zero_grad()
        frame = torch.cat([angle, torch.tensor([0.5, 0.5, 0.8, 0.8])])[None]
        cut(leaning, frame, (40, 60)).var(dim=3).mean().backward()  # a level picture has constant rows
        optimiser.step()
    assert angle.item() == pytest.approx(-3.0, abs=0.4)


def test_a_recipe_keeps_its_frame() -> None:
    recipe = Recipe((Step(Exposure(), (0.5,)),), 224, Framing(2.0, 0.4, 0.5, 0.8, 0.8))
    assert Recipe.from_json(recipe.to_json(), OPERATORS) == recipe
    assert recipe.to_json()["version"] == 3
    assert recipe.scaled(0.5).framing == recipe.framing
    assert "framing" not in Recipe(framing=Framing()).to_json()
    image = smooth_photo(torch.Generator().manual_seed(0), 1, 60, 90)
    assert torch.equal(recipe.apply(image), recipe.unframed().apply(recipe.framing.apply(image)))


def test_a_shape() -> None:
    square = Framing().shaped(1.0, 400, 600).on(400, 600)
    assert (square.width, square.height) == (400, 400)
    tall = Framing(10.0).shaped(0.5, 400, 600).on(400, 600)
    assert tall.width / tall.height == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"angle": 46}, "expected -45 to 45"),
        ({"width": 0.01}, "expected 0.05 to 1"),
        ({"x": float("nan")}, "expected a number"),
        ({"x": "1"}, "expected a number"),
        ({"left": 0.1}, "expected angle, x, y, width, height"),
        ([1], "expected angle"),
    ],
)
def test_a_malformed_frame_is_refused(value: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        read_framing(value)

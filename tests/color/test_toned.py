"""What counts as black and white: grey, sepia, duotone; not a photo in colour, however pale."""

import pytest
import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.toned import is_grey, is_toned
from retouch_aes.testing import smooth_photo


def photo(seed: int) -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(seed), 1, 120, 160)


def in_levels(image: Tensor) -> Tensor:
    return (image.clamp(0, 1) * 255).round() / 255


def toned(seed: int, shadows: tuple[float, ...], lights: tuple[float, ...]) -> Tensor:
    tone = luma(photo(seed))
    dark, light = (torch.tensor(colour).reshape(1, 3, 1, 1) for colour in (shadows, lights))
    return in_levels(tone + dark * (1 - tone) * tone + light * tone * (1 - tone))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("shadows", "lights"),
    [
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((0.2, 0.0, -0.3), (0.2, 0.0, -0.3)),
        ((-0.1, 0.0, 0.3), (0.3, 0.1, -0.2)),
    ],
    ids=["grey", "sepia", "duotone"],
)
def test_black_and_white_toned_or_not(seed: int, shadows: tuple, lights: tuple) -> None:
    assert bool(is_toned(toned(seed, shadows, lights)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("saturation", [1.0, 0.3])
def test_a_photo_in_colour_is_not(seed: int, saturation: float) -> None:
    image = photo(seed)
    assert not bool(is_toned(in_levels(torch.lerp(luma(image), image, saturation))))


def test_every_photo_is_judged_for_itself() -> None:
    both = torch.cat([photo(0), luma(photo(1)).expand(-1, 3, -1, -1)])
    assert is_toned(both).tolist() == is_grey(both).tolist() == [False, True]


def test_one_coloured_pixel_is_not_grey() -> None:
    image = luma(photo(0)).repeat(1, 3, 1, 1)
    image[0, 0, 3, 4] += 0.1
    assert not bool(is_grey(image))

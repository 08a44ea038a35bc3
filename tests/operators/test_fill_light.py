"""Fill light lifts a dark subject before a bright ground, and the reverse, without halos or grey blacks."""

import pytest
import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.operators import FillLight, Recipe, Step
from retouch_aes.operators.operator import Stats, Tile

FILL = FillLight()


def backlit(height: int = 400, width: int = 600) -> Tensor:
    """A dark, warm, grainy disc before a bright sky."""
    generator = torch.Generator().manual_seed(2)
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    inside = ((y - height / 2) ** 2 + (x - width / 2) ** 2) < (height * 0.3) ** 2
    dark, sky = torch.tensor([0.16, 0.12, 0.09]), torch.tensor([0.75, 0.82, 0.92])
    image = torch.where(inside, dark[:, None, None], sky[:, None, None])[None]
    return (image * (1 + 0.1 * torch.randn(1, 1, height, width, generator=generator))).clamp(0, 1)


def edited(image: Tensor, fill: float, recovery: float = 0.0) -> Tensor:
    return FILL.apply(image, torch.tensor([[fill, recovery]]), FILL.measure(proxy(image, 224)))


def rings(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean luma of rings 3 pixels wide around the disc's centre, from 0 to its radius and beyond it."""
    height, width = image.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    ring = (((y - height / 2) ** 2 + (x - width / 2) ** 2).sqrt() / 3).long()
    grey = luma(image)[0, 0]
    means = torch.stack([grey[ring == index].mean() for index in range(60)])
    return means[:39], means[42:]


def test_the_dark_subject_is_lifted_and_the_ground_stays() -> None:
    image = backlit()
    (inside, outside), (was_inside, was_outside) = rings(edited(image, 80)), rings(image)
    assert (inside / was_inside).mean() > 1.5
    assert (outside - was_outside).abs().max() < 0.02


def test_the_reverse_holds_a_bright_subject_back() -> None:
    image = 0.95 - backlit() * 0.9
    (inside, outside), (was_inside, was_outside) = rings(edited(image, 0, 80)), rings(image)
    assert (was_inside - inside).mean() > 0.03
    assert (outside - was_outside).abs().max() < 0.02


@pytest.mark.parametrize(("fill", "recovery"), [(100.0, 0.0), (60.0, 60.0)])
def test_there_is_no_halo(fill: float, recovery: float) -> None:
    """From the middle to the rim, and from the rim outwards, the change is the same."""
    image = backlit()
    for after, before in zip(rings(edited(image, fill, recovery)), rings(image), strict=True):
        ratio = after / before
        assert (ratio / ratio.mean() - 1).abs().max() < 0.06


def test_black_stays_black_white_white_and_hue_stays() -> None:
    image = backlit()
    image[..., 200:204, 300:304] = 0.0
    image[..., 190:194, 300:304] = 1.0
    after = edited(image, 100)
    assert after[..., 200:204, 300:304].max() < 1e-6
    assert (after[..., 190:194, 300:304] - 1).abs().max() < 1e-3
    assert after.max() <= 1.002
    before_ratio, ratio = (
        image[0, 0] / image[0].sum(0).clamp(min=1e-3),
        after[0, 0] / after[0].sum(0).clamp(1e-3),
    )
    assert (before_ratio - ratio).abs().max() < 1e-3


def test_an_even_photo_keeps_its_order_of_tones() -> None:
    ramp = torch.linspace(0, 1, 256).expand(1, 3, 64, 256)
    for values in ((100.0, 100.0), (-100.0, -100.0), (100.0, -100.0)):
        after = FILL.apply(ramp, torch.tensor([values]), FILL.measure(ramp))[0, 1, 32]
        assert (after.diff() >= -1e-4).all(), values


def test_tiles_of_a_large_photo_agree_with_the_whole() -> None:
    image, params = backlit(), torch.tensor([[70.0, 30.0]])
    stats = FILL.measure(proxy(image, 224))
    whole = FILL.apply(image, params, stats)
    part = FILL.apply(image[..., 120:250, 40:333], params, Stats(stats.values, Tile(120, 40, 400, 600)))
    assert (whole[..., 120:250, 40:333] - part).abs().max() < 1e-5


def test_it_can_be_masked_and_stored() -> None:
    recipe = Recipe((Step(FILL, (40.0, 0.0)),))
    assert recipe.to_json()["steps"][0]["params"] == {"fill": 40.0, "recovery": 0.0}

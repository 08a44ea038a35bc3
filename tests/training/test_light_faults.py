"""Faults of light, learned apart from technical ones: what they see, what they cost, what a head keeps."""

import pytest
import torch

from retouch_aes.models.pooled_trunk import COLOURS, colour_numbers, light_numbers
from retouch_aes.models.trunk_score import WorthHead, light_network
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.training.score.light_faults import LightFitting, fit_light, light_directions
from retouch_aes.training.score.sights import KINDS, Sights
from retouch_aes.training.score.trunk_head import with_light

PHOTOS, OTHERS = 150, 30
QUICK = LightFitting(schedule=Schedule("light", 200, 1e-2))


def lit(exposures):
    """Colour numbers of noise around middle grey, times two to the power of `exposures`."""
    rows = []
    for seed, exposure in enumerate(exposures):
        generator = torch.Generator().manual_seed(seed)
        rows.append((torch.rand(1, 3, 8, 8, generator=generator) * 0.6 + 0.2) * 2**exposure)
    return colour_numbers(torch.cat(rows).clamp(0, 1))


@pytest.fixture(scope="module")
def sights():
    """Photos, and the same one to three stops too dark or too bright."""
    generator = torch.Generator().manual_seed(1)
    side = torch.where(torch.rand(PHOTOS, generator=generator) < 0.5, -1, 1)
    stops = side * (1 + 2 * torch.rand(PHOTOS, generator=generator))
    what = torch.randn(PHOTOS, OTHERS, generator=generator).repeat(2, 1)
    colours = lit([0.0] * PHOTOS + stops.tolist())
    numbers = torch.arange(PHOTOS).repeat(2)
    kinds = [KINDS.index("view")] * PHOTOS + [KINDS.index("misexposure")] * PHOTOS
    return Sights(
        features=torch.cat([what, colours], dim=1),
        photo=numbers,
        kind=torch.tensor(kinds),
        amount=torch.cat([torch.zeros(PHOTOS), stops.abs() / 4]),
        base=numbers,
        below=numbers,
        distance=torch.cat([torch.zeros(PHOTOS), stops.abs() / 10]),
        opinion=torch.full((2 * PHOTOS,), torch.nan),
    )


def seen(sights):
    """Features that hold all pooled numbers, turned."""
    size = OTHERS + COLOURS
    turn = torch.linalg.qr(torch.randn(size, size, generator=torch.Generator().manual_seed(2)))[0]
    scale = sights.features[:PHOTOS].std(0) + 1e-3
    return (sights.features - sights.features[:PHOTOS].mean(0)) / scale @ turn


def test_light_numbers_are_those_of_light_and_not_of_colour():
    grey = torch.full((1, 3, 8, 8), 0.4)
    pooled = torch.cat([torch.zeros(1, 7), colour_numbers(grey)], dim=1)
    found = light_numbers(pooled)
    assert found.shape == (1, 14)
    torch.testing.assert_close(found[0, :3], torch.full((3,), 0.4))
    torch.testing.assert_close(found[0, 6:].sum(), torch.tensor(1.0))


def test_misexposed_photos_cost_what_they_should_and_photos_as_they_are_next_to_nothing(sights):
    features = seen(sights)
    chosen = sights.photo < 100
    network = fit_light(sights, features, chosen, QUICK)
    with torch.no_grad():
        cost = network(features)[:, 0]
    apart = ~chosen
    as_they_are, spoilt = apart & sights.of_kind("view"), apart & sights.of_kind("misexposure")
    assert (cost >= 0).all()
    assert cost[as_they_are].mean() < 0.2
    wanted = (10 * sights.distance[spoilt]).clamp(max=3)
    assert float((cost[spoilt] - wanted).abs().mean()) < 0.5


def test_it_cannot_see_what_is_photographed(sights):
    features = seen(sights)
    everything, views = torch.ones_like(sights.photo, dtype=torch.bool), sights.of_kind("view")
    matrix, middle = light_directions(sights, features, views, everything, 1e-3)
    numbers = light_numbers(sights.features)
    read = (features - middle) @ matrix
    for column in range(3):  # the means can be read, whatever is photographed
        assert torch.corrcoef(torch.stack([numbers[:, column], read[:, column]]))[0, 1] > 0.97
    network = fit_light(sights, features, everything, QUICK)
    directions = torch.linalg.matrix_rank(network[0].weight.double(), rtol=1e-4)
    assert directions <= matrix.shape[1]


def test_where_nothing_is_misexposed_nothing_is_found(sights):
    views = sights.of_kind("view")
    features = seen(sights)
    assert fit_light(sights, features, views, QUICK)(features).mean().item() < 0.2


def test_a_head_with_light_is_the_head_less_its_share_of_light():
    torch.manual_seed(0)
    head, light, features = WorthHead(8, 5, 3), light_network(8, 4), torch.randn(6, 8)
    whole = with_light(head, light, 0.25)
    with torch.no_grad():
        worth, faults = head.amounts(features)
        torch.testing.assert_close(whole.amounts(features)[0], worth)
        torch.testing.assert_close(whole.amounts(features)[1], faults + 0.25 * light(features)[:, 0])
    assert whole.config == {"hidden": 5, "experts": 3, "light": 4}
    assert head.config == {"hidden": 5, "experts": 3}
    assert not any("light" in name for name in head.state_dict())  # files of before: the same names

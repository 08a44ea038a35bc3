"""What would have to be different: the answer crosses, barely, and names no more than it needs."""

import pytest
import torch

from retouch_aes.editing.counterfactual import nearest_recipe
from retouch_aes.models import AestheticModel
from retouch_aes.operators import OPERATORS, Recipe, Step


class LightOnly(AestheticModel):
    """Likes light, and nothing else."""

    preprocessing = "none"

    def distribution(self, image: torch.Tensor) -> torch.Tensor:
        bright = image.mean(dim=(1, 2, 3))[:, None].clamp(0.01, 0.99)
        return torch.cat([1 - bright, torch.zeros(len(image), 8), bright], dim=1)


@pytest.fixture
def small():
    generator = torch.Generator().manual_seed(1)
    return 0.2 + 0.3 * torch.rand(1, 3, 48, 72, generator=generator)


def brighter(ev):
    return Recipe((Step(OPERATORS["exposure"], (ev,)),), 224)


def test_the_nearest_edit_crosses_and_half_of_it_does_not(small):
    model, present = LightOnly().eval(), brighter(0.2)
    names = ("exposure", "saturation")
    now = float(model(present.apply(small)))
    found = nearest_recipe(small, model, present, now + 0.8, operators=names)
    assert found.crosses
    assert found.score == pytest.approx(now, abs=1e-4)
    assert float(model(found.recipe.apply(small))) == pytest.approx(found.reached, abs=1e-3)
    assert found.reached < now + 0.8 + 0.15  # no further than it must
    assert found.changes[0][0] == "exposure.ev"  # saturation says next to nothing about light
    _, before, after, unit = found.changes[0]
    assert (before, unit) == (pytest.approx(0.2), "EV")
    half = brighter((before + after) / 2)
    assert float(model(half.apply(small))) < now + 0.8
    assert after - before < 2
    assert f"exposure.ev {after:+.3g} EV (now +0.2)" in found.text


def test_what_is_liked_already_stays_and_what_cannot_be_reached_is_said(small):
    model, present = LightOnly().eval(), brighter(0.2)
    found = nearest_recipe(small, model, present, 2.0)
    assert (found.recipe, found.changes, found.crosses) == (present, (), True)
    assert found.text.startswith("it is liked as it is")
    never = nearest_recipe(small, model, present, 9.99, operators=("saturation",))
    assert not never.crosses
    assert never.reached >= never.score
    assert never.text.startswith("no edit of light and colour brings it to 9.99")

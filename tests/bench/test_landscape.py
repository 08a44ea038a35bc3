import json
from dataclasses import dataclass

import pytest
from torch import Tensor

from retouch_aes.bench.common.photos import load
from retouch_aes.bench.scoring.landscape import is_unimodal, landscape, position, values_of
from retouch_aes.errors import UsageError
from retouch_aes.operators.operator import Operator, Param, Stats

GAIN = Param("gain", -2.0, 1.0, 0.0, "EV", "how much lighter")
FADE = Param("fade", 0.0, 100.0, 0.0, "%", "how much is faded away")


@dataclass(frozen=True)
class Light(Operator):
    name: str = "light"
    version: int = 1
    params: tuple[Param, ...] = (GAIN, FADE)
    doc: str = "a gain"

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:  # noqa: ARG002
        return image * 2 ** params[0, 0]


def edit(image, operator, name, value):
    return image * 2**value if name == "gain" else image * (1 - value / 200)


def test_rungs_hold_low_neutral_and_high():
    values = values_of(GAIN, 13)
    assert len(values) == 13
    assert values == sorted(values)
    assert (values[0], values[8], values[-1]) == (-2, 0, 1)
    assert [position(GAIN, value) for value in (-2, -1, 0, 0.5, 1)] == [-1, -0.5, 0, 0.5, 1]


@pytest.mark.parametrize("neutral", [0.0, 0.001, 0.5, 0.999, 1.0])
def test_neutral_is_a_rung_wherever_it_lies(neutral):
    values = values_of(Param("x", 0.0, 1.0, neutral, "", ""), 5)
    assert len(values) == len(set(values)) == 5
    assert neutral in values
    assert (values[0], values[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([1, 2, 3, 2, 1], True),
        ([3, 2, 1], True),
        ([1, 1, 1], True),
        ([2, 1, 3, 2, 1], False),
        ([1, 3, 2, 2.01, 1], True),
        ([1, 3, 2, 2.03, 1], False),
        ([3, 2, 2.015, 2.03, 1], False),
    ],
)
def test_unimodal_within_a_tolerance_that_does_not_add_up(scores, expected):
    assert is_unimodal(scores, 0.02) is expected


def test_the_optimum_is_found(photos):
    target = edit(load(photos[0], 48), "light", "gain", -1.0).mean()

    def score(images):
        return 5 - (images.mean(dim=(1, 2, 3)) - target).abs() * 10

    report = landscape(photos[:1], [Light()], score, edit, rungs=7, side=48)
    gain, fade = report.ladders
    assert gain.unimodal
    assert gain.interior
    assert gain.optimum == -0.5
    assert (fade.optimum, fade.interior) == (1, False)
    assert report.summary().ladders == 2
    assert report.summary("light.gain").unimodal == 1


def test_an_optimum_at_a_neutral_end_is_interior(photos):
    report = landscape(photos, [Light()], lambda images: images.mean(dim=(1, 2, 3)), edit, rungs=5, side=48)
    found = report.summary("light.fade")
    assert (found.optimum, found.interior, found.ladders) == (0, 1, 2)


def test_a_flat_ladder_leaves_the_photo_alone_and_says_so(photos, in_terminal):
    report = landscape(
        photos, [Light()], lambda images: images.mean(dim=(1, 2, 3)) * 0, edit, rungs=5, side=48
    )
    found = report.summary()
    assert (found.unimodal, found.optimum, found.span) == (1, 0, 0)
    values = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert values["by_slider"]["light.gain"]["unimodal"] == 1
    assert len(values["ladders"][0]["scores"]) == 5
    assert "| light.gain | 2 | 100 % |" in report.to_markdown()
    assert "light.fade" in in_terminal(report.table())


def test_too_few_rungs_are_refused(photos):
    with pytest.raises(UsageError, match="2 rungs"):
        landscape(photos, [Light()], lambda images: images, edit, rungs=2)

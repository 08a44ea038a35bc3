import json

import pytest
import torch
from PIL import Image

from retouch_aes.bench.common.baselines import BASELINES, identity
from retouch_aes.bench.common.degradations import KINDS, draw
from retouch_aes.bench.common.photos import load
from retouch_aes.bench.editing.recovery import recovery
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.errors import RetouchError, UsageError


@pytest.fixture(scope="module")
def report(photos):
    return recovery(photos, BASELINES, side=48)


def test_every_photo_kind_and_method_is_listed(report, photos):
    assert len(report.cases) == 2 * 2 * len(KINDS)
    assert [case.degradation for case in report.cases] == draw("one.png") + draw("two.png")
    assert all(set(case.after) == set(BASELINES) for case in report.cases)
    assert [untouched.photo for untouched in report.untouched] == ["one.png", "two.png"]


def test_a_naive_loop_gives_the_same_numbers(report, photos):
    before, after = 0.0, 0.0
    for path in photos:
        photo = load(path, 48)
        for degradation in draw(path.name):
            degraded = degradation.apply(photo)
            before += delta_e_2000(degraded, photo).mean().item()
            after += delta_e_2000(BASELINES["equalize"](degraded), photo).mean().item()
    assert report.summary("equalize").ratio.value == pytest.approx(after / before, rel=1e-5)


def test_the_identity_neither_helps_nor_harms(report):
    found = report.summary("identity")
    assert (found.ratio.value, found.ratio.low, found.ratio.high, found.improved) == (1, 1, 1, 0)
    assert report.moved("identity") == 0


def test_a_perfect_repair_scores_zero(photos):
    truth = load(photos[0], 48)
    report = recovery(photos[:1], {"oracle": lambda _: truth, "identity": identity}, side=48)
    found = report.summary("oracle")
    assert (found.after, found.ratio.value, found.improved) == (0, 0, 1)
    assert report.summary("oracle", "haze").cases == 2


def test_the_same_seed_repeats_and_another_photo_changes_nothing(report, photos):
    assert recovery(photos, BASELINES, side=48).to_json() == report.to_json()
    alone = recovery(photos[1:], BASELINES, side=48)
    assert alone.cases == tuple(case for case in report.cases if case.photo == "two.png")


def test_json_and_tables(report, in_terminal):
    values = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert values["summary"]["grey-world"]["overall"]["cases"] == 24
    assert values["cases"][0]["degradation"]["kind"] == "exposure"
    assert values["cases"][0]["after"].keys() == BASELINES.keys()
    lines = report.to_markdown().splitlines()
    assert any(line.startswith("| all | ") for line in lines)
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    assert "grey-world" in in_terminal(report.table())


def test_progress_and_gallery(photos, tmp_path):
    seen = []
    recovery(
        photos, {"identity": identity}, side=32, per_kind=1, gallery_dir=tmp_path / "g",
        progress=lambda _, done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(1, 2), (2, 2)]
    sheets = sorted((tmp_path / "g").iterdir())
    assert [sheet.name for sheet in sheets] == ["01_one.jpg", "02_two.jpg"]
    with Image.open(sheets[0]) as sheet:
        assert sheet.height > 7 * 176


def test_a_method_may_need_gradients(photos):
    def by_gradient(image):
        gain = torch.ones(1, requires_grad=True)
        (image * gain).mean().backward()
        return image * gain

    assert recovery(photos[:1], {"ours": by_gradient}, side=32).moved("ours") == 0


def test_a_broken_method_is_named(photos):
    for broken in (lambda image: image * float("nan"), lambda image: image[:, :, 1:]):
        with pytest.raises(RetouchError, match="method 'ours': expected a finite"):
            recovery(photos, {"ours": broken}, side=32)
    with pytest.raises(UsageError, match="expected photos and methods"):
        recovery([], BASELINES)

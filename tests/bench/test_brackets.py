import json

import pytest
import torch

from retouch_aes.bench.common.baselines import identity
from retouch_aes.bench.common.degradations import Degradation
from retouch_aes.bench.editing.brackets import brackets, middle_of, pairs_of, read_frames
from retouch_aes.errors import DatasetError
from retouch_aes.export.picture import to_picture

STOPS = (-3, -1.5, 0, 1.5)


def mid_grey(image):
    """A score that likes a mean luma of 118."""
    return 10 - 10 * (image.mean(dim=(1, 2, 3)) - 118 / 255).abs()


@pytest.fixture(scope="module")
def folder(photo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("brackets")
    rows = ["scene,frame,mean_luma"]
    for scene in ("a", "b"):
        for index, stop in enumerate(STOPS):
            picture = to_picture(Degradation("exposure", exposure=stop).apply(photo))
            picture.save(folder / f"{scene}_{index}.png")
            mean = sum(value * count for value, count in enumerate(picture.convert("L").histogram()))
            rows.append(f"{scene},{scene}_{index}.png,{mean / (picture.width * picture.height):.1f}")
    (folder / "frames.csv").write_text("\n".join(rows[:1] + rows[:0:-1]) + "\n")
    return folder


def test_frames_are_sorted_and_the_middle_is_found(folder):
    scenes = read_frames(folder)
    assert set(scenes) == {"a", "b"}
    lumas = [frame.mean_luma for frame in scenes["a"]]
    assert lumas == sorted(lumas)
    assert middle_of(scenes["a"]) == 2


def test_pairs_lie_on_one_side_of_the_middle():
    assert list(pairs_of(2, 4)) == [(2, 1), (2, 0), (1, 0), (2, 3)]
    assert list(pairs_of(0, 2)) == [(0, 1)]


def test_a_score_that_knows_mid_grey_is_right_and_its_opposite_wrong(folder):
    report = brackets(folder, mid_grey, {}, side=48)
    assert len(report.pairs) == 8
    assert report.preferred().value == 1
    assert report.preferred(extremes_only=False).value == 1
    assert sum(pair.with_extreme for pair in report.pairs) == 4
    assert brackets(folder, lambda image: -mid_grey(image), {}, side=48).preferred().value == 0


def test_a_tie_is_not_right(folder):
    assert brackets(folder, lambda image: torch.zeros(len(image)), {}, side=48).preferred().value == 0


def test_repairs_are_measured_against_the_middle(folder, photo, in_terminal):
    report = brackets(folder, mid_grey, {"identity": identity, "oracle": lambda _: photo}, side=60)
    assert report.ratio("identity").value == 1
    assert report.ratio("oracle").value == 0
    assert [repair.end for repair in report.repairs] == ["dark", "bright"] * 2
    assert report.before("dark") > report.before("bright") > 0
    values = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert values["repair_ratio"]["oracle"]["dark"]["value"] == 0
    assert len(values["pairs"]) == 8
    assert "retouched extremes" in report.to_markdown()
    assert "oracle" in in_terminal(report.table())


def test_every_problem_of_a_folder_is_listed(tmp_path):
    with pytest.raises(DatasetError, match="there is none"):
        read_frames(tmp_path)
    (tmp_path / "frames.csv").write_text("scene,frame,mean_luma\na,gone.jpg,12\na,b.jpg,dark\n")
    with pytest.raises(DatasetError, match=r"line 2: no photo gone\.jpg; line 3: expected scene"):
        read_frames(tmp_path)

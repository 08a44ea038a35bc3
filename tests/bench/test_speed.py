"""What a program takes, and the ratios: never how fast it must be."""

import sys

import pytest
import torch
from click.testing import CliRunner

from retouch_aes.bench.common.machine import machine
from retouch_aes.bench.common.processes import ProcessCost, process_cost
from retouch_aes.bench.system import together
from retouch_aes.bench.system.import_times import OTHERS, import_times, parse
from retouch_aes.bench.system.rivals import rivals
from retouch_aes.bench.system.speed import speed
from retouch_aes.bench.system.speed_report import BatchCost, PhotoSizeCost, SpeedReport
from retouch_aes.cli import main
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.photo import Photo
from retouch_aes.testing import smooth_photo

STARTS = ProcessCost(0.1, 0.1, 10), ProcessCost(2.0, 2.0, 370_000_000)
SIZE = PhotoSizeCost(
    2000,
    1000,
    pillow=ProcessCost(0.6, 0.6, 50),
    ours=ProcessCost(4.0, 5.0, 400_000_000),
    fast=ProcessCost(3.0, 3.0, 400_000_000),
    rivals={"autocontrast": ProcessCost(0.7, 0.7, 50), "darktable": None},
    stages={"read": 0.2, "search": 1.0, "write": 0.3},
)


def test_time_and_memory_are_those_of_the_program() -> None:
    light = process_cost([sys.executable, "-c", "pass"])
    heavy = process_cost([sys.executable, "-c", "import time; x = bytearray(300_000_000); time.sleep(0.3)"])
    assert heavy.memory - light.memory > 250_000_000
    assert heavy.wall >= 0.3
    assert light.cpu > 0


def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(RetouchError, match="failed with 3: too late"):
        process_cost([sys.executable, "-c", "import sys; print('too late', file=sys.stderr); sys.exit(3)"])


def test_ratios_leave_the_start_out() -> None:
    batch = BatchCost(
        "search", 2, 10, ProcessCost(30.0, 50.0, 1), 2, ProcessCost(14.0, 20.0, 1), ProcessCost(0.9, 0.9, 50)
    )
    report = SpeedReport(*STARTS, (SIZE,), (batch,), 3)
    assert report.ratio(SIZE, SIZE.ours) == pytest.approx(4)
    assert report.times_photo(SIZE, SIZE.ours) == pytest.approx(5)
    assert report.steady(SIZE, search=True) == pytest.approx(3)
    assert report.steady(SIZE, search=False) == pytest.approx(1)
    assert batch.per_minute == pytest.approx(20)
    assert batch.each_further == pytest.approx(2)
    assert report.batch_ratio(batch) == pytest.approx(2.5)
    assert report.to_json()["batches"][0]["ratio"] == pytest.approx(2.5)
    assert report.to_json()["sizes"][0]["megapixels"] == 2
    assert "2.0 MP" in report.to_markdown()
    assert "photos a minute" in report.to_markdown()
    assert "not installed" in report.to_markdown()
    assert "no GPU" in report.to_markdown()


def test_growth_is_by_the_fewest_workers_of_an_engine_and_what_ray_uses_is_not_counted() -> None:
    first, pillow_s = ProcessCost(5.0, 5.0, 1), ProcessCost(0.9, 0.9, 50)
    walls = {("local", 1): 25.0, ("local", 2): 15.0, ("ray", 1): 45.0, ("ray", 4): 15.0}
    batches = tuple(
        BatchCost("search", crew, 12, ProcessCost(wall, 35.0, 1), 2, first, pillow_s, engine)
        for (engine, crew), wall in walls.items()
    )
    report = SpeedReport(*STARTS, (SIZE,), batches, 3)
    assert [report.growth(one) for one in batches] == [1, 2, 1, 4]
    assert [one.processor_each for one in batches] == [3, 3, None, None]
    text = report.to_markdown()
    assert "| search, 2 workers | 48.0 | 15.0 | 1.00 | 3.00 | 2.00 |" in text
    assert "| search, 4 workers, Ray | 48.0 | 15.0 | 1.00 | not counted | 4.00 |" in text
    assert "batch, search, 4 workers, Ray" in report.to_json()["ratios"]


def test_searches_together_are_counted_and_held_to_those_alone(monkeypatch) -> None:
    monkeypatch.setattr(together, "PHOTOS", 3)
    photo = Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 48, 64))
    costs = list(
        together.together_costs(photo, torch.device("cpu"), "aesthetic-compact", "edit-prior", repeats=1)
    )
    assert [(one.at_once, one.bits, one.device) for one in costs] == [(1, 32, "cpu"), (3, 32, "cpu")]
    assert costs[0].apart == 0
    assert costs[1].apart < 0.05
    assert costs[0].per_second == pytest.approx(3 / costs[0].wall)
    report = SpeedReport(*STARTS, (SIZE,), (), 3, together=tuple(costs))
    assert "| cpu, 3 at once, 32 bit |" in report.to_markdown()
    assert report.to_json()["together"][1]["at_once"] == 3


@pytest.mark.parametrize("workers", ["0", "1,two", "", "2000"])
def test_workers_that_make_no_sense(workers, tmp_path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    told = CliRunner().invoke(main, ["bench", "speed", str(tmp_path / "photo.jpg"), "--workers", workers])
    assert told.exit_code == 2
    assert "whole numbers from 1 to 1024" in told.output


def test_ratios_are_held_to_those_of_an_earlier_run() -> None:
    before = {"ratios": {"2.0 MP": 2.0, "9.0 MP": 3.0}, "made_by": {"commit": "0123456789ab"}}
    text = SpeedReport(*STARTS, (SIZE,), (), 3, earlier=before).to_markdown()
    assert "Ratios to Pillow since 0123456789ab" in text
    assert "| 2.0 MP | 2.00 | 4.00 | 2.00 |" in text
    assert "9.0 MP" not in text  # not measured now


def test_a_report_says_where_it_was_made() -> None:
    found = machine()
    assert int(found["cores"]) >= 1
    assert found["python"].startswith("3.")
    assert found["processor"]


def test_what_is_not_installed_is_no_rival(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = rivals(tmp_path / "a.jpg", tmp_path)
    assert found["RawTherapee"] is None
    assert found["darktable"] is None
    assert found["autocontrast"] is not None


def test_sizes_that_make_no_sense(tmp_path) -> None:
    with pytest.raises(UsageError, match="above 0"):
        speed(tmp_path / "photo.jpg", [0.0])
    with pytest.raises(UsageError, match="4 photos or more"):
        speed(tmp_path / "photo.jpg", [1.0], batch=3)
    with pytest.raises(UsageError, match="8 photos or more"):
        speed(tmp_path / "photo.jpg", [1.0], batch=7, workers=(1, 4))


def test_imports_are_counted_by_package() -> None:
    text = """import time: self [us] | cumulative | imported package
import time:       100 |        100 |   numpy.core
import time:       900 |       1000 | numpy
warning: something else
import time:      5000 |       6000 |     torch._C
import time:        50 |         50 | torchish
"""
    found = parse(text)
    assert list(found)[:2] == ["torch", "numpy"]
    assert found["numpy"] == pytest.approx(1e-3)
    assert found[OTHERS] == pytest.approx(5e-5)
    assert import_times(["-c", "import PIL"], 2)["PIL"] > 0
    with pytest.raises(RetouchError, match="failed with 1: ModuleNotFoundError"):
        import_times(["-c", "import no_such_module"], 1)

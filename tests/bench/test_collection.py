"""`bench collection`, and that nothing around the photos' own work grows with the square of their number."""

import gc
import sys

import pytest

from retouch_aes.bench.common import stages as running
from retouch_aes.bench.common.processes import ProcessCost
from retouch_aes.bench.common.stages import tell
from retouch_aes.bench.system.collection import collection, fill
from retouch_aes.cli import batch_jobs, executing
from retouch_aes.cli.bench.collection_stages import MODULE, STAGES
from retouch_aes.errors import UsageError

SIZES = (60, 120, 240)


@pytest.fixture
def stages(monkeypatch, tmp_path):
    """All stages on folders of `SIZES` photos: by name, how often Python called a function."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(batch_jobs, "executor", batch_jobs.executor)  # what stages change is put back
    monkeypatch.setattr(executing, "executor", executing.executor)
    counts = {name: [] for name in STAGES}
    for size in (10, *SIZES):  # the first one imports
        fill(tmp_path / f"{size}" / "in", size)
        for name, stage in STAGES.items():
            counts[name].append(_calls(stage, tmp_path / f"{size}"))
    return counts


def _calls(stage, folder):
    found = 0

    def seen(frame, event, argument):
        nonlocal found
        found += event in ("call", "c_call")

    gc.collect()
    sys.setprofile(seen)
    try:
        stage(folder)
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_work_grows_with_the_number_of_photos_and_no_faster(stages, capsys):
    for name, (_, small, middle, large) in stages.items():
        assert small < middle < large, name
        assert large - middle < 2.3 * (middle - small), f"{name}: {small}, {middle}, {large} calls"


def test_a_stage_is_measured_beyond_its_start(tmp_path, monkeypatch):
    def cost(program):
        assert program[1:3] == ["-m", MODULE]
        photos = len(list((tmp_path / program[-1] / "in").rglob("*.jpg")))
        assert photos == int(program[4])
        tell(tmp_path / program[-1], first=0.5 + (photos - 10) / 100)
        return ProcessCost(1.0 + photos / 100, 1.0 + (photos - 10) / 1000, 50_000_000 + 2000 * (photos - 10))

    monkeypatch.setattr(running, "process_cost", cost)
    report = collection([110, 1010], ["plan a batch"], MODULE, folder=tmp_path)
    assert [row.photos for row in report.rows] == [110, 1010]
    assert report.rows[1].microseconds == pytest.approx(1e6 * 1.0 / 1010)
    assert report.rows[1].kilobytes == pytest.approx(2 * 1000 / 1010)
    assert report.rows[1].first == pytest.approx(10)
    assert report.growth("plan a batch") == pytest.approx((1 / 1010) / (0.1 / 110))
    assert "1,010" in report.to_markdown()
    assert report.to_json()["growth"].keys() == {"plan a batch"}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("counts", [[], [5], [100, 50], [100, 100]])
def test_numbers_that_do_not_ascend_are_refused(counts):
    with pytest.raises(UsageError, match="ascending"):
        collection(counts, ["plan a batch"], MODULE)

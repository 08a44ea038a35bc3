"""`bench scale`: stages run, and the growth that is told is that of their own time."""

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from retouch_aes.bench.common import stages as running
from retouch_aes.bench.common.processes import ProcessCost
from retouch_aes.bench.common.stages import tell
from retouch_aes.bench.system.scale import MOST_BYTES, scale
from retouch_aes.bench.system.scale_stages import SECONDS, STAGES, START, measure
from retouch_aes.cli import main
from retouch_aes.errors import UsageError


@pytest.fixture
def costs(monkeypatch):
    """Made costs: `svr` grows linearly, `gp` by the square, `maps` takes too much memory."""

    def cost(program):
        stage, rows, folder = program[3], int(program[4]), Path(program[5])
        seconds = rows**2 / 1e6 if stage == "gp" else rows / 1e3
        tell(folder, **{SECONDS: seconds})
        if stage == START:
            return ProcessCost(9.0, 2.0, 500_000_000)
        memory = int(2 * MOST_BYTES) if stage == "maps" else 600_000_000
        return ProcessCost(99.0, 7.0 + seconds, memory)  # imports of its own, which count for nothing

    monkeypatch.setattr(running, "process_cost", cost)


def test_growth_and_memory_decide(costs, tmp_path):
    report = scale((1000, 10_000, 100_000), ("svr", "gp", "maps"), folder=tmp_path)
    assert [round(row.growth(report.sizes), 3) for row in report.rows] == [1, 2, 1]
    assert [report.holds(row) for row in report.rows] == [True, False, False]
    assert report.rows[0].seconds == pytest.approx((1, 10, 100))
    assert report.to_json()["rows"][1]["growth"] == pytest.approx(2)
    assert report.start == (2.0, 500_000_000)
    assert "100,000 rows" in report.to_markdown()
    alone = scale((1000,), ("svr",), folder=tmp_path)
    assert alone.to_json()["rows"][0]["growth"] is None
    assert alone.holds(alone.rows[0])
    for sizes, stages in (((50,), ("svr",)), ((2000, 1000), ("svr",)), ((1000,), ("sort",))):
        with pytest.raises(UsageError, match="expected"):
            scale(sizes, stages)


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_runs(stage, tmp_path, monkeypatch):
    monkeypatch.setattr("retouch_aes.bench.system.scale_stages.STEPS", 2)
    monkeypatch.setattr("retouch_aes.papers.common.rbf_machine.LARGE", 100)
    monkeypatch.setattr("retouch_aes.papers.common.rbf_machine.INDUCING", 20)
    STAGES[stage](120, tmp_path)


def test_the_libraries_count_for_nothing(tmp_path, monkeypatch):
    turns = []

    def slow_at_first(rows, folder):
        turns.append((rows, folder.is_dir()))
        until = time.process_time() + (0.3 if len(turns) == 1 else 0.0)
        while time.process_time() < until:
            pass

    monkeypatch.setitem(STAGES, "slow", slow_at_first)
    measure("slow", 5000, tmp_path)
    assert turns == [(100, True), (5000, True)]
    assert json.loads((tmp_path / "told.json").read_text())[SECONDS] < 0.2


def test_from_the_command_line(costs, tmp_path, monkeypatch):
    monkeypatch.setenv("RETOUCH_AES_CACHE", str(tmp_path / "cache"))
    target = tmp_path / "scale.json"
    given = ["bench", "scale", "--rows", "1000,2000", "--stages", "svr,gp", "--json", str(target)]
    assert CliRunner().invoke(main, given).exit_code == 0
    assert [row["holds"] for row in json.loads(target.read_text())["rows"]] == [True, False]
    for wrong in (["--rows", "many"], ["--stages", "sort"], ["--rows", "1"]):
        assert CliRunner().invoke(main, ["bench", "scale", *wrong]).exit_code == 2

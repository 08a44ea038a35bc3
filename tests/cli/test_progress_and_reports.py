"""The bar that follows a `Progress`, and what every benchmark's command shares."""

import io
import json
import sys
from dataclasses import dataclass
from typing import ClassVar

import click
import pytest
from click.testing import CliRunner

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable
from retouch_aes.cli import show
from retouch_aes.cli.bench import common
from retouch_aes.cli.spoken_progress import SpokenProgress
from retouch_aes.errors import RetouchError


class Terminal(io.StringIO):
    def isatty(self):
        return True


@dataclass(frozen=True)
class Answer(Report):
    value: float
    name: ClassVar[str] = "answer"

    def tables(self):
        return [ReportTable("The answer", ["", "value"], [["all", str(self.value)]])]


def test_a_bar_names_the_stage_and_a_single_step_shows_none(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with show.bar() as progress:
        progress("opening", 1, 1)
        progress("learning", 1, 3)
        progress("learning", 3, 3)
    assert "learning" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    assert "opening" not in terminal.getvalue()


def test_without_a_terminal_there_is_no_bar(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with show.bar() as progress:
        progress("learning", 1, 3)
    assert stream.getvalue() == ""


def test_a_long_run_without_a_terminal_says_a_line_now_and_then():
    said, now = [], [0.0]
    spoken = SpokenProgress(said.append, lambda: now[0])
    for done in range(1, 5001):
        if done > 1000:  # the first thousand were done in another run
            now[0] += 0.1
        spoken("scoring", done, 5000)
    assert len(said) == pytest.approx(13, abs=1)
    assert said[1].startswith("scoring: 1,")
    assert said[1].endswith("a minute, 6 min left")
    assert "600.0 a minute" in said[1]


def test_a_stage_begins_anew_and_a_short_one_is_silent():
    said, now = [], [0.0]
    spoken = SpokenProgress(said.append, lambda: now[0])
    spoken("features", 1, 4)
    now[0] = 29
    spoken("features", 4, 4)
    now[0] = 58
    spoken("learning", 1, 1000)
    now[0] = 88
    spoken("learning", 2, 1000)
    assert said == ["learning: 2 of 1,000, 4.0 a minute, 4.2 h left"]


def test_a_stage_that_comes_again_counts_anew():
    said, now = [], [0.0]
    spoken = SpokenProgress(said.append, lambda: now[0])
    for done in (1, 2, 3, 4, 1, 2, 3):
        now[0] += 20
        spoken("person", done, 5)
    assert said == ["person: 3 of 5, 4.5 a minute, 1 min left"] * 2


def test_a_report_is_refused_before_the_work_and_published_after_it(tmp_path):
    worked = []

    @click.command()
    @click.option("--value", type=float)
    @common.reported
    def command(value: float) -> common.Measured:
        worked.append(value)
        return common.Measured(Answer(value), {"model": "m"}, 1)

    target = tmp_path / "a.json"
    run = CliRunner().invoke(command, ["--value", "2", "--json", str(target)], standalone_mode=False)
    assert run.return_value == 1
    assert "The answer" in run.stdout
    found = json.loads(target.read_text(encoding="utf-8"))
    assert (found["bench"], found["value"], found["made_by"]["model"]) == ("answer", 2.0, "m")
    assert found["made_by"]["version"]
    with pytest.raises(RetouchError, match="exists"):
        CliRunner().invoke(
            command, ["--value", "3", "--json", str(target)], standalone_mode=False, catch_exceptions=False
        )
    assert worked == [2.0]


def test_the_options_of_a_report_stand_where_the_decorator_stands():
    @click.command()
    @click.option("--first")
    @common.reported
    @click.option("--last")
    def command(first: str, last: str, overwrite: bool) -> common.Measured:
        return common.Measured(Answer(float(overwrite)))

    names = [option.name for option in command.params]
    assert names == ["first", "json", "markdown", "overwrite", "last"]
    run = CliRunner().invoke(command, ["--overwrite", "--json", "-"])
    assert json.loads(run.stdout)["value"] == 1.0

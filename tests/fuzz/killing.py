"""kill -9 at random moments over everything that writes, and what must be true of the disk after each.

The library is loaded once; each victim is a fork of this process, so that a kill costs what the work costs.
Half of the victims die with their workers, half alone. `python killing.py FOLDER SEED KILLS` prints a table.
"""

import contextlib
import ctypes
import json
import os
import signal
import statistics
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import torch
from kill_pages import Ranking, Reviewing
from kill_world import Scenario, World

from retouch_aes import atomic_io
from retouch_aes.atomic_io import TEMPORARY

TIDIES = ("retouch", "learn", "train prior", "taste")
"""Scenarios whose next run removes what a kill has left."""


@dataclass
class Result:
    """How many kills of each scenario, how many of those came before the end, seconds, and what was lost."""

    kills: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Markdown."""
        lines = ["| killed | times | of them at work | lost |", "| --- | --- | --- | --- |"]
        rows = [(name, count, self.early[name]) for name, count in self.kills.items()]
        rows.append(("all", self.kills.total(), self.early.total()))
        lost = Counter(text.partition(":")[0] for text in self.lost)
        lost["all"] = len(self.lost)
        return "\n".join([*lines, *(f"| {a} | {b} | {c} | {lost[a]} |" for a, b, c in rows)])


def in_fork(work: Callable[[], None]) -> None:
    """Do it in a process of its own; `AssertionError` with what it says where it fails."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            os.write(writing, traceback.format_exc()[-3000:].encode())
        os._exit(code)
    os.close(writing)
    told = b""
    while part := os.read(reading, 65536):
        told += part
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert status == 0, told.decode("utf-8", "replace")


def kill(scenario: Scenario, after: float | None, *, workers_too: bool = True) -> tuple[bool, float, bytes]:
    """Start it and kill it after so many seconds (None: let it end).

    Returns whether it was killed at work, how long it ran, and what it has told.
    """
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            atomic_io._swept.clear()  # a new program has tidied no folder yet
            scenario.start(writing)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with contextlib.suppress(OSError):  # whoever of the two is first
        os.setpgid(child, child)
    victim = Victim(child, began, after, workers_too)
    told = b"" if scenario.asks is None or after is None else scenario.asks(reading, victim.over)
    while not victim.over():
        time.sleep(0.002)
    took = time.monotonic() - began
    victim.wait_for_workers()
    if scenario.asks is None:
        while part := os.read(reading, 65536):
            told += part
    os.close(reading)
    return victim.killed, took, told


@dataclass
class Victim:
    """A process that is killed `after` so many seconds, unless it ends before."""

    process: int
    began: float
    after: float | None
    workers_too: bool
    ended: bool = False
    killed: bool = False

    def over(self) -> bool:
        """Kill it when its time has come; whether it is dead."""
        if not self.ended and os.waitpid(self.process, os.WNOHANG)[0]:
            self.ended = True
        elif not self.ended and self.after is not None and time.monotonic() - self.began > self.after:
            (os.killpg if self.workers_too else os.kill)(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.ended = self.killed = True
        return self.ended

    def wait_for_workers(self) -> None:
        """Until nobody of its group is left: workers end with it by themselves."""
        until = time.monotonic() + 20
        with contextlib.suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < until:
                with contextlib.suppress(ChildProcessError):
                    while os.waitpid(-self.process, os.WNOHANG)[0]:
                        pass
                os.killpg(self.process, 0)
                time.sleep(0.01)
            os.killpg(self.process, signal.SIGKILL)
            raise AssertionError("a worker outlives its parent by 20 seconds")


def adopt_orphans() -> None:
    """Workers whose parent was killed become children of this process, which learns that they have ended."""
    with contextlib.suppress(OSError, AttributeError):  # Linux; elsewhere the system's first process does it
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def run(folder: Path, seed: int, kills: int) -> Result:
    """All of it."""
    random, world, found = Random(seed), World(folder), Result()
    scenarios = world.scenarios()
    usual = {one.name: one.lasts for one in scenarios}
    for scenario in scenarios:
        if scenario.lasts is None:
            usual[scenario.name] = statistics.median(kill(scenario, None)[1] for _ in range(2))
            scenario.check(b"")
    scenarios += [Ranking(world).scenario(), Reviewing(world, in_fork, random).scenario()]
    turns = [scenario for scenario in scenarios for _ in range(scenario.weight)]
    for number in range(kills):
        scenario = turns[number % len(turns)]
        began = time.monotonic()
        after = random.uniform(0, scenario.lasts or 1.1 * (usual[scenario.name] or 0))
        try:
            early, _, told = kill(scenario, after, workers_too=random.random() < 0.5)
            found.kills[scenario.name] += 1
            found.early[scenario.name] += early
            scenario.check(told)
        except Exception:
            found.lost.append(f"{scenario.name}: {traceback.format_exc()[-1500:]}")
        found.seconds[scenario.name] += time.monotonic() - began
        state = [found.kills, found.early, found.seconds, found.lost]
        (folder / "counts.json").write_text(json.dumps(state, indent=1))
    for scenario in scenarios:  # the next run tidies up
        if scenario.name in TIDIES:
            kill(scenario, None)
            scenario.check(b"")
    left = [path.name for path in (folder / "out").iterdir() if path.name.startswith(TEMPORARY)]
    left += [path.name for path in folder.iterdir() if path.name.startswith(TEMPORARY)]
    if left:
        found.lost.append(f"tidying: temporary files that no run removed: {left}")
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    adopt_orphans()
    result = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(result.table())
    print("\n".join(result.lost) or "nothing lost")
    os._exit(1 if result.lost else 0)

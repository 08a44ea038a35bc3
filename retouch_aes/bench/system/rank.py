"""The page under load: how long an answer takes, and whether one is ever lost.

A real server is started as a program of its own and answered over its socket, as a browser would. First
`answers` in a row are timed, from sending one to reading that it was taken, which is after it is on the disk.
Then the server is killed (SIGKILL, at a random moment in the midst of answering) and started again on the
same file, `restarts` times; every answer that was ever acknowledged must stand in it at the end, in order.
"""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.errors import RetouchError
from retouch_aes.preferences.answers import Answer, Choice, Skip, Tie
from retouch_aes.preferences.choice_log import read_answers
from retouch_aes.progress import Progress, silent

_VERDICTS = ("left", "right", "left", "right", "tie", "skip")
_PATIENCE = 300.0
Told = tuple[str, str, str]
"""The kind of an answer, and the names of its two photos: winner first, or left first."""


@dataclass(frozen=True)
class RankReport(Report):
    """Milliseconds an answer; seconds until the address is told and until the first pair is ready."""

    name: ClassVar[str] = "rank"

    photos: int
    milliseconds: tuple[float, ...]
    waited: int
    start: float
    first: float
    restarts: int
    acknowledged: int
    lost: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        median, high, most = np.percentile(self.milliseconds, (50, 95, 100))
        return {
            "photos": self.photos,
            "answers": len(self.milliseconds),
            "milliseconds": {"median": float(median), "p95": float(high), "most": float(most)},
            "waited_for_a_pair": self.waited,
            "seconds_to_address": self.start,
            "seconds_to_first_pair": self.first,
            "restarts_by_kill": self.restarts,
            "acknowledged": self.acknowledged,
            "lost": self.lost,
        }

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        found = self.to_json()
        times = found["milliseconds"]
        rows = [
            ("photos", str(self.photos)),
            ("seconds until the page answers", number(self.start)),
            ("seconds until the first pair is ready", number(self.first)),
            (f"milliseconds an answer, median of {len(self.milliseconds)}", number(times["median"], 1)),
            ("95th percentile", number(times["p95"], 1)),
            ("longest", number(times["most"], 1)),
            ("answers after which the next pair was not ready yet", str(self.waited)),
            ("restarts after kill -9", str(self.restarts)),
            ("answers acknowledged in all", str(self.acknowledged)),
            ("of these lost", str(self.lost)),
        ]
        return [ReportTable("The page", ("", "value"), rows)]

    def table(self) -> Any:
        """The table for a terminal."""
        return self.tables()[0].to_rich()


class _Server:
    """`retouch-aes rank` as a program of its own, and one connection to it."""

    def __init__(self, photos: Path, choices: Path, seed: int) -> None:
        began = time.monotonic()
        command = [sys.executable, "-m", "retouch_aes.cli", "rank", str(photos)]
        options = ["--choices", str(choices), "--no-browser", "--seed", str(seed), "--budget", "100000"]
        self.program = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.program.stdout is not None
        assert self.program.stderr is not None
        line = self.program.stdout.readline()
        found = re.search(r"http://([^/]+)/([^/]+)/", line)
        if found is None:
            raise RetouchError(f"the server did not start: {line}{self.program.stderr.read()}")
        self.origin, self.prefix = f"http://{found[1]}", f"/{found[2]}/"
        self.connection = http.client.HTTPConnection(found[1], timeout=_PATIENCE)
        self.ask("")
        self.start = time.monotonic() - began
        self.state = self.ready()
        self.first = time.monotonic() - began

    def ask(self, what: str) -> bytes:
        self.connection.request("GET", self.prefix + what)
        return self.connection.getresponse().read()

    def ready(self) -> dict[str, Any]:
        """The state, once a pair is ready."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            state: dict[str, Any] = json.loads(self.ask("api/state?wait=1"))
            if state["phase"] in ("failed", "finished"):
                raise RetouchError(f"the page has nothing to ask: {state}")
            if state.get("cards"):
                return state
            time.sleep(0.01)
        raise RetouchError(f"no pair was ready within {_PATIENCE:.0f} s")

    def answer(self, verdict: str) -> Told:
        """Answer the pair that is shown; returns once it is acknowledged."""
        card = self.state["cards"][0]
        body = json.dumps({"card": card["number"], "verdict": verdict})
        headers = {"Content-Type": "application/json", "Origin": self.origin}
        self.connection.request("POST", f"{self.prefix}api/answer", body, headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RetouchError(f"an answer was refused ({response.status}): {content.decode()}")
        self.state = json.loads(content)
        left, right = (side["name"] for side in card["sides"])
        if verdict == "right":
            left, right = right, left
        return (verdict if verdict in ("tie", "skip") else "choice", left, right)

    def end(self, how: int) -> None:
        self.program.send_signal(how)
        self.program.communicate()
        self.connection.close()


def measure(
    photos: Path,
    choices: Path,
    *,
    answers: int = 200,
    restarts: int = 20,
    seed: int = 0,
    progress: Progress = silent,
) -> RankReport:
    """Measure the page on a folder of photos, with a new file of `choices`."""
    draw = random.Random(seed)
    told: list[Told] = []
    times: list[float] = []
    waited = 0
    server = _Server(photos, choices, seed)
    try:
        for done in range(answers):
            if not server.state["cards"]:
                waited += 1
                server.state = server.ready()
            began = time.perf_counter()
            told.append(server.answer(draw.choice(_VERDICTS)))
            times.append(1000 * (time.perf_counter() - began))
            progress("rank", done + 1, answers + restarts)
    finally:
        server.end(signal.SIGINT)
    for done in range(restarts):
        told.extend(_until_killed(_Server(photos, choices, seed), draw))
        told = _with_unacknowledged(told, read_answers(choices))
        progress("rank", answers + done + 1, answers + restarts)
    standing = [_told(answer) for answer in read_answers(choices)]
    lost = sum(ours != theirs for ours, theirs in zip(told, standing, strict=False))
    lost += max(0, len(told) - len(standing))
    return RankReport(
        photos=server.state["photos"],
        milliseconds=tuple(times),
        waited=waited,
        start=server.start,
        first=server.first,
        restarts=restarts,
        acknowledged=len(told),
        lost=lost,
    )


def _until_killed(server: _Server, draw: random.Random) -> list[Told]:
    """Answer as fast as pairs come until the server dies, at a random moment; what was acknowledged."""
    told: list[Told] = []
    delay = draw.uniform(0.05, 1.5)
    killer = threading.Timer(delay, lambda: os.kill(server.program.pid, signal.SIGKILL))
    killer.start()
    try:
        while True:
            if not server.state["cards"]:
                server.state = server.ready()
            told.append(server.answer(draw.choice(_VERDICTS)))
    except (OSError, http.client.HTTPException, ValueError):  # it is dead
        pass
    finally:
        killer.join()
        server.end(signal.SIGKILL)
    return told


def _with_unacknowledged(told: list[Told], standing: tuple[Answer, ...]) -> list[Told]:
    """An answer written just before the end may stand in the file without having been acknowledged."""
    return [*told, _told(standing[-1])] if len(standing) == len(told) + 1 else told


def _told(answer: Answer) -> Told:
    if isinstance(answer, Choice):
        return ("choice", answer.winner.photo, answer.loser.photo)
    if isinstance(answer, Tie | Skip):
        return (answer.kind, answer.first.photo, answer.second.photo)
    raise RetouchError(f"expected choices only, got a {answer.kind}")

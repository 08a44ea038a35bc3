"""kill -9 at random moments over everything that writes, and what must be true of the disk after each.

The library is loaded once; each victim is a fork of this process, so that a kill costs what the work costs.
`python killing.py FOLDER SEED KILLS` prints a table.
"""

import contextlib
import hashlib
import http.client
import io
import json
import os
import signal
import statistics
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from PIL import Image

from retouch_aes import load_taste, read
from retouch_aes.append_log import read_log
from retouch_aes.atomic_io import TEMPORARY
from retouch_aes.cli import main
from retouch_aes.models import EMDAttention, ModelCard, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.edit_prior import LearnedPrior, load_prior
from retouch_aes.operators import AUTO
from retouch_aes.preferences import Choice, ChoiceLog, Rendition, read_answers

PHOTOS = 8


@dataclass
class Scenario:
    """Something that is killed: `start` runs in the victim, `check` afterwards, with what it has told."""

    name: str
    start: Callable[[int], None]
    check: Callable[[bytes], None]
    weight: int = 1
    asks: Callable[[int, Callable[[], bool]], bytes] | None = None


class World:
    """A folder with photos, small models, and the files that are written again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        self.photos.mkdir(parents=True, exist_ok=True)
        gradient = Image.linear_gradient("L").resize((120, 80))
        for number in range(PHOTOS):
            bands = [gradient.rotate(90 * (number + band)) for band in range(3)]
            Image.merge("RGB", bands).save(self.photos / f"{number}.jpg")
        self.before = {path.name: _hash(path) for path in self.photos.iterdir()}
        torch.manual_seed(0)
        small = ((4, 8, 8, 8), (1, 1, 1, 1))
        card = ModelCard("Apache-2.0", "for tests", ("none",), {"rho": 0.2})
        self.model, self.prior = folder / "model.safetensors", folder / "prior.safetensors"
        save_model(self.model, EMDAttention(CompactBackbone(*small), side=32), card)
        prior = LearnedPrior(AUTO, side=32, backbone=CompactBackbone(*small), hidden=8)
        save_model(self.prior, prior, card)
        self.choices = folder / "answers.jsonl"
        if not self.choices.exists():
            with ChoiceLog(self.choices) as log:
                for number in range(1, PHOTOS):
                    log.append(Choice(Rendition("0.jpg"), Rendition(f"{number}.jpg")))

    def scenarios(self) -> list[Scenario]:
        """All of them."""
        out, done, logged = self.folder / "out", self.folder / "done", self.folder / "log.jsonl"
        taste, trained = self.folder / "me.taste", self.folder / "trained.safetensors"
        editing = ["--model", self.model, "--fast", self.prior]
        return [
            Scenario(
                "retouch",
                lambda _: command(
                    "retouch", self.photos, "-o", out, "--overwrite", "--recipe", out, *editing
                ),
                lambda _: self.whole(out),
                4,
            ),
            Scenario(
                "batch",
                lambda _: command("batch", self.photos, done, "--workers", 1, *editing),
                lambda _: self.finished(done),
            ),
            Scenario(
                "learn",
                lambda _: command(
                    *("learn", self.photos, "--choices", self.choices, "--model", self.model, "-o", taste),
                    "--overwrite",
                ),
                lambda _: loads(taste, load_taste),
                2,
            ),
            Scenario(
                "train prior",
                lambda _: command(
                    *("train", "prior", "--photos", self.photos, "--prior", self.prior, "--steps", 2),
                    *("-o", trained, "--overwrite"),
                ),
                lambda _: loads(trained, load_prior),
                2,
            ),
            Scenario("answers", lambda pipe: answers(logged, pipe), lambda told: kept(logged, told), 4),
            Scenario("rank", self.serve, self.served, 1, self.clicks),
        ]

    def whole(self, out: Path) -> None:
        """Every result that has its name is whole, and the photos are as they were."""
        assert {path.name: _hash(path) for path in self.photos.iterdir()} == self.before
        for path in out.glob("*") if out.exists() else ():
            if path.name.startswith(TEMPORARY) or path.suffix == ".jsonl":
                continue
            if path.suffix == ".json":
                json.loads(path.read_text())
            else:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    assert read(path).width == 120

    def finished(self, done: Path) -> None:
        """What the manifest says is done is there with that hash, and a further run does the rest."""
        manifest = done / "retouch_aes_batch.jsonl"
        if manifest.exists():
            for _, line in read_log(manifest, "settings").objects:
                if line["state"] == "done":
                    assert _hash(done / line["result"]) == line["made"], line
        self.whole(done)
        if len(list(done.glob("[0-9].jpg"))) == PHOTOS:  # another round
            for path in done.iterdir():
                path.unlink()

    def serve(self, pipe: int) -> None:
        """The page of `rank`, which tells its address."""
        from retouch_aes.web.rank import RankSettings, rank

        rank(
            self.photos,
            self.folder / "rank.jsonl",
            RankSettings(budget=1000),
            announce=lambda _, door: os.write(pipe, f"{door.port} {door.token}\n".encode()) and None,
        )

    def clicks(self, reading: int, over: Callable[[], bool]) -> bytes:
        """Answer cards until the server is killed; how many answers it has confirmed, as text."""
        address, count = b"", len(_answers(self.folder / "rank.jsonl"))
        while not address.endswith(b"\n") and not over():
            address += os.read(reading, 4096) or b""
        port, _, token = address.decode().strip().partition(" ")
        while not over() and token:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError, IndexError):
                state = json.loads(_asked(port, token, "GET", "api/state?side=200&wait=1", None))
                card = state["cards"][0]["number"]
                _asked(port, token, "POST", "api/answer", {"card": card, "verdict": "left"})
                count += 1
        return str(count).encode()

    def served(self, told: bytes) -> None:
        """No confirmed answer is missing."""
        assert len(_answers(self.folder / "rank.jsonl")) >= int(told or b"0")


def _asked(port: str, token: str, method: str, path: str, body: object) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
    try:
        connection.request(method, f"/{token}/{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise ValueError(answer.status)
        return content
    finally:
        connection.close()


def _answers(path: Path) -> tuple[object, ...]:
    return read_answers(path) if path.exists() else ()


def command(*arguments: object) -> None:
    """The command line, in this process."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main([str(argument) for argument in arguments], standalone_mode=False)


def answers(log: Path, pipe: int) -> None:
    """Append answers for ever, and tell of each that is saved."""
    with ChoiceLog(log) as opened:
        while True:
            opened.append(Choice(Rendition("a.jpg"), Rendition("b.jpg")))
            os.write(pipe, b".")


def kept(log: Path, told: bytes) -> None:
    """Every answer that was told is in the log; the next writer can open it."""
    if not log.exists():
        assert not told
        return
    before = log.with_suffix(".count")
    count = int(before.read_text()) if before.exists() else 0
    with ChoiceLog(log) as opened:
        assert len(opened.answers) >= count + len(told)
        before.write_text(str(len(opened.answers)))


def loads(path: Path, load: Callable[[Path], object]) -> None:
    """The file is not there yet, or whole."""
    if path.exists():
        load(path)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kill(scenario: Scenario, after: float | None) -> tuple[float, bytes]:
    """Start it and kill it after so many seconds (None: let it end): how long it ran, and what it told."""
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            scenario.start(writing)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with contextlib.suppress(OSError):  # whoever of the two is first
        os.setpgid(child, child)
    ended = False

    def over() -> bool:
        nonlocal ended
        if not ended and after is not None and time.monotonic() - began > after:
            os.killpg(child, signal.SIGKILL)
            ended = True
        return ended

    told = b""
    if scenario.asks is not None and after is not None:
        told = scenario.asks(reading, over)
        over()
    while not ended:
        if after is None:
            break
        if os.waitpid(child, os.WNOHANG)[0]:
            child = 0
            break
        time.sleep(0.002)
        over()
    if child:
        os.waitpid(child, 0)
    took = time.monotonic() - began
    if scenario.asks is None:
        while part := os.read(reading, 65536):
            told += part
    os.close(reading)
    return took, told


def run(folder: Path, seed: int, kills: int) -> tuple[Counter[str], list[str]]:
    """How many kills of each scenario, and what was lost."""
    random, world = Random(seed), World(folder)
    counts, lost = Counter[str](), list[str]()
    scenarios = world.scenarios()
    usual = {"answers": 0.3, "rank": 6.0}
    for scenario in scenarios:
        if scenario.name not in usual:
            usual[scenario.name] = statistics.median(kill(scenario, None)[0] for _ in range(2))
            scenario.check(b"")
    turns = [scenario for scenario in scenarios for _ in range(scenario.weight)]
    for number in range(kills):
        scenario = turns[number % len(turns)]
        _, told = kill(scenario, random.uniform(0, 1.1 * usual[scenario.name]))
        counts[scenario.name] += 1
        (folder / "counts.json").write_text(json.dumps([counts, lost]))
        try:
            scenario.check(told)
        except Exception:
            lost.append(f"{scenario.name}: {traceback.format_exc()[-800:]}")
    for scenario in scenarios:  # the next run tidies up
        if scenario.name in ("retouch", "learn", "train prior"):
            kill(scenario, None)
            scenario.check(b"")
    left = [path.name for path in (folder / "out").iterdir() if path.name.startswith(TEMPORARY)]
    left += [path.name for path in folder.iterdir() if path.name.startswith(TEMPORARY)]
    if left:
        lost.append(f"temporary files that no run removed: {left}")
    return counts, lost


if __name__ == "__main__":
    torch.set_num_threads(1)
    made, missing = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    for name, count in made.items():
        print(f"{name}: {count} kills")
    print("\n".join(missing) or "nothing lost")
    os._exit(1 if missing else 0)

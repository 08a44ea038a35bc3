"""What is killed on the command line: photos, small models, the files that are written again and again.

Each scenario says what must be true of the disk after a kill at any moment.
"""

import contextlib
import hashlib
import io
import json
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
from PIL import Image

from retouch_aes import load_taste, read
from retouch_aes.append_log import read_log
from retouch_aes.atomic_io import TEMPORARY
from retouch_aes.batch import arrivals
from retouch_aes.batch.manifest import NAME
from retouch_aes.cli import main, watching
from retouch_aes.executors import local_executor
from retouch_aes.models import EMDAttention, ModelCard, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.edit_prior import LearnedPrior, load_prior
from retouch_aes.operators import AUTO
from retouch_aes.preferences import Choice, ChoiceLog, Rendition

PHOTOS = 8
Over = Callable[[], bool]
"""Kills the victim when its time has come, and says whether it is dead."""


@dataclass
class Scenario:
    """Something that is killed: `start` runs in the victim, `check` afterwards, with what it has told.

    `asks` is who talks to it meanwhile, and says what was promised. `lasts` is for how many seconds it is
    let alone at most; None: as long as it takes.
    """

    name: str
    start: Callable[[int], None]
    check: Callable[[bytes], None]
    weight: int = 1
    asks: Callable[[int, Over], bytes] | None = None
    lasts: float | None = None


class World:
    """A folder with everything in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.photos, self.inbox = folder / "photos", folder / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.photos.mkdir(exist_ok=True)
        gradient = Image.linear_gradient("L").resize((120, 80))
        for number in range(PHOTOS):
            bands = [gradient.rotate(90 * (number + band)) for band in range(3)]
            Image.merge("RGB", bands).save(self.photos / f"{number}.jpg")
        self.before = {path.name: hash_of(path) for path in self.photos.iterdir()}
        torch.manual_seed(0)
        small = ((4, 8, 8, 8), (1, 1, 1, 1))
        card = ModelCard("Apache-2.0", "for tests", ("none",), {"rho": 0.2})
        self.model, self.prior = folder / "model.safetensors", folder / "prior.safetensors"
        save_model(self.model, EMDAttention(CompactBackbone(*small), side=32), card)
        prior = LearnedPrior(AUTO, side=32, backbone=CompactBackbone(*small), hidden=8)
        save_model(self.prior, prior, card)
        self.editing = ("--model", self.model, "--fast", self.prior)
        self.choices = folder / "answers.jsonl"
        if not self.choices.exists():
            with ChoiceLog(self.choices) as log:
                for number in range(1, PHOTOS):
                    log.append(Choice(Rendition("0.jpg"), Rendition(f"{number}.jpg")))
        self.sent = 0

    def scenarios(self) -> list[Scenario]:
        """All of them."""
        out, done, watched = (self.folder / name for name in ("out", "done", "watched"))
        taste, trained = self.folder / "me.taste", self.folder / "trained.safetensors"
        logged, blend = self.folder / "log.jsonl", self.folder / "us.taste"
        learning = ("learn", self.photos, "--choices", self.choices, "--model", self.model, "--overwrite")
        retouching = ("retouch", self.photos, "-o", out, "--overwrite", "--recipe", out, *self.editing)
        training = ("train", "prior", "--photos", self.photos, "--prior", self.prior, "--steps", 2)
        merging = ("taste", "merge", f"{taste}:60", f"{taste}:40", "-o", blend, "--overwrite")
        return [
            Scenario("retouch", lambda _: command(*retouching), lambda _: self.whole(out), 4),
            Scenario("batch", lambda _: self.batch(self.photos, done), lambda _: self.finished(done), 4),
            Scenario(
                "watch",
                lambda _: self.batch(self.inbox, watched, "--watch"),
                lambda _: self.followed(watched),
                2,
                self.camera,
                3.0,
            ),
            Scenario(
                "learn", lambda _: command(*learning, "-o", taste), lambda _: loads(taste, load_taste), 2
            ),
            Scenario("taste", lambda _: command(*merging), lambda _: loads(blend, load_taste)),
            Scenario(
                "train prior",
                lambda _: command(*training, "-o", trained, "--overwrite"),
                lambda _: loads(trained, load_prior),
                2,
            ),
            Scenario(
                "answers", lambda pipe: answers(logged, pipe), lambda told: kept(logged, told), 3, lasts=0.3
            ),
        ]

    def batch(self, source: Path, out: Path, *more: str) -> None:
        """A batch of one worker, which is a fork and no new interpreter: the kill is to cost the work."""
        local_executor._CONTEXT = get_context("fork")
        watching.INTERVAL = 0.05
        arrivals.Arrivals = partial(arrivals.Arrivals, 0.3)  # type: ignore[assignment,misc]
        command("batch", source, out, "--workers", 1, *self.editing, *more)

    def camera(self, _: int, over: Over) -> bytes:
        """Photos come into the inbox, each in two parts."""
        while not over():
            if self.sent % PHOTOS == 0:
                for path in self.inbox.iterdir():
                    path.unlink()
            data = (self.photos / f"{self.sent % PHOTOS}.jpg").read_bytes()
            with (self.inbox / f"{self.sent}.jpg").open("wb") as file:
                for part in (data[: len(data) // 2], data[len(data) // 2 :]):
                    file.write(part)
                    file.flush()
                    time.sleep(0.1)
            self.sent += 1
        return b""

    def whole(self, out: Path) -> None:
        """Every result that has its name is whole, and the photos are as they were."""
        assert {path.name: hash_of(path) for path in self.photos.iterdir()} == self.before
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
        self.done(done)
        if len(list(done.glob("[0-9].jpg"))) == PHOTOS:  # another round
            for path in done.iterdir():
                path.unlink()

    def done(self, done: Path) -> list[str]:
        """The names of what is done, each there with its hash."""
        lines = (
            [line for _, line in read_log(done / NAME, "settings").objects] if (done / NAME).exists() else []
        )
        made = {line["result"]: line for line in lines if line["state"] == "done"}
        for name, line in made.items():
            assert hash_of(done / name) == line["made"], line
        self.whole(done)
        return list(made)

    def followed(self, watched: Path) -> None:
        """As `finished`; and no photo was taken before it was whole."""
        whole = set(self.before.values())
        for name in self.done(watched):
            path = self.inbox / name
            assert not path.exists() or hash_of(path) in whole
        for _, line in read_log(watched / NAME, "settings").objects if (watched / NAME).exists() else ():
            assert line.get("content", self.before["0.jpg"]) in whole, line


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


def hash_of(path: Path) -> str:
    """SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

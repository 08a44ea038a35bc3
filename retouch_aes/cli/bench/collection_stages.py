"""The stages of `bench collection`: the commands themselves, with the work on pixels left out.

python -m retouch_aes.cli.bench.collection_stages STAGE PHOTOS FOLDER
"""

import sys
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from retouch_aes.bench.common.stages import tell
from retouch_aes.executors import Executor, JobResult

_QUESTIONS = 20
_NEAR = 0.3  # of the photos are near duplicates of the one before
_told: list[float] = []
"""Seconds of this process's processor time after each of the first results."""


class _Instead(Executor):
    """Gives every job what `made` makes of it, and does no work."""

    def __init__(self, made: Callable[[Any], Any]) -> None:
        self._made = made

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`; `function` is not called."""
        del function
        for job in jobs:
            yield JobResult(job, self._made(job))
            _result()


def plan(folder: Path) -> None:
    """`batch --dry-run`."""
    _run("batch", folder / "in", folder / "out", "--fast", "--dry-run")


def begin(folder: Path) -> None:
    """`batch`, of which nothing was done before."""
    _batch(folder, _record)


def go_on(folder: Path) -> None:
    """`batch`, of which all was done before."""
    _batch(folder, lambda item: {"photo": str(item.photo), "outcome": "done before", "content": item.before})


def score(folder: Path) -> None:
    """`score --best-of similar --relative` with both reports."""
    from retouch_aes.cli import executing
    from retouch_aes.culling import Judged, PhotoVerdict, TechnicalQuality, Thumbnail
    from retouch_aes.pipeline import PhotoScore

    random = np.random.default_rng(0)
    before: list[Thumbnail] = []

    def thumbnail() -> Thumbnail:
        if before and random.random() < _NEAR:
            return before[-1]
        coarse = random.standard_normal(193).astype(np.float32)
        fine = random.random((16, 16)).astype(np.float32)
        before[:] = [Thumbnail(coarse / np.linalg.norm(coarse), fine)]
        return before[-1]

    def verdict(path: Path) -> PhotoVerdict:
        score = float(random.uniform(1, 10))
        quality = TechnicalQuality(float(random.random()), 1.0, 0.0, 0.0)
        return PhotoVerdict(PhotoScore(score, 1.0), Judged(path, score, quality, thumbnail()))

    executing.executor = lambda *_, **__: _Instead(lambda numbered: verdict(numbered[1]))
    reports = ["--json", folder / "scores.json", "--csv", folder / "scores.csv"]
    _run("score", folder / "in", "--best-of", "similar", "--relative", *reports, "--device", "cpu")


def rank(folder: Path) -> None:
    """The photos of `rank`, and some questions about them."""
    from retouch_aes.preferences.acquisition import PairAcquisition
    from retouch_aes.preferences.answers import Answer, Skip
    from retouch_aes.web.album import Album

    album = Album(folder / "in")
    acquisition = PairAcquisition(album.photos, kind="both")
    answers: list[Answer] = []
    for _ in range(_QUESTIONS):
        [question] = acquisition.propose(answers)
        for side in (question.first, question.second):
            album.path(side)
            album.key(side)
        answers.append(Skip(question.first, question.second, time=""))
        _result()


def review(folder: Path) -> None:
    """`review`, until its page can be shown."""
    from retouch_aes.batch.made import read_made
    from retouch_aes.web.review import ReviewSettings, open_review

    out = folder / "out"
    session = open_review(read_made(out), out, folder / "choices.jsonl", ReviewSettings())
    session.state()
    session.item(0)
    _result()
    session.close()


MODULE = "retouch_aes.cli.bench.collection_stages"
STAGES: dict[str, Callable[[Path], None]] = {
    "plan a batch": plan,
    "begin it": begin,
    "go on with it": go_on,
    "score, group, report": score,
    "rank, 20 questions": rank,
    "review, first page": review,
}


def _batch(folder: Path, made: Callable[[Any], dict[str, Any]]) -> None:
    from retouch_aes.cli import batch_jobs

    batch_jobs.executor = lambda *_: _Instead(lambda job: [made(item) for item in job])
    _run("batch", folder / "in", folder / "out", "--fast", "--json", folder / "batch.json", "--overwrite")


def _record(item: Any) -> dict[str, Any]:
    """What a worker says of a photo that it has retouched; the photo itself stands in for the result."""
    from retouch_aes.operators import OPERATORS, Recipe, Step

    recipe = Recipe((Step(OPERATORS["exposure"], (0.5,)),)).to_json()
    item.output.parent.mkdir(parents=True, exist_ok=True)
    item.output.hardlink_to(item.photo)
    return {
        "photo": str(item.photo),
        "output": str(item.output),
        "content": "c" * 64,
        "made": "c" * 64,
        "size": 1000,
        "outcome": "edited",
        "reason": "",
        "score_before": 4.0,
        "score_after": 5.0,
        "recipe": recipe,
        "seconds": 0.1,
    }


def _result() -> None:
    """A result has been told."""
    if not _told:
        _told.append(time.process_time())


def _run(*words: object) -> None:
    from retouch_aes.cli import main

    main([str(word) for word in words], standalone_mode=False)


if __name__ == "__main__":
    STAGES[sys.argv[1]](Path(sys.argv[3]))
    if _told:
        tell(Path(sys.argv[3]), first=_told[0])

"""`rank`: the page for one folder and one file of choices, from the first request to Ctrl-C.

The server answers at once, with a page that says so, while the library is still being loaded (PyTorch takes
seconds); questions follow when it is there.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from retouch_aes.atomic_io import lock
from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.web.album import Album
from retouch_aes.web.app import PendingSession, make_app
from retouch_aes.web.cache import cache_folder, prune
from retouch_aes.web.guard import Guard
from retouch_aes.web.pictures import Pictures
from retouch_aes.web.server import ServerSocket, open_server_socket, serve

if TYPE_CHECKING:
    from retouch_aes.web.session import Session

_FAREWELL = 1.5
"""Seconds for which a page that was opened in vain can still be told why."""

_HEAD_START = 1.0
"""Seconds for which loading waits for the first look at the page, which it would slow down."""

_PATIENCE = 3.0
"""Seconds for which the end waits for threads that are in the midst of something."""


@dataclass(frozen=True)
class RankSettings:
    """What is asked, and when it is enough. `taste` is the file that "Learn now" writes."""

    mix: Literal["photos", "renditions", "both"] = "both"
    mode: Literal["choose", "rate"] = "choose"
    budget: int = 100
    port: int = 0
    seed: int = 0
    taste: Path | None = None

    def target(self, choices: Path) -> Path:
        """The file of the taste: the one given, or beside the `choices`."""
        return self.taste or choices.with_suffix(".taste")


def rank(
    folder: Path, choices: Path, settings: RankSettings, *, announce: Callable[[Album, ServerSocket], None]
) -> int:
    """Serve the page until Ctrl-C; how many answers stand at the end. `announce` tells where it is.

    Raises `RetouchError` where there are no photos, the port is taken, or `choices` is in other hands.
    """
    if settings.target(choices).suffix != ".taste" or choices.suffix == ".taste":
        raise UsageError(
            f"expected a taste that ends in .taste and choices that do not, got {settings.target(choices)} "
            f"and {choices}"
        )
    album = Album(folder)
    fewest = 1 if settings.mode == "rate" or settings.mix == "renditions" else 2
    if len(album.photos) < fewest:
        raise PhotoError(f"{folder}: expected {fewest} photos or more, found {len(album.photos)}")
    _check_free(choices)
    door = open_server_socket(settings.port)
    waiting, stop = PendingSession(), threading.Event()
    waiting.text = f"Getting ready for {len(album.photos):,} photos"
    failures: list[Exception] = []

    def load() -> None:
        waiting.shown.wait(_HEAD_START)
        if stop.is_set():
            return
        try:
            waiting.session = open_session(album, choices, settings)
        except Exception as error:
            failures.append(error)
            waiting.failure = str(error)
            time.sleep(_FAREWELL)
            stop.set()

    loader = threading.Thread(target=load, name="load", daemon=True)
    loader.start()
    announce(album, door)
    try:
        serve(door, Guard(make_app(waiting), door.token, door.port, door.ticket), stop)
    finally:
        waiting.shown.set()
        loader.join(_PATIENCE)
        if waiting.session is not None:
            waiting.session.close(_PATIENCE)
    if failures:
        raise failures[0]
    return 0 if waiting.session is None else len(waiting.session.log.answers)


def open_session(album: Album, choices: Path, settings: RankSettings) -> "Session":
    """A session with its threads running. Imports PyTorch."""
    from retouch_aes.preferences.acquisition import PairAcquisition
    from retouch_aes.preferences.choice_log import ChoiceLog
    from retouch_aes.web.album_learner import AlbumLearner
    from retouch_aes.web.insight import Insight
    from retouch_aes.web.learning import Learning
    from retouch_aes.web.question_sources import PairQuestions, RatingQuestions
    from retouch_aes.web.questions import Questions, QuestionSource
    from retouch_aes.web.session import Session

    cache = cache_folder()
    log = ChoiceLog(choices)
    try:
        pictures = Pictures(album, cache / "pictures")
        source: QuestionSource
        believe = None
        if settings.mode == "rate":
            source = RatingQuestions(album.photos, settings.seed)
        else:
            source = pairs = PairQuestions(
                PairAcquisition(album.photos, kind=settings.mix, seed=settings.seed)
            )
            believe = pairs.believe
        teacher = AlbumLearner(album, pictures, settings.target(choices), believe=believe)
        questions = Questions(source, pictures, lambda: log.answers)
        insight = Insight(pictures, lambda: log.answers, teacher.estimate)
        learning = Learning(teacher.learn, lambda: log.answers)
        session = Session(
            album, pictures, log, questions, insight, learning, mode=settings.mode, budget=settings.budget
        )
    except BaseException:
        log.close()
        raise
    questions.start()
    insight.start()
    threading.Thread(target=prune, args=(cache,), name="prune", daemon=True).start()
    return session


def _check_free(choices: Path) -> None:
    """Refuse at once what `ChoiceLog` would refuse seconds later."""
    try:
        with choices.open("rb") as file:
            free = lock(file.fileno())
    except FileNotFoundError:
        return
    if not free:
        raise RetouchError(f"{choices} is being written by another program; close that one first")

"""`rank`: the page for one folder and one file of choices, from the first request to Ctrl-C.

The server answers at once, with a page that says so, while the library is still being loaded (PyTorch takes
seconds); questions follow when it is there.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.web.album import Album
from retouch_aes.web.app import make_app
from retouch_aes.web.cache import cache_folder, prune
from retouch_aes.web.hosting import Address, check_free, host
from retouch_aes.web.pictures import Pictures
from retouch_aes.web.server import ServerSocket

if TYPE_CHECKING:
    from retouch_aes.web.session import Session


@dataclass(frozen=True)
class RankSettings:
    """What is asked, and when it is enough. `taste` is the file that "Learn now" writes.

    `share` is the address at which others on the network are let in too; "" for this machine alone.
    """

    mix: Literal["photos", "renditions", "both"] = "both"
    mode: Literal["choose", "rate"] = "choose"
    budget: int = 100
    port: int = 0
    share: str = ""
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
    check_free(choices)
    session = host(
        make_app,
        lambda: open_session(album, choices, settings),
        Address(settings.port, settings.share),
        waiting=f"Getting ready for {len(album.photos):,} photos",
        announce=lambda door: announce(album, door),
    )
    return 0 if session is None else len(session.log.answers)


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
            acquisition = PairAcquisition(album.photos, kind=settings.mix, seed=settings.seed)
            source = pairs = PairQuestions(acquisition, pictures.is_toned)
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

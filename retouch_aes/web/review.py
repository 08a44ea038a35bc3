"""`review`: the page for the results of one run, from the first request to Ctrl-C."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.web.album import Album
from retouch_aes.web.cache import cache_folder, prune
from retouch_aes.web.hosting import Address, check_free, host
from retouch_aes.web.pictures import Pictures
from retouch_aes.web.review_app import make_app
from retouch_aes.web.server import ServerSocket

if TYPE_CHECKING:
    from retouch_aes.batch.made import MadeResults
    from retouch_aes.web.review_session import ReviewSession


@dataclass(frozen=True)
class ReviewSettings:
    """How a review is held.

    `photos` is the folder that answers name photos below; None for the one that holds all of them. `taste`
    is whose score is told, and `learned` the file that "Learn now" writes. `share` is the address at which
    others on the network are let in; "" for this machine alone.
    """

    photos: Path | None = None
    taste: Path | None = None
    learned: Path | None = None
    port: int = 0
    share: str = ""

    def target(self, choices: Path) -> Path:
        """The file of the taste: the one given, or beside the `choices`."""
        return self.learned or choices.with_suffix(".taste")


def review(
    place: Path, choices: Path, settings: ReviewSettings, *, announce: Callable[[ServerSocket], None]
) -> "ReviewSession | None":
    """Serve the page about the results of `place` until Ctrl-C; the session, closed.

    `announce` tells where the page is. Raises `RetouchError` where there are no results, the port is taken,
    or a file is in other hands.
    """
    if settings.target(choices).suffix != ".taste" or choices.suffix == ".taste":
        raise UsageError(
            f"expected a taste that ends in .taste and choices that do not, got {settings.target(choices)} "
            f"and {choices}"
        )
    check_free(choices)

    def load() -> "ReviewSession":
        from retouch_aes.batch.made import read_made  # it imports PyTorch

        return open_review(read_made(place), place, choices, settings)

    return host(
        make_app,
        load,
        Address(settings.port, settings.share),
        waiting="Looking for results",
        announce=announce,
    )


def open_review(made: "MadeResults", place: Path, choices: Path, settings: ReviewSettings) -> "ReviewSession":
    """A session with its threads running. Imports PyTorch."""
    from retouch_aes.preferences.choice_log import ChoiceLog
    from retouch_aes.web.album_learner import AlbumLearner
    from retouch_aes.web.certifier import Certifier
    from retouch_aes.web.learning import Learning
    from retouch_aes.web.review_items import ReviewItem, known_operators, photo_names
    from retouch_aes.web.review_log import NAME, ReviewLog
    from retouch_aes.web.review_session import ReviewSession

    usable = [one for one in made.results if known_operators(one.proposed)]
    folder = settings.photos or common_folder([one.photo for one in usable])
    names = photo_names(usable, folder)
    items = [ReviewItem(one, names[one.key]) for one in usable if one.key in names]
    if not items:
        raise PhotoError(f"none of the photos of {place} lies in {folder}; say where with --photos")
    album = Album(folder, sorted({item.photo for item in items}))
    cache = cache_folder()
    pictures = Pictures(album, cache / "pictures")
    first = items[0].made.settings
    taste = settings.taste or (None if first.taste is None else Path(first.taste))
    log_place = place / NAME if made.manifest is not None else place.with_suffix(f".{NAME}")
    log = ChoiceLog(choices)
    try:
        reviews = ReviewLog(log_place)
    except BaseException:
        log.close()
        raise
    try:
        teacher = AlbumLearner(album, pictures, settings.target(choices))
        session = ReviewSession(
            items,
            album,
            pictures,
            log,
            reviews,
            made.manifest,
            Certifier(first.model, taste),
            Learning(teacher.learn, lambda: log.answers),
        )
    except BaseException:
        log.close()
        reviews.close()
        raise
    threading.Thread(target=prune, args=(cache,), name="prune", daemon=True).start()
    return session


def common_folder(photos: list[Path]) -> Path:
    """The deepest folder that holds all of `photos`."""
    return Path(os.path.commonpath([photo.resolve().parent for photo in photos]))

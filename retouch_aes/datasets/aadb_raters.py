"""Who gave which photo of AADB what, from the table of Mechanical Turk that its authors publish.

A row of `AllinAll.csv` is one worker's batch of ten photos: `WorkerId`, `Input.image_url1` to `10` and
`Answer.overallScore1` to `10`, 1..5. A photo is named after its address: `farm1` of the host, the folder and
the file make `farm1_FOLDER_FILE`. A score of 0 means that the worker did not move the slider: no answer.

A table `raters.csv` with the columns `worker,photo,score` is read as well.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.rows import RatingRows, read_table
from retouch_aes.datasets.skipped import INCOMPLETE, UNANSWERED, UNLISTED, SkipLog

TABLES = ("AllinAll.csv", "AADB_AllinAll.csv", "raters.csv")
BATCH = 10
_PLAIN = ("worker", "photo", "score")


def find_raters(root: Path) -> Path | None:
    """The table of single raters in `root`, or None."""
    return next((root / name for name in TABLES if (root / name).is_file()), None)


def photo_name(url: str) -> str | None:
    """`https://farm1.staticflickr.com/450/20_b.jpg` -> `farm1_450_20_b.jpg`; None for what is no address."""
    parts = urlsplit(url.strip())
    folder, _, file = parts.path.strip("/").rpartition("/")
    farm = parts.netloc.partition(".")[0]
    return f"{farm}_{folder.rpartition('/')[2]}_{file}" if farm and folder and file else None


def read_raters(path: Path, photos: Mapping[str, Path], log: SkipLog) -> Ratings | None:
    """The ratings in `path` of `photos` (by name); None where it rates none of them.

    Answers about photos of no list are noted once for each photo.
    """
    gathered, unlisted = RatingRows((1.0, 5.0), log), set[str]()
    for where, worker, photo, score in (_plain if path.name == "raters.csv" else _batches)(path, log):
        if photo in photos:
            if score in ("0", "0.0"):
                log.add(UNANSWERED, where, f"{worker} gave {photo} 0")
            else:
                gathered.take(where, worker, photos[photo], score)
        elif photo not in unlisted:
            unlisted.add(photo)
            log.add(UNLISTED, where, photo)
    return gathered.ratings(path, "WorkerId, addresses and scores 1..5") if gathered.values else None


def _plain(path: Path, log: SkipLog) -> list[tuple[str, str, str, str]]:
    return [(f"{path}:{line}", *row) for line, row in read_table(path, _PLAIN, log)]  # type: ignore[misc]


def _batches(path: Path, log: SkipLog) -> list[tuple[str, str, str, str]]:
    """`(file:line, worker, photo, score)` of every answer."""
    numbers = range(1, BATCH + 1)
    columns = [
        "WorkerId",
        *(f"Input.image_url{number}" for number in numbers),
        *(f"Answer.overallScore{number}" for number in numbers),
    ]
    found = []
    for line, (worker, *cells) in read_table(path, columns, log):
        for url, score in zip(cells[:BATCH], cells[BATCH:], strict=True):
            name, where = photo_name(url), f"{path}:{line}"
            if name is None or not score:
                log.add(INCOMPLETE, where, f"expected an address and a score, got {url!r} and {score!r}")
            else:
                found.append((where, worker, name, score))
    return found

"""Whether a result that lies there is still the one that was written, by its hash in the manifest."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retouch_aes.errors import PhotoError, PhotoWarning
from retouch_aes.photo import Photo, read

CHANGED = "it was changed by another program since, and left as it is; remove it to have it made again"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_silently(path: Path) -> Photo:
    """The photo at `path`; what is wrong with it stays in `Photo.warnings`, for the record of the job."""
    with warnings_of(path):
        return read(path)


@contextmanager
def warnings_of(path: Path) -> Iterator[list[str]]:
    """Collect what the library warns of meanwhile, for the record of a job, without the file's name."""
    texts: list[str] = []
    plain = warnings.showwarning

    def keep(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
        if issubclass(category, PhotoWarning):
            texts.append(str(message).removeprefix(f"{path}: "))
        else:
            plain(message, category, *place, **options)

    with warnings.catch_warnings():
        warnings.showwarning = keep
        warnings.simplefilter("always", PhotoWarning)
        yield texts


def state_of(result: Path, made: str) -> str:
    """What became of the file `result` that was written with the hash `made` ("" where that is not known).

    "gone", "as made", "damaged" (cut short, or with pixels that are wrong), or "changed": another photo, or
    the same one with other metadata, as somebody wanted it.
    """
    if not result.is_file():
        return "gone"
    if not made or sha256_of(result) == made:
        return "as made"
    try:
        return "damaged" if read_silently(result).warnings else "changed"
    except PhotoError:
        return "damaged"

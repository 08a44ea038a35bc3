"""Rows of text files with their line numbers, and single ratings gathered from them.

Every reader of a published layout is a loop over rows; what a row may hold, and what is said of a bad one, is
the same for all. Rows that do not fit are noted and left out.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from retouch_aes.datasets.ratings import Integers, Ratings
from retouch_aes.datasets.skipped import BAD_VALUE, DUPLICATED, INCOMPLETE, MISSING, SkipLog
from retouch_aes.datasets.tables import Table
from retouch_aes.errors import DatasetError
from retouch_aes.photo.finding import is_there


def read_lines(path: Path) -> list[tuple[int, str]]:
    """`(line number, text)` of the lines that are not empty. `DatasetError` for what is no UTF-8 text."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is no UTF-8 text") from None
    return [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]


def read_table(
    path: Path, columns: Sequence[str], log: SkipLog, *, optional: Sequence[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """`(line number, cells)` of a `Table`: cells of `columns`, then of the `optional` ones, "" for none.

    Rows of another width go to `log`. `DatasetError` where the heading lacks a column or the file is no text.
    """
    return iter(Table(path, columns, partial(log.add, INCOMPLETE), optional))


def to_number(text: str, low: float, high: float) -> float | str:
    """The number in `text`, or a sentence that says why it is none between `low` and `high`."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        return f"expected a number, got {text!r}"
    if not low <= value <= high:
        return f"expected a number in {low:g}..{high:g}, got {text}"
    return value


def existing(photos: Iterable[Path], where: Callable[[Path], str], log: SkipLog) -> set[Path]:
    """Those of `photos` that are files; the others are noted, each once, as named by `where`."""
    there = set()
    for photo in dict.fromkeys(photos):
        if is_there(photo):
            there.add(photo)
        else:
            log.add(MISSING, where(photo), f"photo not found: {photo}")
    return there


@dataclass
class RatingRows:
    """Single ratings on `scale` as they are read; `take` them, then ask for `ratings` once."""

    scale: tuple[float, float]
    log: SkipLog
    users: list[str] = field(default_factory=list)
    photos: list[Path] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    first: dict[Path, str] = field(default_factory=dict)
    _seen: set[tuple[str, Path, float]] = field(default_factory=set)

    def take(self, where: str, user: str, photo: Path | None, text: str) -> None:
        """One rating; `where` is `file:line`, `photo` None where the row names none.

        The same rating of a photo by a user, once more, is a duplicated row; another one is a second opinion.
        """
        value = to_number(text, *self.scale)
        if not user or photo is None:
            self.log.add(INCOMPLETE, where, f"expected a user and a photo, got {user!r} and {photo}")
        elif isinstance(value, str):
            self.log.add(INCOMPLETE if not text else BAD_VALUE, where, value)
        elif (user, photo, value) in self._seen:
            self.log.add(DUPLICATED, where, f"{user!r} gave {photo.name} {value:g} already")
        else:
            self._seen.add((user, photo, value))
            self.users.append(user)
            self.photos.append(photo)
            self.values.append(value)
            self.first.setdefault(photo, where)

    def ratings(self, path: Path, layout: str) -> Ratings:
        """All of them whose photos are there; `DatasetError` for none, `layout` says what was expected."""
        there = existing(self.first, self.first.__getitem__, self.log)
        kept = [index for index, photo in enumerate(self.photos) if photo in there]
        if not kept:
            raise nothing(path, "rates no photo that is there", layout, self.log)
        users, user_index = indexed([self.users[i] for i in kept])
        photos, photo_index = indexed([str(self.photos[i]) for i in kept])
        return Ratings(
            users=users,
            photos=tuple(Path(photo) for photo in photos),
            user_index=user_index,
            photo_index=photo_index,
            original=np.array([self.values[i] for i in kept], np.float64),
            scale=self.scale,
        )


class PhotoPaths:
    """Paths under `folder`, each made once: tables name the same photo over and over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Path] = {}

    def __call__(self, name: str) -> Path | None:
        """`folder/name`; None for no name."""
        if not name:
            return None
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self.folder / name
        return found


def indexed(words: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """The different `words` in order, and for each word its place among them."""
    names = sorted(set(words))
    place = {name: index for index, name in enumerate(names)}
    return tuple(names), np.fromiter((place[word] for word in words), np.intp, len(words))


def nothing(path: Path, what: str, layout: str, log: SkipLog) -> DatasetError:
    """The error of a dataset of which nothing is left: what was expected, and what was skipped."""
    return DatasetError("\n".join([f"{path} {what}; expected {layout}", *log.closed().summary()]))

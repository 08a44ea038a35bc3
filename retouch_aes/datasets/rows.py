"""Rows of text files with their line numbers, and single ratings gathered from them.

Every reader of a published layout is a loop over rows; what a row may hold, and what is said of a bad one, is
the same for all. Headings may have blanks around their names, a byte order mark before them and any of the
usual delimiters; rows that do not fit are noted and left out.
"""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retouch_aes.datasets.ratings import Integers, Ratings
from retouch_aes.datasets.skipped import BAD_VALUE, DUPLICATED, INCOMPLETE, MISSING, SkipLog
from retouch_aes.errors import DatasetError
from retouch_aes.photo.finding import is_there

DELIMITERS = ",;\t= "


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
    """`(line number, cells)` of a table with a heading: cells of `columns`, then of the `optional` ones.

    Names are compared without blanks around them; further columns are ignored. The delimiter is the first
    of comma, semicolon, tab, `=` and blank with which the heading holds all `columns`. An optional column
    that is not there gives "". Rows of another width go to `log`. `DatasetError` where the heading lacks a
    column or the file is no text.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            delimiter = _delimiter(file.readline(), columns, path)
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter)
            heading = [name.strip() for name in next(rows)]
            places = [heading.index(column) for column in columns]
            places += [heading.index(name) if name in heading else -1 for name in optional]
            for row in rows:
                if row and len(row) != len(heading):
                    expected = f"expected {len(heading)} values, got {len(row)}"
                    log.add(INCOMPLETE, f"{path}:{rows.line_num}", expected)
                elif row:
                    yield rows.line_num, [row[place].strip() if place >= 0 else "" for place in places]
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} is no UTF-8 text with separated values: {error}") from None


def columns_of(path: Path) -> list[str]:
    """The names in the heading of `path`, with the delimiter that makes most of them."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            line = file.readline()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is no UTF-8 text") from None
    return max((_heading(line, delimiter) for delimiter in DELIMITERS[:-1]), key=len)


def _delimiter(line: str, columns: Sequence[str], path: Path) -> str:
    for delimiter in DELIMITERS:
        if set(columns) <= set(_heading(line, delimiter)):
            return delimiter
    found = [word.strip() for word in line.split(",")]
    raise DatasetError(f"{path}:1: expected the columns {','.join(columns)}, got {found}")


def _heading(line: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]


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

"""Rows of text files with their line numbers, and single ratings gathered from them with all that is wrong.

Every reader of a published layout is a loop over rows; what a row may hold, and what is said of a bad one, is
the same for all.
"""

import csv
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.errors import DatasetError


def read_lines(path: Path) -> list[tuple[int, str]]:
    """`(line number, text)` of the lines that are not empty. `DatasetError` for what is no UTF-8 text."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is no UTF-8 text") from None
    return [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]


def read_table(path: Path, columns: Sequence[str], problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """`(line number, cells of `columns`)` of a CSV with a heading; further columns are ignored.

    Names are compared without blanks around them. Rows of another width go to `problems`. `DatasetError`
    where the heading lacks a column or the file is no CSV.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            heading = [name.strip() for name in next(rows, [])]
            if not set(columns) <= set(heading):
                raise DatasetError(f"{path}:1: expected the columns {','.join(columns)}, got {heading}")
            places = [heading.index(column) for column in columns]
            for row in rows:
                if row and len(row) != len(heading):
                    problems.append(f"{path}:{rows.line_num}: expected {len(heading)} values, got {len(row)}")
                elif row:
                    yield rows.line_num, [row[place].strip() for place in places]
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} is no UTF-8 text with comma-separated values: {error}") from None


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


def check_photos(
    photos: Collection[Path], where: Callable[[Path], str], problems: list[str], *, missing_allowed: bool
) -> set[Path]:
    """Those of `photos` that are files; the others go to `problems`, unless they may be missing."""
    there = {photo for photo in photos if photo.is_file()}
    if not missing_allowed:
        problems += [f"{where(photo)}: photo not found: {photo}" for photo in sorted(set(photos) - there)]
    return there


@dataclass
class Gathered:
    """Ratings on `scale` as they are read; `take` them, then ask for `ratings` once."""

    scale: tuple[float, float]
    users: list[str] = field(default_factory=list)
    photos: list[Path] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    first: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def take(self, where: str, user: str, photo: Path | None, text: str) -> None:
        """One rating; `where` is `file:line`, `photo` None where the row names none."""
        value = to_number(text, *self.scale)
        if not user or photo is None:
            self.problems.append(f"{where}: expected a user and a photo, got {user!r} and {photo}")
        elif isinstance(value, str):
            self.problems.append(f"{where}: {value}")
        else:
            self.users.append(user)
            self.photos.append(photo)
            self.values.append(value)
            self.first.setdefault(photo, where)

    def ratings(self, path: Path, layout: str, *, missing_allowed: bool = False) -> Ratings:
        """All of them, or one `DatasetError` with every problem; `layout` says what was expected."""
        there = check_photos(
            self.first, self.first.__getitem__, self.problems, missing_allowed=missing_allowed
        )
        refuse(path, self.problems, f"expected {layout}; correct or remove these, or allow missing photos")
        kept = [index for index, photo in enumerate(self.photos) if photo in there]
        if not kept:
            raise DatasetError(f"{path} rates no photo that is there; expected {layout}")
        names, user_index = np.unique(np.array([self.users[i] for i in kept], object), return_inverse=True)
        texts = np.array([str(self.photos[i]) for i in kept], object)
        photos, photo_index = np.unique(texts, return_inverse=True)
        return Ratings(
            users=tuple(names),
            photos=tuple(Path(photo) for photo in photos),
            user_index=user_index,
            photo_index=photo_index,
            original=np.array([self.values[i] for i in kept], np.float64),
            scale=self.scale,
        )

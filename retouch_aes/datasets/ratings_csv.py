"""The plainest layout of rated photos: a table with the columns `user,photo,rating`, and a folder.

`photo` is a path relative to the folder, composed or decomposed (macOS) as to its accents. Further columns
are ignored, and their order is free; commas, semicolons and tabs separate them (`tables`). The scale of
the ratings is given, or is the first of 0..1, 1..5, 1..7, 1..10, 0..10 and 0..100 that holds them all; so a
7-point scale whose 7 was never used needs to be given.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.tables import Table
from retouch_aes.errors import DatasetError, UsageError
from retouch_aes.photo.finding import as_on_disk, is_there

COLUMNS = ("user", "photo", "rating")
SCALES = ((0.0, 1.0), (1.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0))
ADVICE = "expected rows `user,photo,rating` with photos relative to the photo folder; correct or remove these"


@dataclass(frozen=True)
class RatingsCSV:
    """Reader of `path` with photos under the folder `photos`; `scale` (lowest, highest) or detected."""

    path: Path | str
    photos: Path | str
    scale: tuple[float, float] | None = None

    def read(self) -> Ratings:
        """Every rating. All malformed rows and missing photos are reported in one `DatasetError`."""
        if self.scale is not None and not self.scale[0] < self.scale[1]:
            raise UsageError(f"expected a scale (lowest, highest), got {self.scale}")
        path, folder = Path(self.path), Path(self.photos)
        table = _Rows(path, self.scale)
        files = {name: as_on_disk(folder / name) for name in table.photos}
        missing = [name for name in sorted(files) if not is_there(files[name])]
        lines = [f"{path}:{table.photos[n]}: photo not found: {folder / n}" for n in missing]
        refuse(path, table.problems + lines, ADVICE)
        if not table.ratings:
            raise DatasetError(f"{path} has no ratings below its heading")
        users, user_index = np.unique(np.array(table.users, dtype=object), return_inverse=True)
        places = np.array([str(files[name]) for name in table.names], dtype=object)
        photos, photo_index = np.unique(places, return_inverse=True)
        original = np.array(table.ratings, np.float64)
        return Ratings(
            users=tuple(users),
            photos=tuple(map(Path, photos)),
            user_index=user_index,
            photo_index=photo_index,
            original=original,
            scale=self.scale or detect_scale(float(original.min()), float(original.max()), path),
        )


def detect_scale(lowest: float, highest: float, path: Path) -> tuple[float, float]:
    """The first common scale that holds ratings from `lowest` to `highest`, or a `DatasetError`."""
    for low, high in SCALES:
        if low <= lowest and highest <= high:
            return low, high
    raise DatasetError(
        f"{path} has ratings from {lowest:g} to {highest:g}: give their scale (lowest, highest)"
    )


@dataclass
class _Rows:
    """The rows of the file, sound ones in columns, the others as problems with file and line."""

    path: Path
    scale: tuple[float, float] | None
    users: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    ratings: list[float] = field(default_factory=list)
    photos: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        table = Table(self.path, COLUMNS, lambda where, text: self.problems.append(f"{where}: {text}"))
        for line, (user, name, text) in table:
            self._take(user, name, table.number(text), line)

    def _take(self, user: str, name: str, text: str, line: int) -> None:
        problem = self._problem(user, name, text)
        if problem:
            self.problems.append(f"{self.path}:{line}: {problem}")
            return
        self.users.append(user)
        self.names.append(name)
        self.ratings.append(float(text))
        self.photos.setdefault(name, line)

    def _problem(self, user: str, name: str, text: str) -> str | None:
        if not user or not name:
            return f"expected a user and a photo, got {user!r} and {name!r}"
        try:
            rating = float(text)
        except ValueError:
            rating = math.nan
        if not math.isfinite(rating):
            return f"expected a number as rating, got {text!r}"
        if self.scale and not self.scale[0] <= rating <= self.scale[1]:
            return f"expected a rating in {self.scale[0]:g}..{self.scale[1]:g}, got {text}"
        return None

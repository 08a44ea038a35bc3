"""EVA as its authors publish it: 4,070 photos of AVA, each rated by 30 to 46 people who say why.

Kang, Valenzise & Dufaux, "EVA: An Explainable Visual Aesthetics Dataset" (ATQAM/MAST 2020):

    data/votes_filtered.csv           image_id=user_id=score=difficulty=visual=composition=quality=semantic
    data/users.csv                    id=age=region=photographic_level_id=gender_id=eyecheck
    data/image_content_category.csv   image id, number of its category
    EVA_together/ID.jpg, or images/EVA_together/ID.jpg

Scores are 0..10, the four attributes 1 (very bad) to 4 (very good), `age` is the year of birth. The authors
give no split.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from retouch_aes.datasets.rated_dataset import PhotoAttributes, PhotoTags, RatedDataset
from retouch_aes.datasets.ratings import Floats
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.rows import PhotoPaths, RatingRows, read_lines, read_table, to_number
from retouch_aes.datasets.skipped import BAD_VALUE, DUPLICATED, INCOMPLETE, NO_FILE, SkipLog
from retouch_aes.datasets.tables import columns_of
from retouch_aes.datasets.user_traits import UserTraits

EVA_ATTRIBUTES = ("visual", "composition", "quality", "semantic")
CONTENTS = ("animals", "architecture and city", "human", "nature and country", "still life", "other")
LEVELS = {"0": "none", "1": "beginner", "2": "amateur", "3": "professional"}
GENDERS = {"1": "male", "2": "female"}
FOLDERS = ("EVA_together", "images/EVA_together", "images/EVA_together/EVA_together", "images")


@dataclass(frozen=True)
class EVA(DatasetReader):
    """Reader of the folder with `data/` and the photos; `images` where these lie elsewhere."""

    folder: Path | str
    images: Path | str | None = None

    short_name: ClassVar[str] = "eva"
    title: ClassVar[str] = "EVA"
    layout: ClassVar[str] = (
        "data/votes_filtered.csv\ndata/users.csv (may be missing)\ndata/image_content_category.csv (may be "
        "missing)\nEVA_together/ID.jpg"
    )
    source: ClassVar[str] = "https://github.com/kang-gnak/eva-dataset"

    def read(self) -> RatedDataset:
        """Every vote, with mean attributes and categories of the photos and traits of the people."""
        path, log = Path(self.folder) / "data" / "votes_filtered.csv", SkipLog()
        gathered, votes = RatingRows((0.0, 10.0), log), dict[Path, list[list[float]]]()
        paths = PhotoPaths(self._images())
        for line, (name, user, score, *cells) in read_table(
            path, ("image_id", "user_id", "score"), log, optional=EVA_ATTRIBUTES
        ):
            photo, where = paths(f"{name}.jpg") if name else None, f"{path}:{line}"
            before = len(gathered.values)
            gathered.take(where, user, photo, score)
            if photo is not None and len(gathered.values) > before:
                votes.setdefault(photo, []).append([_level(cell, where, log) for cell in cells])
        ratings = gathered.ratings(path, self.layout)
        means = np.array([_mean(np.array(votes[photo])) for photo in ratings.photos])
        return RatedDataset(
            name=self.short_name,
            photos=ratings.photos,
            mean_scores=ratings.mean_scores(),
            ratings=ratings,
            attributes=PhotoAttributes(EVA_ATTRIBUTES, (means - 2.5) / 1.5),
            tags=self._tags(ratings.photos, log),
            traits=self._traits(log),
            skipped=log.closed(),
        )

    def _images(self) -> Path:
        if self.images is not None:
            return Path(self.images)
        folders = [Path(self.folder) / name for name in FOLDERS]
        return next((folder for folder in folders if folder.is_dir()), folders[0])

    def _tags(self, photos: tuple[Path, ...], log: SkipLog) -> PhotoTags | None:
        path = Path(self.folder) / "data" / "image_content_category.csv"
        if not path.is_file():
            log.add(NO_FILE, path, "categories are left out")
            return None
        delimiter = next((sign for sign in ",;=\t" if sign in read_lines(path)[0][1]), ",")
        found: dict[str, int] = {}
        for number, line in read_lines(path)[1:]:
            words = [word.strip() for word in next(csv.reader([line], delimiter=delimiter), [])]
            value = to_number(words[1], 1, len(CONTENTS)) if len(words) > 1 else "expected id and category"
            if isinstance(value, str):
                log.add(BAD_VALUE, f"{path}:{number}", value)
            else:
                found[words[0]] = int(value) - 1
        return PhotoTags(CONTENTS, np.array([found.get(p.stem, -1) for p in photos], np.intp)[:, None])

    def _traits(self, log: SkipLog) -> UserTraits | None:
        path = Path(self.folder) / "data" / "users.csv"
        if not path.is_file():
            log.add(NO_FILE, path, "what is known of users is left out")
            return None
        rows: dict[str, list[str]] = {}
        wanted = ("age", "region", "photographic_level_id", "gender_id", "eyecheck")
        key = "id" if "id" in columns_of(path) else "user_id"
        for line, (user, *cells) in read_table(path, (key,), log, optional=wanted):
            if not user or user in rows:
                log.add(DUPLICATED if user else INCOMPLETE, f"{path}:{line}", f"user {user!r}")
            else:
                rows[user] = cells
        users = tuple(sorted(rows))
        born = [to_number(rows[user][0], 1850, 2100) for user in users]
        return UserTraits(
            users,
            {
                "region": tuple(rows[user][1] for user in users),
                "photographicLevel": tuple(LEVELS.get(rows[user][2], rows[user][2]) for user in users),
                "gender": tuple(GENDERS.get(rows[user][3], rows[user][3]) for user in users),
                "eyecheck": tuple(rows[user][4] for user in users),
            },
            {"birthYear": np.array([np.nan if isinstance(year, str) else year for year in born])},
        )


def _level(cell: str, where: str, log: SkipLog) -> float:
    value = to_number(cell, 1, 4) if cell else np.nan
    if isinstance(value, str):
        log.add(BAD_VALUE, where, value)
        return np.nan
    return value


def _mean(votes: Floats) -> Floats:
    """`(V, A)` -> `(A,)`: of each attribute over those who said it, NaN where nobody did."""
    known = np.isfinite(votes)
    counts = known.sum(0)
    return np.where(counts > 0, np.where(known, votes, 0.0).sum(0) / np.maximum(counts, 1), np.nan)

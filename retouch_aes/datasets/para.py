"""PARA as its authors publish it: ratings, attributes and user ids of 31,220 photos by 438 people.

Yang et al., "Personalized Image Aesthetics Assessment with Rich Attributes" (CVPR 2022):

    imgs/SESSION/PHOTO
    annotation/PARA-Images.csv                           a row per person and photo
    annotation/PARA-GiaaTrain.csv, PARA-GiaaTest.csv     the authors' split, a row per photo
    annotation/PARA-UserInfo.csv                         a row per person

Columns are found by name: `sessionId`, `imageName`, `userId`, `aestheticScore` (1..5 in halves), the
attributes below (1..5) and `semantic`; in the two lists also `aestheticScore_1.0` to `aestheticScore_5.0`,
how many gave that; of people their age, gender, education, experience and the Big Five.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from retouch_aes.datasets.histograms import rebin
from retouch_aes.datasets.para_users import read_para_users
from retouch_aes.datasets.rated_dataset import PhotoAttributes, PhotoTags, PublishedSplit, RatedDataset
from retouch_aes.datasets.ratings import Floats, Ratings
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.rows import PhotoPaths, RatingRows, read_table, to_number
from retouch_aes.datasets.skipped import BAD_VALUE, DUPLICATED, INCOMPLETE, NO_FILE, SkipLog

PARA_ATTRIBUTES = (
    "qualityScore",
    "compositionScore",
    "colorScore",
    "dofScore",
    "contentScore",
    "lightScore",
    "contentPreference",
    "willingnessToShare",
)
STEPS = tuple(f"{1 + half / 2:.1f}" for half in range(9))
LISTS = {"train": "GiaaTrain", "test": "GiaaTest"}
_WHO = ("sessionId", "imageName", "userId", "aestheticScore")


@dataclass
class _Means:
    """Sums of attributes over the people who rated a photo, and what they said it shows."""

    sums: dict[Path, Floats] = field(default_factory=dict)
    counts: dict[Path, Floats] = field(default_factory=dict)
    scenes: dict[Path, str] = field(default_factory=dict)

    def take(self, photo: Path, values: Floats, scene: str) -> None:
        known = np.isfinite(values)
        if photo not in self.sums:
            self.sums[photo], self.counts[photo] = np.zeros(len(values)), np.zeros(len(values))
        self.sums[photo] += np.where(known, values, 0.0)
        self.counts[photo] += known
        if scene:
            self.scenes.setdefault(photo, scene)

    def means(self, photo: Path) -> Floats:
        counts = self.counts[photo]
        return np.where(counts > 0, self.sums[photo] / np.maximum(counts, 1), np.nan)


@dataclass(frozen=True)
class PARA(DatasetReader):
    """Reader of the folder with `imgs/` and `annotation/`. Parts: `train` and `test`, the authors' photos."""

    folder: Path | str

    short_name: ClassVar[str] = "para"
    title: ClassVar[str] = "PARA"
    layout: ClassVar[str] = (
        "annotation/PARA-Images.csv\nannotation/PARA-GiaaTrain.csv and PARA-GiaaTest.csv (may be missing)\n"
        "annotation/PARA-UserInfo.csv (may be missing)\nimgs/SESSION/PHOTO"
    )
    source: ClassVar[str] = "https://cv-datasets.institutecv.com/#/data-sets"

    def read(self) -> RatedDataset:
        """Everyone's aesthetic scores, with mean attributes, scenes and what is known of the people."""
        path, log = self._file("Images"), SkipLog()
        gathered, means, paths = RatingRows((1.0, 5.0), log), _Means(), self._paths()
        rows = read_table(path, _WHO, log, optional=(*PARA_ATTRIBUTES, "semantic"))
        for line, (session, name, user, score, *cells, scene) in rows:
            photo = paths(f"{session}/{name}") if session and name else None
            before = len(gathered.values)
            gathered.take(f"{path}:{line}", user, photo, score)
            if photo is not None and len(gathered.values) > before:
                means.take(photo, _attributes(cells, f"{path}:{line}", log), scene)
        ratings = gathered.ratings(path, self.layout)
        lists = {part: self._list(kind, log) for part, kind in LISTS.items() if self._there(kind, log)}
        photos, users = set(ratings.photos), self._file("UserInfo")
        scenes = sorted(set(means.scenes.values()))
        tags = [scenes.index(means.scenes[p]) if p in means.scenes else -1 for p in ratings.photos]
        return RatedDataset(
            name=self.short_name,
            photos=ratings.photos,
            mean_scores=ratings.mean_scores(),
            distributions=_distributions(ratings, {p: v for part in lists.values() for p, v in part.items()}),
            ratings=ratings,
            attributes=PhotoAttributes(
                PARA_ATTRIBUTES, np.array([(means.means(photo) - 3) / 2 for photo in ratings.photos])
            ),
            tags=PhotoTags(tuple(scenes), np.array(tags, np.intp)[:, None]) if scenes else None,
            traits=read_para_users(users, log) if self._there("UserInfo", log) else None,
            splits={
                part: PublishedSplit(tuple(photo for photo in rows if photo in photos))
                for part, rows in lists.items()
            },
            skipped=log.closed(),
        )

    def _list(self, kind: str, log: SkipLog) -> dict[Path, Floats | None]:
        """The photos of a list with their votes `(9,)` for 1.0, 1.5, ... 5.0, None for not given."""
        path, found, paths = self._file(kind), dict[Path, Floats | None](), self._paths()
        steps = tuple(f"aestheticScore_{step}" for step in STEPS)
        for line, (session, name, *cells) in read_table(
            path, ("sessionId", "imageName"), log, optional=steps
        ):
            photo = paths(f"{session}/{name}") if session and name else None
            where = f"{path}:{line}"
            if photo is None:
                log.add(INCOMPLETE, where, "expected a session and a photo")
            elif photo in found:
                log.add(DUPLICATED, where, f"photo {photo.name} is in the list already")
            else:
                votes = [to_number(text, 0.0, 1e6) for text in cells]
                numbers = [vote for vote in votes if not isinstance(vote, str)]
                whole = len(numbers) == len(votes) and sum(numbers) > 0
                found[photo] = np.array(numbers) if whole else None
                if not whole:
                    log.add(INCOMPLETE, where, "no distribution; that of the single ratings is taken")
        return found

    def _there(self, kind: str, log: SkipLog) -> bool:
        path = self._file(kind)
        if not path.is_file():
            log.add(NO_FILE, path, "what it says is left out")
        return path.is_file()

    def _file(self, kind: str) -> Path:
        return Path(self.folder) / "annotation" / f"PARA-{kind}.csv"

    def _paths(self) -> PhotoPaths:
        return PhotoPaths(Path(self.folder) / "imgs")


def _attributes(cells: list[str], where: str, log: SkipLog) -> Floats:
    """`(A,)`, NaN where a cell is empty or no number in 1..5."""
    values = [to_number(cell, 1.0, 5.0) if cell else np.nan for cell in cells]
    for name, value in zip(PARA_ATTRIBUTES, values, strict=True):
        if isinstance(value, str):
            log.add(BAD_VALUE, where, f"{name}: {value}")
    return np.array([np.nan if isinstance(value, str) else value for value in values])


def _distributions(ratings: Ratings, votes: dict[Path, Floats | None]) -> Floats:
    """Those of the lists where they are given, else those of the single ratings."""
    found = ratings.histograms()
    scores = 1 + 9 * (np.array(STEPS, np.float64) - 1) / 4
    for index, photo in enumerate(ratings.photos):
        given = votes.get(photo)
        if given is not None:
            found[index] = rebin(given[None], scores)[0]
    return found
